/* Uses what maths.c exports. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Geometry, by means of maths");

extern int square_root(int n);
extern int calls_made;

int hypotenuse(int a, int b) {
  calls_made++;
  return square_root(a * a + b * b);
}
EXPORT_SYMBOL(hypotenuse);

/* Function pointers are addresses, not branches: no veneer stands between. */
static int (*const root)(int) = square_root;

int diagonal(int side) { return root(2 * side * side); }
EXPORT_SYMBOL(diagonal);
