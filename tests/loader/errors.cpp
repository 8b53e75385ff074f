// What is refused, and in which words.
#include "host.hpp"

#include <algorithm>

namespace {

using host::assembled;

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
  void warn(const relo::problem& p) {
    warnings.push_back(std::string(message(p.code)) + ": " + p.symbol);
  }
};

/// A diagnostics policy of its own, which says nothing of how long names are.
struct plain {
  using role = relo::role::diagnostics;
  static constexpr bool keeps_location = true;
  std::string symbol{};
  void enter(const char*) {}
  void report(const relo::problem& p) { symbol = p.symbol; }
  void warn(const relo::problem&) {}
};

TEST_CASE("headers") {
  CHECK(error_of({}) == "elf_validity_check: file shorter than an ELF header");
  CHECK(error_with(0, {'F'}) == "elf_validity_check: not an ELF file");
  CHECK(error_with(4, {1}) ==
        "elf_validity_check: ELF class is not the loader's (32/64 bit): value 0x1");
  CHECK(error_with(5, {2}) == "elf_validity_check: byte order is not the loader's: value 0x2");
  CHECK(error_with(6, {0}) == "elf_validity_check: unknown ELF version");
  CHECK(error_with(16, {3, 0}) ==
        "elf_validity_check: not a relocatable object (e_type is not ET_REL): a shared library "
        "or an executable, which is linked: load what -c makes: value 0x3");
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
        "setup_load_info: the module's name is too long: '" + long_name +
            "', 100 characters wanted, 55 there");
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
  CHECK(std::string((relo::text<48>{} << d.type()).c_str()) == "R_X86_64_PC32");
  CHECK(memory.in_use() == 0);
}

TEST_CASE("what is out of reach") {
  std::vector<unsigned char> bytes(1 << 12);
  relo::buffer<std::uint64_t> memory{bytes, 0x100000000};
  constexpr relo::symbol_values far{
      std::array<relo::symbol_value<std::uint64_t>, 1>{{{"stderr", 0x123456789abc}}}};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{far}, relo::dont_run{}};
  const auto error = [&](const std::string& text) {
    const auto m = loader.load(assembled(text), {.name = "m"});
    if (m) (void)loader.unload(*m);
    return std::string(m ? "" : loader.diagnostics().describe().c_str());
  };
  const std::string words = "apply_relocations: value does not fit the relocated field: ",
                    far_away = ": too far away for code compiled without -fPIC: compile with -fPIC";
  CHECK(error("mov stderr(%rip), %rax\n") == words +
                                                 ".text+0x3, relocation 0, R_X86_64_PC32, "
                                                 "symbol 'stderr', value 0x123356789ab5" +
                                                 far_away);
  CHECK(error("mov $stderr, %edi\n") == words +
                                            ".text+0x1, relocation 0, R_X86_64_32, symbol "
                                            "'stderr', value 0x123456789abc" +
                                            far_away);
  // So is the module itself, where addresses are to be absolute (-fno-pic).
  const std::string own = ".data\n.globl own\nown: .long 0\n.text\n";
  CHECK(error(own + "mov $own, %edi\n") ==
        words + ".text+0x1, relocation 0, R_X86_64_32, symbol 'own', value 0x100000024: compile it "
                "with -fPIE or -fPIC");
  // As -fPIC has it.
  CHECK(error("mov stderr@GOTPCREL(%rip), %rax\n.data\n.quad stderr\n") == "");
  CHECK(error(own + "mov own(%rip), %eax\n") == "");
  // No flag helps against these.
  const std::string other = "apply_relocations: value does not fit the relocated field: ";
  CHECK(error(own + "mov own+0x7fffffff(%rip), %eax\n").substr(0, other.size()) == other);
  CHECK(error(own + "mov $own, %dx\n").substr(0, other.size()) == other);
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

// How much was wanted and how much there is.

namespace {

/// Objects made by the assembler's rules, in place: N undefined functions are called.
std::string calls(std::size_t n) {
  std::string out = ".text\n.globl start\nstart:\n";
  for (std::size_t i = 0; i < n; ++i) out += "call undefined_" + std::to_string(i) + "\n";
  return out;
}

template <class Loader>
std::string load_error(Loader& loader, const std::vector<unsigned char>& object) {
  const auto m = loader.load(object, {.name = "m"});
  return m ? "" : loader.diagnostics().describe().c_str();
}

template <std::size_t Words>
std::string scratch_error(const std::vector<unsigned char>& object) {
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::scratch<std::uint64_t, Words>{}};
  return load_error(loader, object);
}

}  // namespace

