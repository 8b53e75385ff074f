// expect: relo: the diagnostics policy does not model relo::diagnostics
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::diagnostics;
  static constexpr bool keeps_location = true;
  void enter(const char* stage);
  void report(relo::errc code);  // and where it was?
  void warn(relo::errc code);
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
