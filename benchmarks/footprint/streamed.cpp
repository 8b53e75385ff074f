// A loader of modules on a medium, read in pieces of 64 bytes; they have names and use each other.
// With BLOCKS, a block device behind a cache of so many.
#include "composition.hpp"

#if defined(__arm__)
#include <relo/arch/arm.hpp>
#else
#include <relo/arch/riscv.hpp>
#endif
#include <relo/elf/block_cache.hpp>
#include <relo/memory/page_arena.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>
#include <relo/small_machine.hpp>

namespace {

#if defined(__ARM_ARCH_6M__)
using machine = relo::arch::armv6m_assembler;
#elif defined(__arm__)
using machine = relo::arch::armv7m_assembler;
#else
using machine = relo::arch::rv32_compiler;
#endif

relo::static_pages<16 * 1024> memory;
relo::scratch_of_one<std::uint32_t, 200> words;
relo::elf::windows<64, true> windows;  // names have up to 62 characters
constinit relo::loader loader{
    machine{},
    relo::global<memory>{},
    relo::static_symbols<offered>{},
    relo::global<words>{},
    on_board{},
    relo::code_only{},
    relo::one_region{},
    by_flags{},
    relo::linear_ksymtab_exports{},
    relo::small_machine<2, 8>{},
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
