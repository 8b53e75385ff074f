/* About 20 KB of object: every kind of reference that the kernel code model compiles to. */
extern int imported(int);
extern int imported_variable;

#define TEN(m, n) m(n##0) m(n##1) m(n##2) m(n##3) m(n##4) m(n##5) m(n##6) m(n##7) m(n##8) m(n##9)

#define DECLARE(n) int function_##n(int, int);
TEN(DECLARE, 1)
TEN(DECLARE, 2)
TEN(DECLARE, 3)

#define REFER(n) function_##n,
int (*const dispatch[])(int, int) = {TEN(REFER, 1) TEN(REFER, 2) TEN(REFER, 3)};
int table[64] = {1, 2, 3};
int (*import)(int) = imported;
int* variable = &imported_variable;
static const char* const words[] = {"a", "few", "words"};
static int zeroed[100];

#define DEFINE(n)                                                                                  \
  int function_##n(int x, int y) {                                                                 \
    zeroed[(x + n) % 100] += table[(y + n) & 63] + imported(x * n);                                \
    if (x & n) imported_variable += words[(unsigned)y % 3][0] + n;                                 \
    if (y & 1) zeroed[y % 100] -= dispatch[(x + n) % 30](y, imported(n));                          \
    return zeroed[(x ^ n) % 100] + imported(imported_variable);                                    \
  }
TEN(DEFINE, 1) TEN(DEFINE, 2) TEN(DEFINE, 3)
