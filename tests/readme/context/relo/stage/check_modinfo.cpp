// The stage for licences, put in where it belongs.

#include <relo/loader.hpp>
#include <relo/small_machine.hpp>
#include <relo/stage/check_modinfo.hpp>

#include README_BLOCK

static_assert(with_licences.index_of("check_modinfo") ==
              with_licences.index_of("setup_load_info") + 1);
