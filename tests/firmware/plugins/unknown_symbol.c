/* Calls what nobody has. */
#include <linux/module.h>
int nobody_has_this(int);
int asks(int i) { return nobody_has_this(i) + 1; }
EXPORT_SYMBOL(asks);
