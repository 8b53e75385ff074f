#include "counter.hpp"

#define API extern "C" __attribute__((visibility("default")))

API int test() {
  shared_inline += 10;
  holder<int>::value += 100;
  counter::get().value += 1;
  return counter::get().value + shared_inline + holder<int>::value;
}
API int constructed() { return counter::constructed; }
API int get_constant() { return constant; }
