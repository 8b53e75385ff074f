// expect: relo: the scratch policy does not model relo::scratch_memory
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::scratch;
  std::span<std::uint64_t> take(std::size_t n);
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
