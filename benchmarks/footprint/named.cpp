// README.md's loader: of plugins in flash and on a medium, with names and parameters; and the words
// of what goes wrong, LOCATED: and where.
#include "composition.hpp"

#include <relo/elf/in_place_or_streamed.hpp>
#include <relo/execution/caches.hpp>
#include <relo/memory/page_arena.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>

namespace {

#if defined(__arm__)
using caches = relo::cortex_m_barriers;
#else
using caches = relo::riscv_fence_i;
#endif
#ifdef LOCATED
using diagnostics = relo::located<>;
#else
using diagnostics = relo::code_only;
#endif

using source = relo::in_place_or_streamed<file>;

relo::static_pages<16 * 1024> memory;
relo::scratch<std::uint32_t, 128> words;
relo::elf::windows<64> windows;
constinit relo::loader loader{compiled_for{},
                              relo::global<memory>{},
                              relo::static_symbols<offered>{},
                              relo::global<words>{},
                              diagnostics{},
                              relo::one_region{},
                              relo::small_machine<4, 16, true>{},
                              relo::linear_ksymtab_exports{},
                              caches{}};

[[maybe_unused]] relo::errc told(relo::errc e) {
#ifdef LOCATED
  if (e != relo::errc::ok) say(loader.describe().c_str());
#else
  if (e != relo::errc::ok) say(loader.message(e));
#endif
  return e;
}

}  // namespace

relo::errc load(const unsigned char* bytes, std::size_t size) {
  return told(loader.load(source{std::span{bytes, size}, windows}, {.name = "blink"}).error());
}
relo::errc load(file& from) {
  return told(loader.load(source{from, windows}, {.name = "sensor", .args = "rate=50"}).error());
}
entry* find(const char* name) { return loader.find<entry>(name); }
relo::errc unload() { return told(loader.unload("sensor")); }
