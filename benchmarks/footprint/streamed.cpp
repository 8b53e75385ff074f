// A loader of modules on a medium, read in pieces of 64 bytes; they have names and use each other.
// With BLOCKS, a block device behind a cache of so many; with one, its tables are gone through in
// order.
#include "composition.hpp"

#include <relo/elf/block_cache.hpp>
#include <relo/memory/page_arena.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>

namespace {

relo::static_pages<16 * 1024> memory;
relo::scratch_of_one<std::uint32_t, 200> words;
#if defined(BLOCKS) && BLOCKS == 1
relo::elf::windows<64, true, file::block> windows;
using values = relo::values_in_order;
#else
relo::elf::windows<64, true> windows;  // names have up to 62 characters
using values = relo::values_when_asked;
#endif
constinit relo::loader loader{
    assembled_for{},
    relo::global<memory>{},
    relo::static_symbols<offered>{},
    relo::global<words>{},
    on_board{},
    relo::code_only{},
    relo::one_region{},
    by_flags{},
    relo::linear_ksymtab_exports{},
    relo::small_machine<2, 8>{},
    values{},
    relo::entry_points<"", "">{},
    relo::load_small_named_module |
        relo::replace<"apply_relocations">(relo::stages::quick_apply_relocations{}) |
        relo::drop<"module_elf_check_arch"> | relo::drop<"check_section_names"> |
        relo::drop<"post_relocation"> | relo::drop<"do_mod_dtors"> |
        relo::drop<"complete_formation"> | relo::drop<"parse_args"> |
        relo::drop<"do_one_initcall">};

#ifdef BLOCKS
relo::elf::blocks<file::block, BLOCKS> blocks;
#endif

}  // namespace

relo::errc load(file& from) {
#ifdef BLOCKS
  relo::elf::block_cache cached{from, blocks};
  return loader.load(relo::elf::streamed{cached, windows}, {.name = "module"}).error();
#else
  return loader.load(relo::elf::streamed{from, windows}, {.name = "module"}).error();
#endif
}
entry* find(const char* name) { return loader.find<entry>(name); }
relo::errc unload() { return loader.unload("module"); }
