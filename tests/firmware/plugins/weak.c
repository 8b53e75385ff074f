/* Asks whether there is a function before it calls it. */
#include <linux/module.h>
__attribute__((weak)) int square_root(int n);
int root_or(int n, int other) { return square_root ? square_root(n) : other; }
EXPORT_SYMBOL(root_or);
