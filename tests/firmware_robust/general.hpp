// The example's loader, all of it.
#pragma once

#include "noted.hpp"

namespace under_test {

inline constexpr const char* composition = "general";
inline constexpr bool streams = true, names = true;
inline constexpr int modules_may = 0;  ///< run or write: the memory policy says

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
                                     relo::modules<std::size(debug::entries), 24>{},
                                     firmware::stages};

inline void write_code(bool begin) { board::protect_code(begin); }

}  // namespace under_test