TEST_CASE("out of scratch memory: as many words as are wanted will do") {
  std::string weak = ".section .init_array,\"aw\"\n.quad 0\n";
  for (int i = 0; i < 1100; ++i) weak += ".weak undefined_" + std::to_string(i) + "\n";
  const auto loads = assembled(weak + calls(1100));

  relo::host::pages memory;
  relo::loader grows{relo::arch::x86_64{}, memory, relo::host::heap_scratch<std::uint64_t>{}};
  decltype(grows)::requirements needed;
  REQUIRE(grows.measure(relo::elf::contiguous{std::span{loads}}, needed) == relo::errc::ok);
  REQUIRE(needed.scratch == 2215);
  CHECK(needed.scratch_available == ~std::size_t{0});

  CHECK(scratch_error<2215>(loads) == "");
  CHECK(scratch_error<2214>(loads) ==
        "do_mod_ctors: out of scratch memory: 2,215 words wanted, 2,214 there");
  CHECK(scratch_error<600>(loads) ==
        "module_frob_arch_sections: out of scratch memory: 2,215 words wanted, 600 there");
  CHECK(scratch_error<1112>(loads) ==
        "simplify_symbols: out of scratch memory: 2,215 words wanted, 1,112 there");
  CHECK(scratch_error<5>(loads) ==
        "rewrite_section_headers: out of scratch memory: 2,215 words wanted, 5 there");

  // Common symbols have their places sooner.
  const auto common = assembled(".comm a, 4, 4\n.comm b, 4, 4\n");
  REQUIRE(grows.measure(relo::elf::contiguous{std::span{common}}, needed) == relo::errc::ok);
  REQUIRE(needed.scratch == 10);
  CHECK(scratch_error<10>(common) == "");
  CHECK(scratch_error<9>(common) ==
        "layout_commons: out of scratch memory: 10 words wanted, 9 there");

  // measure() says it, too, where it has too little itself.
  relo::loader fixed{relo::arch::x86_64{}, memory, relo::scratch<std::uint64_t, 1000>{}};
  decltype(fixed)::requirements told;
  CHECK(fixed.measure(relo::elf::contiguous{std::span{loads}}, told) == relo::errc::out_of_scratch);
  CHECK(told.scratch == 2215);
  CHECK(told.scratch_available == 1000);
}

TEST_CASE("out of module memory") {
  alignas(64) static unsigned char bytes[2048];
  const auto with_init =
      assembled(".data\n.skip 1000\n.section .init.data,\"aw\"\n.skip 3000\n.text\nnop\nlabel:\n");
  // Both regions together, when it is the second that there is no room for.
  relo::buffer<std::uint64_t> memory{bytes, relo::address_of(bytes)};
  relo::loader two{relo::arch::x86_64{}, memory, relo::code_only{}};
  relo::loader told{relo::arch::x86_64{}, memory};
  CHECK(load_error(told, with_init) ==
        "move_module: out of module memory: 4,008 bytes wanted, 2,048 there");
  CHECK(two.load(with_init).error() == relo::errc::out_of_memory);
  CHECK(told.memory().in_use() == 0);
  decltype(told)::requirements needed;
  REQUIRE(told.measure(relo::elf::contiguous{std::span{with_init}}, needed) == relo::errc::ok);
  CHECK(needed.regions[0].size + needed.regions[1].size == 4008);
  CHECK(needed.regions[0].available == 2048);
  relo::host::pages nowhere{relo::host::placement::low_2gib(), std::size_t{1} << 40};
  REQUIRE(!nowhere.usable());
  relo::loader none{relo::arch::x86_64{}, nowhere};
  CHECK(load_error(none, with_init) ==
        "move_module: out of module memory: 12,288 bytes wanted, 0 there");
}

TEST_CASE("more than a loader holds") {
  const relo::host::file plain{OBJECT_plain};
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory, relo::modules<1>{});
  REQUIRE(loader.load(plain.bytes(), {.name = "one"}));
  CHECK(loader.load(plain.bytes(), {.name = "two"}).error() == relo::errc::too_many_modules);
  CHECK(std::string(loader.diagnostics().describe().c_str()) ==
        "setup_load_info: no room for another module: 2 modules wanted, 1 there");
}

