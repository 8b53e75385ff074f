/* Odds and ends. */
#ifndef RELO_PLUGIN_LINUX_KERNEL_H
#define RELO_PLUGIN_LINUX_KERNEL_H

/* This file may stand before the system's <linux/kernel.h>, which has these. */
#if defined(__has_include)
#if __has_include(<linux/sysinfo.h>) && __has_include(<linux/const.h>)
#include <linux/const.h>
#include <linux/sysinfo.h>
#endif
#endif

#include "errno.h"
#include "printk.h"
#include "types.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
