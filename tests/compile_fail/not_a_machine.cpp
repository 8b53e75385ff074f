// expect: relo: the machine policy does not model relo::machine
#include <relo/relo.hpp>

// Branches may go through veneers, and nothing tells one veneer from another.
struct wrong : relo::arch::x86_64 {
  static constexpr bool is_veneer_for = true;
};

relo::static_arena<64> memory;
relo::loader loader{wrong{}, memory};
