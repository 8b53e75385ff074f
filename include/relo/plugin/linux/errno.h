/* Error numbers, which an init function returns negated. The system's own where it has them: this
 * file may stand before the system's <linux/errno.h>. */
#ifndef RELO_PLUGIN_LINUX_ERRNO_H
#define RELO_PLUGIN_LINUX_ERRNO_H

#if defined(__has_include)
#if __has_include(<asm/errno.h>)
#define RELO_PLUGIN_SYSTEM_ERRNO
#endif
#endif

#ifdef RELO_PLUGIN_SYSTEM_ERRNO
#include <asm/errno.h>
#else
#include <errno.h>
/* What a small C library may leave out, as most Linux machines number it. */
#ifndef EPERM
#define EPERM 1
#endif
#ifndef ENOENT
#define ENOENT 2
#endif
#ifndef EIO
#define EIO 5
#endif
#ifndef ENXIO
#define ENXIO 6
#endif
#ifndef E2BIG
#define E2BIG 7
#endif
#ifndef EAGAIN
#define EAGAIN 11
#endif
#ifndef ENOMEM
#define ENOMEM 12
#endif
#ifndef EACCES
#define EACCES 13
#endif
#ifndef EFAULT
#define EFAULT 14
#endif
#ifndef EBUSY
#define EBUSY 16
#endif
#ifndef EEXIST
#define EEXIST 17
#endif
#ifndef ENODEV
#define ENODEV 19
#endif
#ifndef EINVAL
#define EINVAL 22
#endif
#ifndef ENOSPC
#define ENOSPC 28
#endif
#ifndef ERANGE
#define ERANGE 34
#endif
#ifndef ENOSYS
#define ENOSYS 38
#endif
#ifndef EOPNOTSUPP
#define EOPNOTSUPP 95
#endif
#ifndef ETIMEDOUT
#define ETIMEDOUT 110
#endif
#endif

#endif
