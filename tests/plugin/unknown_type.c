#include <linux/module.h>

static float number;
module_param(number, float, 0);
