// What of symbols a small machine has no answer for is refused by name.
#include <relo/micro/load_module.hpp>
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <array>
#include <string>

namespace {

namespace elf = relo::elf;
using toy = relo::only<robust::toy<elf::elf32le, true>, "R_TOY_ADDRESS", "R_TOY_NONE">;
using object = robust::object<elf::elf32le>;

std::string error_of(object& o) {
  static std::array<unsigned char, 4096> bytes;
  relo::buffer<std::uint32_t> memory{bytes, 0x2000'0000};
  relo::scratch<std::uint32_t, 64> scratch;
  relo::loader loader{toy{},
                      memory,
                      scratch,
                      relo::dont_run{},
                      relo::one_region{},
                      relo::micro::modules<2>{},
                      relo::micro::load_module};
  const auto file = o.finish();
  if (loader.load(relo::elf::contiguous{std::span{file}})) return "";
  CHECK(memory.in_use() == 0);
  return loader.diagnostics().describe().c_str();
}

/// The data of an object has the address of that symbol.
std::string refers_to(const object::symbol& s) {
  object o{toy::machine};
  const auto data = o.add_section({.name = ".data",
                                   .flags = elf::shf::alloc | elf::shf::write,
                                   .contents = std::vector<unsigned char>(8),
                                   .align = 4});
  o.relocate(data, {{4, o.add_symbol(s), robust::toy<elf::elf32le, true>::absolute}});
  return error_of(o);
}

}  // namespace

TEST_CASE("common symbols") {
  CHECK(refers_to({.name = "number", .section = elf::shn::common | 0x8000'0000, .value = 4}) ==
        "apply_relocations: common symbol (compile with -fno-common): section 5+0x4, relocation 0, "
        "R_TOY_ADDRESS, symbol 'number'");
}