TEST_CASE("all unknown symbols are named, whole") {
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory};
  CHECK(load_error(loader, assembled(calls(3))) ==
        "simplify_symbols: unknown symbol: symbols 'undefined_0', 'undefined_1', 'undefined_2'");
  const std::string eight =
      "simplify_symbols: unknown symbol: symbols 'undefined_0', 'undefined_1', 'undefined_2', "
      "'undefined_3', 'undefined_4', 'undefined_5', 'undefined_6', 'undefined_7'";
  CHECK(load_error(loader, assembled(calls(8))) == eight);
  CHECK(load_error(loader, assembled(calls(20))) == eight + " and 12 more");
  CHECK(load_error(loader, assembled(calls(1))) ==
        "simplify_symbols: unknown symbol: symbol 'undefined_0'");
  // What can be missing is not.
  CHECK(load_error(loader, assembled(".weak undefined_1\n" + calls(3))) ==
        "simplify_symbols: unknown symbol: symbols 'undefined_0', 'undefined_2'");

  for (const std::size_t length : {200U, 300U}) {
    const std::string name(length, 'x');
    const auto object = assembled("call " + name + "\n");
    relo::loader whole{relo::arch::x86_64{}, memory, relo::located<1024>{}};
    CHECK(load_error(whole, object) == "simplify_symbols: unknown symbol: symbol '" + name + "'");
    relo::loader cut{relo::arch::x86_64{}, memory, relo::located<80>{}};
    CHECK(load_error(cut, object) ==
          "simplify_symbols: unknown symbol: symbol '" + name.substr(0, 76) + "...'");
  }
  plain own;
  relo::loader told{relo::arch::x86_64{}, memory, own};
  const std::string name(1000, 'z');
  CHECK(told.load(assembled("call " + name + "\n")).error() == relo::errc::unknown_symbol);
  CHECK(own.symbol == name);
  const auto exact = assembled("call " + std::string(79, 'y') + "\n");
  relo::loader fits{relo::arch::x86_64{}, memory, relo::located<80, 1>{}};
  CHECK(load_error(fits, exact) ==
        "simplify_symbols: unknown symbol: symbol '" + std::string(79, 'y') + "'");
  CHECK(load_error(fits, assembled(calls(3))) ==
        "simplify_symbols: unknown symbol: symbols 'undefined_0' and 2 more");
}

// What is no object of ours, or has no code.

namespace {

struct pieces {
  std::span<const unsigned char> bytes;
  std::size_t size() const { return bytes.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return true;
  }
};

/// How a loader of x86-64 objects refuses it; "" if it does not.
std::string refusal(const std::vector<unsigned char>& file) {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const std::string why = load_error(loader, file);
  if (!why.empty()) CHECK(memory.in_use() == 0);
  // The same in pieces.
  pieces medium{file};
  const auto m = loader.load(relo::elf::streamed{medium}, {.name = "in pieces"});
  CHECK(why == (m ? "" : loader.diagnostics().describe().c_str()));
  return why;
}
std::string refusal(const std::string& file) {
  return refusal(std::vector<unsigned char>(file.begin(), file.end()));
}

/// The object with its first section of type `from` said to be of type `to`.
std::vector<unsigned char> retyped(std::vector<unsigned char> object, std::uint32_t from,
                                   std::uint32_t to) {
  constexpr auto le = std::endian::little;
  const auto table = static_cast<std::size_t>(relo::read_int<std::uint64_t, le>(&object[0x28]));
  for (std::size_t at = table; at + 64 <= object.size(); at += 64)
    if (relo::read_int<std::uint32_t, le>(&object[at + 4]) == from) {
      relo::write_int<le>(&object[at + 4], to);
      return object;
    }
  FAIL("no section of that type");
  return object;
}

}  // namespace

TEST_CASE("relocations of another kind are not passed over") {
  const auto object = assembled(".text\n.globl f\nf: call g\nret\ng: ret\n.globl g\n");
  CHECK(refusal(object) == "");
  const std::string words =
      "elf_validity_check: relocations of a kind that is not supported for this machine: "
      ".rela.text";
  const auto as = [&](std::uint32_t type) { return refusal(retyped(object, 4, type)); };
  CHECK(as(9) == words + ", SHT_REL");
  CHECK(as(19) == words + ", SHT_RELR");
  CHECK(as(0x60000001) == words + ", SHT_ANDROID_REL");
  CHECK(as(0x60000002) == words + ", SHT_ANDROID_RELA");
  CHECK(as(0x6fffff00) == words + ", SHT_ANDROID_RELR");
  CHECK(as(0x71234567) == words + ", type 1898136935");
  CHECK(as(0x80000001) == words + ", type 2147483649");
}

TEST_CASE("relocations of another kind, of what is not loaded, are nobody's concern") {
  const auto object =
      assembled(".text\n.globl f\nf: ret\n.section .debug_x,\"\"\n.quad undefined\n");
  for (const std::uint32_t type : {9U, 0x40000014U, 0x71234567U})
    CHECK(refusal(retyped(object, 4, type)) ==
          "simplify_symbols: unknown symbol: symbol 'undefined'");
}

