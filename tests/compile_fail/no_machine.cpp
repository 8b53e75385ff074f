// expect: relo: a loader needs a machine, such as relo::arch::x86_64
#include <relo/relo.hpp>

relo::static_arena<4096> arena;
relo::loader loader{arena};
