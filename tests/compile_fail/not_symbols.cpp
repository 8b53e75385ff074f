// expect: relo: the symbols policy does not model relo::symbol_table
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::symbols;
  void* find(const char* name) const;
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
