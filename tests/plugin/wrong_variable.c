#include <linux/module.h>

static long number;
module_param(number, int, 0);
