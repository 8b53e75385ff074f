/* Has an init but no exit function: it stays. */
#include <linux/module.h>
static int __init start(void) { return 0; }
module_init(start);
