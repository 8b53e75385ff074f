// expect: relo: the constructors policy does not model relo::constructors_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::constructors;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
