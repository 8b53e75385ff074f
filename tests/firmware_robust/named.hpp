// A small loader of modules that have names and use each other, in pages.
#pragma once

#include "noted.hpp"

#include <relo/memory/page_arena.hpp>
#include <relo/small_machine.hpp>

namespace under_test {

inline constexpr source sources[] = {contiguous, streamed};
inline constexpr bool names = true;
inline constexpr int modules_may = fence::r | fence::w | fence::x;

inline noted<relo::page_arena<modules_memory, 64>> memory;
inline relo::code_only diagnostics;
inline constinit relo::loader loader{firmware::machine{},
                                     memory,
                                     symbols,
                                     firmware::scratch,
                                     careful{},
                                     diagnostics,
                                     relo::one_region{},
                                     relo::ksymtab_exports{},
                                     relo::small_machine<8, 16>{},
                                     relo::load_small_named_module};

inline void write_code(bool) {}

}  // namespace under_test
