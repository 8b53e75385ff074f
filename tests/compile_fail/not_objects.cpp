// expect: relo: the objects policy does not model relo::objects_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::objects;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
