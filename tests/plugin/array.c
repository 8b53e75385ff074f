#include <linux/module.h>

static int numbers[3];
static int count;
module_param_array(numbers, int, &count, 0);
