// The stage for licences, put in where it belongs.

#include <relo/loader.hpp>
#include <relo/micro/check_modinfo.hpp>
#include <relo/micro/load_module.hpp>

#include README_BLOCK

static_assert(with_licences.index_of("check_modinfo") ==
              with_licences.index_of("find_module_sections") + 1);
