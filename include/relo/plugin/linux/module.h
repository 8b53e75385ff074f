/* All that a module needs to be one. */
#ifndef RELO_PLUGIN_LINUX_MODULE_H
#define RELO_PLUGIN_LINUX_MODULE_H

#include "errno.h"
#include "export.h"
#include "init.h"
#include "kernel.h"
#include "moduleparam.h"
#include "printk.h"
#include "types.h"

/* "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL", or
 * anything else for a module that does not see what EXPORT_SYMBOL_GPL() exports. */
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)

#endif
