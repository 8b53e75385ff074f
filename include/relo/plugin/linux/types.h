/* Integer types by width. Where the system has headers of its own for these, they are used: this
 * file may stand before the system's <linux/types.h>, and must then be as good. */
#ifndef RELO_PLUGIN_LINUX_TYPES_H
#define RELO_PLUGIN_LINUX_TYPES_H

#include <stddef.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

#if defined(__has_include)
#if __has_include(<asm/types.h>) && __has_include(<linux/posix_types.h>)
#define RELO_PLUGIN_SYSTEM_TYPES
#endif
#endif

#ifdef RELO_PLUGIN_SYSTEM_TYPES
#include <asm/types.h>
#include <linux/posix_types.h>
#else
#include <stdint.h>
typedef int8_t __s8;
typedef uint8_t __u8;
typedef int16_t __s16;
typedef uint16_t __u16;
typedef int32_t __s32;
typedef uint32_t __u32;
__extension__ typedef long long __s64; /* so that %lld prints it on every machine */
__extension__ typedef unsigned long long __u64;
#endif

#define __bitwise
typedef __u16 __le16;
typedef __u16 __be16;
typedef __u32 __le32;
typedef __u32 __be32;
typedef __u64 __le64;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
typedef unsigned __poll_t;
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#define __aligned_s64 __s64 __attribute__((aligned(8)))
#define __aligned_be64 __be64 __attribute__((aligned(8)))
#define __aligned_le64 __le64 __attribute__((aligned(8)))

typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

#endif
