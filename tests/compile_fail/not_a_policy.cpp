// expect: relo: an argument of a loader is no policy
#include <relo/relo.hpp>

relo::static_arena<4096> arena;
relo::loader loader{relo::arch::x86_64{}, arena, 42};
