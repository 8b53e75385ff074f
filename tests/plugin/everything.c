/* Every macro of relo/plugin, in the language of whoever compiles this: C or C++. */
#define pr_fmt(format) "everything: " format

/* A plugin may use its C library, whatever the order of headers. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#ifdef IN_EXTERN_C /* as people include what they know to be C */
extern "C" {
#endif
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/stat.h>
#include <linux/types.h>
#ifdef IN_EXTERN_C
}
#endif

#ifdef __linux__
#include <sys/sysinfo.h>
#endif

MODULE_LICENSE("Dual MIT/GPL");
MODULE_AUTHOR("one");
MODULE_AUTHOR("another");
MODULE_DESCRIPTION("a description that is longer than thirty-two characters");
MODULE_VERSION("1.2");
MODULE_ALIAS("all");
MODULE_SOFTDEP("pre: nothing");
MODULE_INFO(name, "everything_there_is");

static bool flag;
static int number = 3;
static const char* text = "default";
static struct {
  int width;
} shape;
module_param(flag, bool, 0444);
module_param(number, int, S_IRUGO);
module_param(text, charp, 0);
MODULE_PARM_DESC(text, "a text");
module_param_named(width, shape.width, int, 0600);
MODULE_PARM_DESC(width, "a member");

static bool off = true;
static bool on;
static int level;
static unsigned char octet;
static short low;
static unsigned short port;
static unsigned mask, shown;
static long offset;
static unsigned long size;
static unsigned long long serial;
module_param(off, invbool, 0);
module_param(on, bool_enable_only, 0);
module_param(level, bint, 0);
module_param(octet, byte, 0);
module_param(low, short, 0);
module_param(port, ushort, 0);
module_param(mask, uint, 0);
module_param(shown, hexint, 0);
module_param(offset, long, 0);
module_param(size, ulong, 0);
module_param(serial, ullong, 0);

static int list[4];
static unsigned listed;
static const char* words[2];
static char letters[8] = "initial";
module_param_array(list, int, &listed, 0);
module_param_array_named(word, words, charp, NULL, 0);
module_param_string(letters, letters, sizeof(letters), 0);

#ifdef __cplusplus
extern "C" {
#endif
int everything_number(void);
const char* everything_text(void);
int everything_flag(void);
int everything_width(void);
struct module* everything_this(void);
u64 everything_sizes(void);
const char* everything_else(void);
extern int everything_state;
#ifdef __cplusplus
}
#endif

int everything_state __ro_after_init = 0;
EXPORT_SYMBOL(everything_state);

int everything_number(void) { return number; }
EXPORT_SYMBOL(everything_number);
const char* everything_text(void) { return text; }
EXPORT_SYMBOL(everything_text);
int everything_flag(void) { return flag; }
EXPORT_SYMBOL_GPL(everything_flag);
int everything_width(void) { return shape.width; }
EXPORT_SYMBOL_GPL(everything_width);
struct module* everything_this(void) { return THIS_MODULE; }
EXPORT_SYMBOL(everything_this);

static char all[300];
const char* everything_else(void) {
  snprintf(all, sizeof all, "%d %d %d %u %d %u %u %x %ld %lu %llu; %u: %d %d %d %d; %s %s; %s", off,
           on, level, octet, low, port, mask, shown, offset, size, serial, listed, list[0], list[1],
           list[2], list[3], words[0] ? words[0] : "-", words[1] ? words[1] : "-", letters);
  return all;
}
EXPORT_SYMBOL(everything_else);

/* A bit for each width that is wrong. */
u64 everything_sizes(void) {
  return (u64)((sizeof(u8) != 1) | (sizeof(s8) != 1) << 1 | (sizeof(u16) != 2) << 2 |
               (sizeof(s16) != 2) << 3 | (sizeof(u32) != 4) << 4 | (sizeof(s32) != 4) << 5 |
               (sizeof(u64) != 8) << 6 | (sizeof(s64) != 8) << 7 | (sizeof(ktime_t) != 8) << 8);
}
EXPORT_SYMBOL(everything_sizes);

static int values[] __initdata = {1, 2, 4};
static int touched __read_mostly;

static int __init everything_init(void) {
  unsigned long i;
  if (number < 0) return -ERANGE;
  for (i = 0; i < ARRAY_SIZE(values); ++i) everything_state += values[i];
  printk(KERN_WARNING "plain\n");
  printk("no level, %d\n", 0);
  pr_info("none\n");
  pr_err("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
         13, 14, 15);
  pr_debug("never, %d\n", ++touched);
  pr_cont("end of %s\n", KBUILD_MODNAME);
  return touched == 0 ? 0 : -EINVAL;
}

static void __exit everything_exit(void) {
  pr_notice("exit of %llx\n", (unsigned long long)everything_state);
}

module_init(everything_init);
module_exit(everything_exit);
