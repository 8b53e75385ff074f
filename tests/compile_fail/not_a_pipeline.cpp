// expect: relo: the pipeline policy does not model relo::pipeline_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::pipeline;
  static consteval bool has(const char*) { return false; }
  template <class Load>
  relo::errc run(Load& load) const;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
