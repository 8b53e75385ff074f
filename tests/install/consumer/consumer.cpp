#include "plugin.hpp"

#include <relo/relo.hpp>

static_assert(plugin_bytes.size() + 1 == sizeof plugin);
static_assert(plugin[0] == '\x7f' && plugin[1] == 'E' && plugin[2] == 'L' && plugin[3] == 'F');

int main() {}
