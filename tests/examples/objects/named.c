#include <linux/module.h>

MODULE_INFO(name, "its_own_name");
