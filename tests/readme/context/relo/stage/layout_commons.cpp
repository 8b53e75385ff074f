// The stage for common symbols, put in where it belongs.

#include <relo/loader.hpp>
#include <relo/small_machine.hpp>
#include <relo/stage/layout_commons.hpp>

#include README_BLOCK

static_assert(with_commons.index_of("layout_commons") ==
              with_commons.index_of("layout_sections") + 1);
