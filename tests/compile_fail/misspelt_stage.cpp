// expect: no_such_stage
#include <relo/loader.hpp>

constexpr auto stages = relo::load_module | relo::drop<"parse_arguments">;
