// expect: relo: the versions policy does not model relo::versions_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::versions;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
