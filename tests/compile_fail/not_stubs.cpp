// expect: relo: the stubs policy does not model relo::stubs_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::stubs;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
