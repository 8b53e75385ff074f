/* Uses what helloworld.c exports, so helloworld.o is loaded first and removed last. */
#include <linux/init.h>
#include <linux/module.h>

#include "helloworld.h"

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Uses helloworld");

static int __init hellouser_init(void) {
  static const char* const names[] = {"Ada", "Grace"};
  unsigned long i;
  int greetings = 0;

  for (i = 0; i < ARRAY_SIZE(names); i++) greetings += hello_greet(names[i]);
  printk(KERN_NOTICE "%d greetings\n", greetings);
  return 0;
}

static void __exit hellouser_exit(void) { pr_info("hellouser goes first\n"); }

module_init(hellouser_init);
module_exit(hellouser_exit);
