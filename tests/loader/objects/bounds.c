/* Tables that a linker gathers: all sections of one name, between two symbols. */
#define IN(name) __attribute__((section(name), used))

static int a IN("numbers") = 5;
static const int b IN("constants") = 7;
extern int __start_numbers[], __stop_numbers[];
extern const int __start_constants[], __stop_constants[];
extern int __start_absent[] __attribute__((weak)), __stop_absent[] __attribute__((weak));

int count(void) { return (int)(__stop_numbers - __start_numbers); }
int count_constants(void) { return (int)(__stop_constants - __start_constants); }
int absent(void) { return __start_absent != 0 || __stop_absent != 0; }
int sum(void) {
  int result = 0;
  for (int* p = __start_numbers; p != __stop_numbers; ++p) result += (*p)++;
  return result;
}
