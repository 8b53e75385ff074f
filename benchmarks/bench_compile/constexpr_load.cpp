// Loads an embedded object while it is compiled.
#include <relo/relo.hpp>

#include "object.hpp"

using addr = std::uint64_t;

constexpr relo::symbol_values imports{
    std::array<relo::symbol_value<addr>, 1>{{{"imported", 0x41000000}}}};

consteval relo::errc load() {
  std::array<unsigned char, object_bytes.size()> bytes{};
  relo::buffer<addr> memory{bytes, 0x40000000};
  relo::loader loader{relo::arch::x86_64_kernel{}, memory,           relo::symbols{imports},
                      relo::ksymtab_exports{},     relo::dont_run{}, relo::scratch<addr, 4096>{},
                      relo::modules<1>{}};
  return loader.load(object_bytes, {.name = "embedded"}).error();
}
static_assert(load() == relo::errc::ok);
