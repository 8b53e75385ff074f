// The least loader: no names, no dependencies; what a module exports is found in its image.
#pragma once

#include "noted.hpp"

#include <relo/module/image_exports.hpp>
#include <relo/small_machine.hpp>

namespace under_test {

inline constexpr source sources[] = {contiguous};
inline constexpr bool names = false;
inline constexpr int modules_may = fence::r | fence::w | fence::x;

struct find_tables {
  static constexpr const char* name = "find_tables";
  using undo = relo::nothing_to_undo;
  template <class Load>
  constexpr relo::errc run(Load& load) const {
    load.loader.exports().find_tables(load);
    return relo::errc::ok;
  }
};

inline noted<relo::arena<modules_memory, 8>> memory;
inline relo::code_only diagnostics;
inline constinit relo::loader loader{firmware::machine{},
                                     memory,
                                     symbols,
                                     firmware::scratch,
                                     careful{},
                                     diagnostics,
                                     relo::one_region{},
                                     relo::image_exports<relo::elf::contiguous<unsigned char, 4>>{},
                                     relo::small_machine<8>{},
                                     relo::entry_points<"", "">{},
                                     relo::load_small_module |
                                         relo::insert_after<"move_module">(find_tables{})};

inline void write_code(bool) {}

}  // namespace under_test
