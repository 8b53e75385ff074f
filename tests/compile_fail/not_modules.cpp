// expect: relo: the modules policy does not model relo::modules_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::modules;
  static constexpr std::size_t capacity = 4;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
