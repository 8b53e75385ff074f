#include <linux/module.h>

static const struct kernel_param_ops ops;
static int number;
module_param_cb(number, &ops, &number, 0);
