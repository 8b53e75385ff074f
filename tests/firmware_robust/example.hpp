// The loader of examples/firmware.
#pragma once

#include "noted.hpp"

namespace under_test {

inline constexpr source sources[] = {contiguous, streamed, in_place};
inline constexpr bool names = true;
inline constexpr int modules_may = fence::r | fence::w;  ///< and run code: the memory policy says

inline noted<firmware::module_memory> memory;
inline relo::located<48> diagnostics;
inline constinit relo::loader loader{firmware::machine{},
                                     memory,
                                     symbols,
                                     firmware::code_and_data{},
                                     firmware::scratch,
                                     firmware::without_unwind_tables{},
                                     careful{},
                                     relo::ksymtab_exports{},
                                     diagnostics,
                                     firmware::modules{},
                                     firmware::stages};

inline void write_code(bool begin) { board::protect_code(begin); }

}  // namespace under_test
