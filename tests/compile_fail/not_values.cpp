// expect: relo: the values policy does not model relo::values_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::values;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
