// expect: native|constraint
#include <relo/relo.hpp>

relo::static_arena<4096> arena;
relo::loader loader{relo::arch::x86_64{}, arena, relo::dont_run{}};
auto* f = loader.find<void()>("f");
