/* cc -I include/relo/plugin -c helloworld.c */
#include <linux/init.h>
#include <linux/module.h>

#include "helloworld.h"

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The authors of relo");
MODULE_DESCRIPTION("Greets when it is loaded, and for others");
MODULE_VERSION("1.0");

static char* whom = "world";
module_param(whom, charp, 0444);
MODULE_PARM_DESC(whom, "whom to greet");

static int count = 1;
module_param(count, int, 0444);
MODULE_PARM_DESC(count, "how often");

static bool polite = true;
module_param(polite, bool, 0444);
MODULE_PARM_DESC(polite, "say goodbye, too");

/* Read-only once hello_init() has returned. */
static int most __ro_after_init;

int hello_greet(const char* name) {
  int i;

  for (i = 0; i < most; i++) pr_info("Hello, %s!\n", name);
  return most;
}
EXPORT_SYMBOL_GPL(hello_greet);

static int __init hello_init(void) {
  if (count < 0) {
    pr_err("count is %d, and cannot be negative\n", count);
    return -EINVAL;
  }
  most = count;
  hello_greet(whom);
  return 0;
}

static void __exit hello_exit(void) {
  if (polite) pr_info("Goodbye, %s!\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);
