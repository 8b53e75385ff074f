/* Time since some moment in the past, in nanoseconds, through a function that the loading program
 * provides. */
#ifndef RELO_PLUGIN_LINUX_KTIME_H
#define RELO_PLUGIN_LINUX_KTIME_H

#include "types.h"

typedef s64 ktime_t;

#ifdef __cplusplus
extern "C" {
#endif
ktime_t ktime_get(void);
#ifdef __cplusplus
}
#endif

#endif
