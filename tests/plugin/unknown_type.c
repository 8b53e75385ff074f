#include <linux/module.h>

static short number;
module_param(number, short, 0);
