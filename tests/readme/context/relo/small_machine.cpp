// A small machine's loader, on this one.

#include <relo/arch/x86_64.hpp>
#include <relo/memory/arena.hpp>
#include <relo/small_machine.hpp>
#include <relo/symbol/export_table.hpp>

using machine = relo::arch::x86_64_kernel;
constexpr auto table = relo::exports(relo::exported{"answer", +[](int i) { return i; }});
constexpr relo::symbols symbols{table};
relo::static_arena<4096> memory;

int main() {
#include README_BLOCK
  return loader.unload("nobody") == relo::errc::not_loaded ? 0 : 1;
}
