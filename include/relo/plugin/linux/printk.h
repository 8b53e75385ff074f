/* Printing, through a function _printk() that the loading program provides. */
#ifndef RELO_PLUGIN_LINUX_PRINTK_H
#define RELO_PLUGIN_LINUX_PRINTK_H

/* The level of a message stands before its text: SOH and a digit. */
#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_DEFAULT ""
#define KERN_CONT KERN_SOH "c" /* goes on with the line before */

#ifdef __cplusplus
extern "C" {
#endif
__attribute__((format(printf, 1, 2))) int _printk(const char* format, ...);
#ifdef __cplusplus
}
#endif

#define printk(...) _printk(__VA_ARGS__)

/* What every pr_*() of a file begins with; to be defined before this header is included. */
#ifndef pr_fmt
#define pr_fmt(format) format
#endif
/* The module's name, if the build says; else the source's. */
#ifndef KBUILD_MODNAME
#ifdef __FILE_NAME__
#define KBUILD_MODNAME __FILE_NAME__
#else
#define KBUILD_MODNAME __FILE__
#endif
#endif

/* pr_*(format, up to 15 arguments). A macro cannot tell `format` from `format, ...` without a
 * compiler's extension, so the number of arguments picks one of two. */
#define pr_emerg(...) RELO_PLUGIN_PR(KERN_EMERG, __VA_ARGS__)
#define pr_alert(...) RELO_PLUGIN_PR(KERN_ALERT, __VA_ARGS__)
#define pr_crit(...) RELO_PLUGIN_PR(KERN_CRIT, __VA_ARGS__)
#define pr_err(...) RELO_PLUGIN_PR(KERN_ERR, __VA_ARGS__)
#define pr_warn(...) RELO_PLUGIN_PR(KERN_WARNING, __VA_ARGS__)
#define pr_notice(...) RELO_PLUGIN_PR(KERN_NOTICE, __VA_ARGS__)
#define pr_info(...) RELO_PLUGIN_PR(KERN_INFO, __VA_ARGS__)
#define pr_cont(...) _printk(KERN_CONT __VA_ARGS__)
#ifdef DEBUG
#define pr_debug(...) RELO_PLUGIN_PR(KERN_DEBUG, __VA_ARGS__)
#else /* arguments are checked, and never evaluated */
#define pr_debug(...) ((void)(0 && RELO_PLUGIN_PR(KERN_DEBUG, __VA_ARGS__)))
#endif

#define RELO_PLUGIN_PR(level, ...)                                                                 \
  RELO_PLUGIN_17TH(__VA_ARGS__, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY, MANY,  \
                   MANY, MANY, MANY, MANY, ONE, 0)                                                 \
  (level, __VA_ARGS__)
#define RELO_PLUGIN_17TH(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16,    \
                         which, ...)                                                               \
  RELO_PLUGIN_PR_##which
#define RELO_PLUGIN_PR_ONE(level, format) _printk(level pr_fmt(format))
#define RELO_PLUGIN_PR_MANY(level, format, ...) _printk(level pr_fmt(format), __VA_ARGS__)

#endif
