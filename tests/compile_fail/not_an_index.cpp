// expect: relo: the index policy does not model relo::module_index
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::index;
  static constexpr bool any = true;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
