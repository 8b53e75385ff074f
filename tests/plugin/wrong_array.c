#include <linux/module.h>

static short numbers[3];
module_param_array(numbers, int, NULL, 0);
