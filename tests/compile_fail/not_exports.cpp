// expect: relo: the exports policy does not model relo::exports_policy
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::exports;
  static constexpr bool unique = true;
  template <class Machine>
  struct state {};
  template <std::endian, class Module, class Name, class Symbol>
  bool find(const Module&, const Name&, bool gpl_ok, Symbol& out) const;
  // Names are unique, and nobody can list them.
};

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, wrong{}};
