// expect: relo: two policies of one role
#include <relo/relo.hpp>

relo::static_arena<64> fast, slow;
relo::loader loader{relo::arch::x86_64{}, fast, slow};
