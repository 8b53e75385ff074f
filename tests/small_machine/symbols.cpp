// What of symbols a small machine has no answer for is refused by name.
#include "../compiled.hpp"
#include "small.hpp"

#include <relo/arch/arm.hpp>

#include <array>
#include <string>

namespace {

namespace elf = relo::elf;
using toy = small::toy_of<elf::elf32le>;
using object = robust::object<elf::elf32le>;

/// Of modules.
std::array<unsigned char, 4096> room;

std::string error_of(object& o) {
  relo::buffer<std::uint32_t> memory{room, 0x2000'0000};
  relo::scratch<std::uint32_t, 64> scratch;
  relo::loader loader{toy{},
                      memory,
                      scratch,
                      relo::dont_run{},
                      relo::one_region{},
                      relo::small_machine<2>{},
                      relo::load_small_module};
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

TEST_CASE("symbols without a name, where sections have none either, are told by number") {
  CHECK(refers_to({.name = "", .section = 5, .type = elf::stt::tls}) ==
        "apply_relocations: thread-local variable, and thread-local storage is not supported: "
        "section 5+0x4, relocation 0, R_TOY_ADDRESS, symbol 1");
}

TEST_CASE("objects of -flto have no code, or code as well") {
  const auto check = [](const std::string& command, const char* step, const std::string& expected) {
    const auto object = made::compiled(command + " -O1 -flto -c -x c",
                                       "int data = 3;\nint f(void) { return ++data; }\n", step);
    if (object.empty()) return;
    const auto told = [&](auto module_policy, auto pipeline) -> std::string {
      relo::buffer<std::uint32_t> memory{room, 0x2000'0000};
      relo::scratch<std::uint32_t, 128> scratch;
      relo::loader loader{relo::arch::armv7m_compiler{},
                          memory,
                          scratch,
                          relo::dont_run{},
                          relo::one_region{},
                          module_policy,
                          pipeline};
      if (loader.load(relo::elf::contiguous{std::span{object}})) return "";
      CHECK(memory.in_use() == 0);
      const std::string why = loader.diagnostics().describe().c_str();
      return why.substr(why.find(": ") + 2);
    };
    CHECK(told(relo::small_machine<2>{}, relo::load_small_module) == expected);
    CHECK(told(relo::modules<2>{}, relo::load_module) == expected);
  };
  const std::string no_code = "compiled with -flto: link-time optimisation has no code yet";
  const std::string gcc = "arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb";
  for (const auto& slim : {gcc, gcc + " -g", gcc + " -fcommon"}) check(slim, "cross", no_code);
  check(gcc + " -ffat-lto-objects", "cross", "");
  for (const auto& [clang, step] : made::clangs)
    check(clang + std::string(" --target=armv7m-none-eabi"), step,
          "not an ELF file: LLVM bitcode, " + no_code);
}
