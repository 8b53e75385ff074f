#include <relo/linux/policy/generation.hpp>

static_assert(relo::kmod::release_traits<relo::kmod::generation::v6_12>::checks_range_before_place);
