// expect: relo: the entry_points policy does not model relo::entry_points_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::entry_points;
  static constexpr const char* init = "start";
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
