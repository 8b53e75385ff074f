/* A library for other plugins. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Integer arithmetic");

/* The largest integer whose square is not greater than n, by Newton's method; 0 for n < 0. */
int square_root(int n) {
  int x = n, next = n / 2 + 1;

  if (n < 2) return n < 0 ? 0 : n;
  while (next < x) {
    x = next;
    next = (x + n / x) / 2;
  }
  return x;
}
EXPORT_SYMBOL(square_root);

int calls_made;
EXPORT_SYMBOL(calls_made);
