#include <linux/ktime.h>
#include <linux/module.h>

MODULE_LICENSE("Proprietary");

static int __init start(void) { return ktime_get() < 0; }
static void __exit stop(void) {}
module_init(start);
module_exit(stop);
