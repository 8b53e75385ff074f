#include <linux/module.h>

static int __init start(void) {
  pr_info("started\n");
  return 0;
}
module_init(start);
