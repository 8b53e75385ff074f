// expect: relo: a loader needs memory, such as relo::static_arena
#include <relo/relo.hpp>

relo::loader loader{relo::arch::x86_64{}};
