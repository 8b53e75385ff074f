// A small loader of modules that have names and use each other, in pages.
#pragma once

#include "noted.hpp"

#include <relo/memory/page_arena.hpp>
#include <relo/micro/load_module.hpp>

namespace under_test {

inline constexpr const char* composition = "named";
inline constexpr bool streams = true, names = true;
inline constexpr int modules_may = 1 | 2 | 4;

#ifdef __arm__
using small_machine = relo::arch::armv7m_assembler;
#else
using small_machine = relo::arch::rv32_compiler;
#endif

inline noted<relo::page_arena<modules_memory, 64>> memory;
inline relo::code_only diagnostics;
inline constinit relo::loader loader{small_machine{},
                                     memory,
                                     symbols,
                                     firmware::scratch,
                                     careful{},
                                     diagnostics,
                                     relo::one_region{},
                                     relo::ksymtab_exports{},
                                     relo::micro::modules<8, 16>{},
                                     relo::micro::load_named_module};

inline void write_code(bool) {}

}  // namespace under_test
