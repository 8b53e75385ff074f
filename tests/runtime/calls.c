// Whatever compilers may want a helper for, or may not.
typedef int i32;
typedef long long i64;
typedef unsigned u32;
typedef unsigned long long u64;

#define OPERATION(name, T, op)                                                                     \
  T name(T a, T b) { return a op b; }
#define ARITHMETIC(t, T)                                                                           \
  OPERATION(t##_add, T, +)                                                                         \
  OPERATION(t##_subtract, T, -)                                                                    \
  OPERATION(t##_multiply, T, *)                                                                    \
  OPERATION(t##_divide, T, /)                                                                      \
  T t##_negate(T a) { return -a; }
#define COMPARISON(name, T, op)                                                                    \
  int name(T a, T b) { return a op b; }
#define COMPARISONS(t, T)                                                                          \
  COMPARISON(t##_equal, T, ==)                                                                     \
  COMPARISON(t##_different, T, !=)                                                                 \
  COMPARISON(t##_less, T, <)                                                                       \
  COMPARISON(t##_not_greater, T, <=)                                                               \
  COMPARISON(t##_greater, T, >)                                                                    \
  COMPARISON(t##_not_less, T, >=)
#define CONVERSION(from, to, From, To)                                                             \
  To from##_to_##to(From a) { return (To)a; }
#define INTEGER(t, T)                                                                              \
  ARITHMETIC(t, T)                                                                                 \
  COMPARISONS(t, T)                                                                                \
  OPERATION(t##_remainder, T, %)                                                                   \
  T t##_both(T a, T b, T* r) {                                                                     \
    *r = a % b;                                                                                    \
    return a / b;                                                                                  \
  }                                                                                                \
  T t##_left(T a, int n) { return a << n; }                                                        \
  T t##_right(T a, int n) { return a >> n; }
#define CONVERSIONS(t, T, i, I)                                                                    \
  CONVERSION(t, i, T, I)                                                                           \
  CONVERSION(i, t, I, T)
#define FLOATING(t, T)                                                                             \
  ARITHMETIC(t, T)                                                                                 \
  COMPARISONS(t, T)                                                                                \
  int t##_unordered(T a, T b) { return __builtin_isunordered(a, b); }                              \
  _Complex T t##_product(_Complex T a, _Complex T b) { return a * b; }                             \
  _Complex T t##_quotient(_Complex T a, _Complex T b) { return a / b; }                            \
  CONVERSIONS(t, T, i32, i32)                                                                      \
  CONVERSIONS(t, T, i64, i64)                                                                      \
  CONVERSIONS(t, T, u32, u32)                                                                      \
  CONVERSIONS(t, T, u64, u64)

INTEGER(i32, i32)
INTEGER(u32, u32)
INTEGER(i64, i64)
INTEGER(u64, u64)
FLOATING(single, float)
FLOATING(twice, double)
FLOATING(most, long double)
CONVERSIONS(single, float, twice, double)
CONVERSIONS(single, float, most, long double)
CONVERSIONS(twice, double, most, long double)
float single_power(float a, int n) { return __builtin_powif(a, n); }
double twice_power(double a, int n) { return __builtin_powi(a, n); }

#ifdef __SIZEOF_INT128__
// Not i128_multiply by -ftrapv: clang's __muloti4 is not in libgcc.
typedef __int128 i128;
typedef unsigned __int128 u128;
INTEGER(u128, u128)
OPERATION(i128_divide, i128, /)
OPERATION(i128_remainder, i128, %)
CONVERSIONS(single, float, i128, i128)
CONVERSIONS(single, float, u128, u128)
CONVERSIONS(twice, double, i128, i128)
CONVERSIONS(twice, double, u128, u128)
#endif

#ifdef __ARM_FP16_FORMAT_IEEE
float half_to_single(const __fp16* a) { return *a; }
double half_to_twice(const __fp16* a) { return *a; }
void single_to_half(__fp16* to, float a) { *to = (__fp16)a; }
void twice_to_half(__fp16* to, double a) { *to = (__fp16)a; }
#endif

int leading(u32 a) { return __builtin_clz(a); }
int trailing(u32 a) { return __builtin_ctz(a); }
int first(u32 a) { return __builtin_ffs((i32)a); }
int count(u32 a) { return __builtin_popcount(a); }
int parity(u32 a) { return __builtin_parity(a); }
int redundant(i32 a) { return __builtin_clrsb(a); }
u32 swapped(u32 a) { return __builtin_bswap32(a); }
int leading_64(u64 a) { return __builtin_clzll(a); }
int trailing_64(u64 a) { return __builtin_ctzll(a); }
int first_64(u64 a) { return __builtin_ffsll((i64)a); }
int count_64(u64 a) { return __builtin_popcountll(a); }
int parity_64(u64 a) { return __builtin_parityll(a); }
int redundant_64(i64 a) { return __builtin_clrsbll(a); }
u64 swapped_64(u64 a) { return __builtin_bswap64(a); }
int magnitude(int a) { return __builtin_abs(a); }
i64 magnitude_64(i64 a) { return __builtin_llabs(a); }

struct big {
  char bytes[200];
  i32 words[40];
};
void copy(struct big* to, const struct big* from) { *to = *from; }
void clear(struct big* b) { *b = (struct big){{0}, {0}}; }
void fill(char* to) {
  for (int i = 0; i < 333; ++i) to[i] = 7;
}
void move(char* to, const char* from, u32 n) { __builtin_memmove(to, from, n); }

struct __attribute__((packed)) odd {
  char c;
  i32 word;
  i64 words;
};
i32 read_word(const struct odd* o) { return o->word; }
i64 read_words(const struct odd* o) { return o->words; }
void write_word(struct odd* o, i32 v) { o->word = v; }
void write_words(struct odd* o, i64 v) { o->words = v; }

// Cases that are close, far, and before the switch.
#define FAR(n)                                                                                     \
  case n: f[n](n), f[n + 1](n), f[n + 2](n), f[n + 3](n), f[n + 4](n); break;
void close_cases(int i, void (**f)(int)) {
  switch (i) {
    case 0: f[3](1); break;
    case 1: f[1](2); break;
    case 2: f[7](3); break;
    case 3: f[5](4); break;
    case 4: f[6](5); break;
    case 5: f[4](6); break;
  }
}
void far_cases(int i, void (**f)(int)) {
  switch (i) {
    FAR(0) FAR(1) FAR(2) FAR(3) FAR(4) FAR(5) FAR(6) FAR(7) FAR(8) FAR(9) FAR(10) FAR(11)
  }
}
void cases_before(int i, void (**f)(int)) {
again:
  f[30](i);
  switch (i) {
    case 0: f[3](1); break;
    case 1: i = f != 0; goto again;
    case 2: f[7](3); break;
    case 3: i += 2; goto again;
    case 4: f[6](5); break;
    case 5: f[4](6); break;
  }
}

#ifdef __riscv_atomic
unsigned char byte_added(unsigned char* to) { return __sync_fetch_and_add(to, 3); }
unsigned short half_added(unsigned short* to) { return __sync_fetch_and_add(to, 3); }
int byte_swapped(unsigned char* to) { return __sync_bool_compare_and_swap(to, 3, 4); }
#endif
