// expect: relo: the memory policy does not model relo::memory
#include <relo/relo.hpp>

struct hoard {
  using role = relo::role::memory;
  using addr = std::uint64_t;
  void* allocate(std::size_t);
};
relo::loader loader{relo::arch::x86_64{}, hoard{}};
