// The stage for common symbols, put in where it belongs.

#include <relo/loader.hpp>
#include <relo/micro/layout_commons.hpp>
#include <relo/micro/load_module.hpp>

#include README_BLOCK

static_assert(with_commons.index_of("layout_commons") ==
              with_commons.index_of("layout_sections") + 1);
