#include <linux/module.h>

static void __init nothing(void) {}
module_init(nothing);
