// A loader of modules in flash: read where they are, one after the other on a stack of memory.
#include "composition.hpp"

#include <relo/memory/stack_arena.hpp>
#include <relo/module/image_exports.hpp>

namespace {

using source = relo::elf::contiguous<unsigned char, 4>;

struct find_tables {
  static constexpr const char* name = "find_tables";
  using undo = relo::nothing_to_undo;
  template <class Load>
  constexpr relo::errc run(Load& load) const {
    load.loader.exports().find_tables(load);
    return relo::errc::ok;
  }
};

relo::static_stack<16 * 1024> memory;
relo::scratch_of_one<std::uint32_t, 200> words;
constinit relo::loader loader{compiled_for{},
                              relo::global<memory>{},
                              relo::static_symbols<offered>{},
                              relo::global<words>{},
                              on_board{},
                              relo::code_only{},
                              relo::one_region{},
                              by_flags{},
                              relo::image_exports<source>{},
                              relo::small_machine<1>{},
                              relo::entry_points<"", "">{},
                              relo::load_small_module | relo::drop<"do_mod_dtors"> |
                                  relo::drop<"module_elf_check_arch"> |
                                  relo::insert_after<"move_module">(find_tables{})};
}  // namespace

relo::errc load(const unsigned char* bytes, std::size_t size) {
  return loader.load(source{{bytes, size}}).error();
}
entry* find(const char* name) { return loader.find<entry>(loader.registry()[0], name); }
relo::errc unload() { return loader.unload(loader.registry()[0]); }
