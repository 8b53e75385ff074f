// expect: relo: the readers policy does not model relo::readable
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::readers;
  static constexpr bool any = true;
  void synchronize();
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
