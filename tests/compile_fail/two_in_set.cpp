// expect: relo: two policies of one role
#include <relo/relo.hpp>

using once = relo::set_of<relo::no_lock, relo::no_kernel, relo::no_lock>;
constexpr once mine{};
