// What is refused, and in which words.
#include "host.hpp"

#include <fstream>

namespace {

std::string error_of(std::span<const unsigned char> bytes,
                     relo::load_options options = {.name = "broken"}) {
  static relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const auto m = loader.load(bytes, options);
  if (m) return "";
  CHECK(memory.in_use() == 0);
  CHECK(loader.registry().first() == nullptr);
  return loader.diagnostics().describe().c_str();
}

/// The plain object with one field of its header changed.
std::string error_with(std::size_t at, std::initializer_list<unsigned char> value) {
  const relo::host::file object{OBJECT_plain};
  std::vector<unsigned char> bytes(object.bytes().begin(), object.bytes().end());
  std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return error_of(bytes);
}

}  // namespace

/// A diagnostics policy that keeps warnings, too.
struct remembering : relo::located<> {
  host::strings warnings;
  void warn(relo::errc e, const relo::where&, const char*, const char* symbol, const char*) {
    warnings.push_back(std::string(message(e)) + ": " + symbol);
  }
};

TEST_CASE("headers") {
  CHECK(error_of({}) == "elf_validity_check: file shorter than an ELF header");
  CHECK(error_with(0, {'F'}) == "elf_validity_check: not an ELF file");
  CHECK(error_with(4, {1}) ==
        "elf_validity_check: ELF class is not the loader's (32/64 bit): value 0x1");
  CHECK(error_with(5, {2}) == "elf_validity_check: byte order is not the loader's: value 0x2");
  CHECK(error_with(6, {0}) == "elf_validity_check: unknown ELF version");
  CHECK(error_with(16, {3, 0}) ==
        "elf_validity_check: not a relocatable object (e_type is not ET_REL): value 0x3");
  CHECK(error_with(18, {183, 0}) ==
        "elf_validity_check: object is for another machine (e_machine): value 0xb7");
  CHECK(error_with(58, {40}) ==
        "elf_validity_check: e_shentsize is not the size of a section header: value 0x28");
  CHECK(error_with(40, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) ==
        "elf_validity_check: section header table outside the file: value 0xffffffffffffffff");
  CHECK(error_with(60, {0xff, 0xfe}) ==
        "elf_validity_check: section header table outside the file: value 0xfeff");
  CHECK(error_with(62, {0xf0, 0x00}) ==
        "elf_validity_check: no usable section name table (e_shstrndx): value 0xf0");
}

TEST_CASE("symbols and sections") {
  const relo::host::file user{OBJECT_user}, code{OBJECT_writable_code}, plain{OBJECT_plain};
  CHECK(error_of(user.bytes()) == "simplify_symbols: unknown symbol: symbol 'answer'");
  CHECK(error_of(code.bytes()) ==
        "module_enforce_rwx_sections: section is writable and executable: .hack");
  const std::string long_name(100, 'n');
  CHECK(error_of(plain.bytes(), {.name = long_name.c_str()}) ==
        "setup_load_info: the module's name is too long: '" + std::string(56, 'n') + "'");
}

TEST_CASE("who may use a symbol") {
  // The object says nothing of a licence, so it is not GPL-compatible.
  remembering diagnostics;
  static constexpr auto answer = +[](int x) { return 2 * x; };
  const auto gpl = relo::exports<relo::export_kind::gpl>(relo::exported{"answer", answer});
  const auto future =
      relo::exports<relo::export_kind::gpl_future>(relo::exported{"answer", answer});
  const relo::host::file user{OBJECT_user};
  relo::host::pages memory;
  relo::loader refused{relo::arch::x86_64{}, memory, relo::symbols{gpl}};
  CHECK(refused.load(user.bytes()).error() == relo::errc::unknown_symbol);
  relo::loader warned{relo::arch::x86_64{}, memory, relo::symbols{gpl, future}, diagnostics};
  CHECK(warned.load(user.bytes()));
  CHECK(warned.find<int(int)>("ask")(20) == 41);
  CHECK(diagnostics.warnings ==
        host::strings{"symbol will be for GPL-compatible modules only: answer"});
}

TEST_CASE("out of range") {
  const relo::host::file object{OBJECT_far};
  relo::host::pages memory{relo::host::placement::low_2gib(), 1 << 20};
  RELO_HOST_LOADER(loader, memory);
  CHECK(loader.load(object.bytes(), {.name = "far"}).error() == relo::errc::relocation_overflow);
  const auto& d = loader.diagnostics();
  CHECK(std::string(d.stage()) == "apply_relocations");
  CHECK(std::string(d.section()) == ".text");
  CHECK(d.at().offset == 2);
  CHECK(std::string(d.symbol()) == "host_variable");
  CHECK(std::string(d.type()) == "R_X86_64_PC32");
  CHECK(memory.in_use() == 0);
}

TEST_CASE("more modules than there is room for") {
  const relo::host::file object{OBJECT_plain};
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory, relo::modules<2>{});
  CHECK(loader.load(object.bytes(), {.name = "one"}));
  CHECK(loader.load(object.bytes(), {.name = "two"}));
  const std::size_t before = memory.in_use();
  CHECK(loader.load(object.bytes(), {.name = "three"}).error() == relo::errc::too_many_modules);
  CHECK(memory.in_use() == before);
  CHECK(std::string(message(loader.unload("one"))) == "no error");
  CHECK(loader.load(object.bytes(), {.name = "three"}));
}
