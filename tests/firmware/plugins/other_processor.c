/* Compiled for a processor that the board has not. */
#include <linux/module.h>
int tripled(int n) { return n * 3; }
EXPORT_SYMBOL(tripled);
