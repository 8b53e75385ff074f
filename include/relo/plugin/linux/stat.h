/* Permissions, by name. This file may stand before the system's <linux/stat.h>, which <sys/stat.h>
 * looks for and can do without. */
#ifndef RELO_PLUGIN_LINUX_STAT_H
#define RELO_PLUGIN_LINUX_STAT_H

#if defined(__has_include)
#if __has_include(<sys/stat.h>)
#include <sys/stat.h>
#endif
#endif

#ifndef S_IRUSR
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IXGRP 0010
#define S_IROTH 0004
#define S_IWOTH 0002
#define S_IXOTH 0001
#endif
#define S_IRUGO (S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO (S_IWUSR | S_IWGRP | S_IWOTH)
#define S_IXUGO (S_IXUSR | S_IXGRP | S_IXOTH)

#endif
