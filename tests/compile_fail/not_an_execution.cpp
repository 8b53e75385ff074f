// expect: relo: the execution policy does not model relo::execution
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::execution;
  void flush(std::span<unsigned char>) noexcept;
  void call(std::uint64_t) noexcept;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
