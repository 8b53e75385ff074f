// expect: relo: the definitions policy does not model relo::definitions_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::definitions;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
