// A loader of modules on a block device, read in pieces of 64 bytes; they have names and use each
// other.
#include "board.hpp"

#if defined(__arm__)
#include <relo/arch/arm.hpp>
#else
#include <relo/arch/riscv.hpp>
#endif
#include <relo/loader.hpp>
#include <relo/memory/page_arena.hpp>
#include <relo/micro/load_module.hpp>

namespace {

#if defined(__ARM_ARCH_6M__)
using machine = relo::arch::armv6m_assembler;
#elif defined(__arm__)
using machine = relo::arch::armv7m_assembler;
#else
using machine = relo::arch::rv32_compiler;
#endif

struct on_board : relo::run_native {
  void flush(std::span<unsigned char> code) const { sync_code(code); }
};

relo::static_pages<16 * 1024> memory;
relo::scratch<std::uint32_t, 200> words;
constexpr relo::symbols symbols{offered};
constinit relo::loader loader{machine{},
                              relo::global<memory>{},
                              relo::global<symbols>{},
                              relo::global<words>{},
                              on_board{},
                              relo::code_only{},
                              relo::one_region{},
                              relo::ksymtab_exports{},
                              relo::micro::modules<4, 16>{},
                              relo::entry_points<"", "">{},
                              relo::micro::load_named_module | relo::drop<"parse_args">};

}  // namespace

relo::errc load(file& from) {
  return loader.load(relo::elf::streamed<file, 64>{from}, {.name = "reference"}).error();
}
entry* find(const char* name) { return loader.find<entry>(name); }
relo::errc unload() { return loader.unload("reference"); }
