// A composition of several policies.

#include <relo/relo.hpp>

relo::static_arena<4096> memory;
int answer() { return 42; }
constexpr auto table = relo::exports(relo::exported{"answer", &answer});

#include README_BLOCK
