// The helpers of a compiler for a Cortex-M0 beside a program's own functions.

#include <relo/runtime/arm.hpp>

int answer() { return 42; }
constexpr auto table = relo::exports(relo::exported{"answer", &answer});

#include README_BLOCK

static_assert(helpers.size() > 20 && sizeof symbols != 0);
