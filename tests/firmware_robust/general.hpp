// Everything that relo has, for all relocation types.
#pragma once

#include "noted.hpp"

namespace under_test {

inline constexpr source sources[] = {contiguous, streamed};
inline constexpr bool names = true;
inline constexpr int modules_may = fence::r | fence::w;  ///< and run code: the memory policy says

#ifdef __arm__
using machine = relo::arch::armv7m;
#else
using machine = relo::arch::rv32;
#endif

inline noted<firmware::module_memory> memory;
inline relo::located<48> diagnostics;
inline constinit relo::loader loader{machine{},         memory,
                                     symbols,           firmware::code_and_data{},
                                     firmware::scratch, firmware::without_unwind_tables{},
                                     careful{},         relo::ksymtab_exports{},
                                     diagnostics,       relo::modules<8, 24>{}};

inline void write_code(bool begin) { board::protect_code(begin); }

}  // namespace under_test
