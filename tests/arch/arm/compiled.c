/* What compilers write: calls, tail calls, addresses in code and in data. */
extern int function(int), near_function(int), far_function(int);
extern int far[];
int counter = 3;
static int calls;
static const char* const names[] = {"one", "two", "three"};
int (*const table[])(int) = {function, near_function, far_function};

static int __attribute__((noinline)) helper(int x) {
  ++calls;
  return far_function(x) + near_function(x + counter);
}

int tail(int x) {
  if (x == far[2]) return near_function(x);
  if (x > 4) return helper(x);
  return function(x);
}

const char* name(int i) {
  switch (i) {
    case 0: return names[1];
    case 1: return names[0];
    case 2: return "four";
    case 3: return names[2];
    case 4: calls = 0; return "five";
    default: return names[i & 1];
  }
}

int both(int x) { return helper(x) + table[x & 1](x) + far[x]; }
int* addresses[] = {&counter, &calls, far + 3};
