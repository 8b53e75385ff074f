/* What compilers call functions of their own library for. */
#include <linux/module.h>

int calls_made;

int chosen(int n) {
  switch (n) {
    case 0: calls_made += 3; return 11;
    case 1: calls_made ^= 5; return 7;
    case 2: calls_made -= n; return calls_made;
    case 3: calls_made = n; return 1;
    case 4: return calls_made * 3;
    case 5: calls_made += 9; return 2;
    default: return -1;
  }
}
EXPORT_SYMBOL(chosen);

int quotient(int n) { return (int)(1000000000000ull / (unsigned)n); }
EXPORT_SYMBOL(quotient);

int zeros_below(int n) { return __builtin_ctz((unsigned)n); }
EXPORT_SYMBOL(zeros_below);

int half(int n) { return (int)((float)n * 0.5F + 0.25F); }
EXPORT_SYMBOL(half);

int root_of(int n) { /* enough registers for a prologue of -msave-restore */
  int low = 0, high = n;
  while (low + 1 < high) {
    const int middle = low + (high - low) / 2;
    if (quotient(middle) >= middle && (long long)middle * middle <= n) low = middle;
    else high = middle;
  }
  return low;
}
EXPORT_SYMBOL(root_of);
