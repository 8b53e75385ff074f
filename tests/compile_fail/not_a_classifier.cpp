// expect: relo: the classifier does not model relo::classifier
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::classifier;
  relo::mem_type classify(std::uint64_t flags) const;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