TEST_CASE("no code yet") {
  // What gcc -flto writes: its language, which no linker copies, and a mark.
  CHECK(refusal(assembled(".section .gnu.lto_main,\"e\"\n.byte 1\n.comm __gnu_lto_slim,1,1\n")) ==
        "elf_validity_check: compiled with -flto: link-time optimisation has no code yet");
  // With -ffat-lto-objects there is code as well.
  CHECK(refusal(assembled(".section .gnu.lto_main,\"e\"\n.byte 1\n.text\n.globl f\nf: ret\n")) ==
        "");
  const std::string no_code = "compiled with -flto: link-time optimisation has no code yet",
                    function = "int f(void) { return 7; }\n";
  const auto slim = [&](const std::string& compiler, const char* step,
                        const std::string& expected) {
    CAPTURE(compiler);
    const auto object = made::compiled(compiler + " -O1 -flto -c -x c", function, step);
    if (!object.empty()) CHECK(refusal(object) == "elf_validity_check: " + expected);
  };
  slim("gcc", "gcc", no_code);
  for (const auto& [clang, step] : made::clangs)
    slim(clang, step, "not an ELF file: LLVM bitcode, " + no_code);
  const auto fat = made::compiled("gcc -O1 -flto -ffat-lto-objects -c -x c", function);
  if (!fat.empty()) {
    relo::host::pages memory;
    RELO_HOST_LOADER(loader, memory);
    REQUIRE(loader.load(fat));
    CHECK(loader.find<int()>("f")() == 7);
  }
  CHECK(refusal(std::string(
            "BC\xC0\xDE and more bytes than an ELF header has, and that is sixty-four")) ==
        "elf_validity_check: not an ELF file: LLVM bitcode, compiled with -flto: link-time "
        "optimisation has no code yet");
}

TEST_CASE("an empty object loads, a stripped one does not") {
  CHECK(refusal(assembled("")) == "");
  auto stripped = assembled(".text\n.globl f\nf: ret\n");
  // SHT_SYMTAB becomes a note, as if there never were symbols.
  stripped = retyped(stripped, 2, 7);
  CHECK(refusal(stripped) == "elf_validity_check: stripped: there is no symbol table any more");
}

TEST_CASE("thread-local variables") {
  CHECK(refusal(assembled(".section .tdata,\"awT\"\n.globl only_defined\n"
                          ".type only_defined, @tls_object\nonly_defined: .long 42\n")) ==
        "elf_validity_check: thread-local variable, and thread-local storage is not supported: "
        "symbol 'only_defined'");
  CHECK(refusal(assembled(".globl f\nf: ret\n.section .tbss,\"awT\",@nobits\n.zero 4\n")) ==
        "elf_validity_check: thread-local variable, and thread-local storage is not supported: "
        ".tbss");
  CHECK(refusal(assembled(".globl f\nf: movq errno@gottpoff(%rip), %rax\n")) ==
        "elf_validity_check: thread-local variable, and thread-local storage is not supported: "
        "symbol 'errno': with picolibc, compile with -D__PICOLIBC_ERRNO_FUNCTION=NAME, and let the "
        "program offer int *NAME(void)");
}

TEST_CASE("other files are called what they are") {
  const auto of = [](std::string first) {
    first.resize(64, ' ');
    const std::string why = refusal(first), words = "elf_validity_check: not an ELF file";
    CHECK(why.substr(0, words.size()) == words);
    return why.substr(words.size());
  };
  CHECK(of("!<arch>\n") == ": a static library (ar): load the objects in it");
  CHECK(of("!<thin>\n") == ": a thin static library (ar): load the objects that it names");
  CHECK(of("\x1f\x8b\x08") == ": compressed by gzip: decompress it first");
  CHECK(of("\xfd"
           "7zXZ") == ": compressed by xz: decompress it first");
  CHECK(of("\x28\xb5\x2f\xfd") == ": compressed by zstd: decompress it first");
  CHECK(of("\xcf\xfa\xed\xfe") == ": Mach-O, which is for macOS: compile for ELF");
  CHECK(of(std::string("\0asm", 4)) == ": WebAssembly: compile for ELF");
  CHECK(of("MZ\x90") == ": PE, which is for Windows: compile for ELF");
  CHECK(of("int main() {}") == ": text: a source file is compiled first, by -c");
  CHECK(of("\x01\x02\x03\x04\x05\x06\x07\x08") == "");
  CHECK(refusal(std::string("int x;\n")) ==
        "elf_validity_check: file shorter than an ELF header: text: a source file is compiled "
        "first, by -c: value 0x7");
  auto object = assembled(".text\n.globl f\nf: ret\n");
  object[16] = 3;  // e_type
  CHECK(refusal(object) ==
        "elf_validity_check: not a relocatable object (e_type is not ET_REL): a shared library or "
        "an executable, which is linked: load what -c makes: value 0x3");
}
