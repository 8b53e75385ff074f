// expect: relo: the layout policy does not model relo::layout
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::layout;
  static constexpr std::size_t regions = 1;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
