// A symbols policy without a table.

#include <relo/relo.hpp>

#include README_BLOCK

constexpr std::uint32_t address_of(const char* name) {
  relo::symbol<std::uint32_t> found;
  return monitor_symbols{}.find(relo::elf::name{name}, true, found) ? found.address : 0;
}
static_assert(address_of("monitor_3") == 0x1000'0030 && address_of("monitor_33") == 0);
