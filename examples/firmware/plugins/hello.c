/* Greets when it is loaded: what a plugin with parameters looks like. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Greets");

static char* whom = "world";
module_param(whom, charp, 0444);

static int count = 1;
module_param(count, int, 0444);

static bool polite = true;
module_param(polite, bool, 0444);

int greet(int times) {
  int i;

  for (i = 0; i < times; i++) printk("Hello, %s!\n", whom);
  return times;
}
EXPORT_SYMBOL(greet);

static int __init hello_init(void) {
  if (count < 0) return -EINVAL;
  greet(count);
  return 0;
}

static void __exit hello_exit(void) {
  if (polite) printk("Goodbye, %s!\n", whom);
}

module_init(hello_init);
module_exit(hello_exit);
