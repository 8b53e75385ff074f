// Build attributes: code is refused that the loader's processor cannot run, or that passes
// arguments otherwise than the loader; GNU ld is asked which that is.
#include "attributes.hpp"

#include <relo/arch/arm.hpp>
#include <relo/arch/riscv.hpp>

#include <doctest/doctest.h>

#include "../compiled.hpp"
#include "linker.hpp"

namespace {

using namespace attributes_test;
using namespace relo::arch;
using relo::only;

constexpr std::uint32_t eabi5 = 0x5000000;
using for_m0 = for_core<armv6m_assembler, cortex_m0>;
using for_m3 = for_core<armv7m_assembler, cortex_m3>;
using for_m4 = for_core<armv7m_assembler, cortex_m4>;
using for_m4f = for_core<armv7m_assembler, cortex_m4f>;
using for_m4f_hard = for_core<armv7m_assembler, hard_float(cortex_m4f)>;
using for_m7_hard = for_core<armv7m_assembler, hard_float(cortex_m7)>;
using for_m23 = for_core<armv6m_assembler, cortex_m23>;
using for_m33 = for_core<armv7m_assembler, cortex_m33>;
using for_m33_soft = for_core<armv7m_assembler, without_fp(cortex_m33)>;
using for_m55 = for_core<armv7m_assembler, cortex_m55>;

template <class Machine>
std::string said_of(const bytes& attributes) {
  return verdict_of<Machine>{}(object_with<Machine>(".ARM.attributes", attributes, eabi5));
}
bytes aeabi(const bytes& attributes) { return section_of("aeabi", file_scope(attributes)); }

const std::string stage = "module_elf_check_arch: ";
const std::string malformed = stage + "malformed build attributes: .ARM.attributes";
const std::string other_processor =
    stage + "code for another processor (compile with the -mcpu or -march of this one): ";

TEST_CASE("attributes that nobody knows, and of others, say nothing") {
  for (const bytes& section :
       {bytes{}, bytes{'A'}, bytes{'B', 1}, section_of("gnu", file_scope({6, 17})),
        // of a section, and of a symbol
        section_of("aeabi", measured({2}, bytes{1, 0, 6, 17})),
        section_of("aeabi", measured({3}, bytes{1, 0, 6, 17})),
        // Tag_CPU_name, Tag_compatibility, Tag_also_compatible_with, one of two bytes
        aeabi(bytes{5} + text("Cortex-M3") + bytes{32, 0} + text("x") + bytes{65} + text("\6\21") +
              bytes{0x80, 1, 17}),
        section_of("aeabi", {}), aeabi({})})
    CHECK(said_of<for_m3>(section) == "");
}

TEST_CASE("what is said once more is still heard") {
  const bytes newer = file_scope({6, 17});
  const bytes gnu = measured({}, text("gnu") + newer);
  for (const bytes& section :
       {bytes{'A'} + gnu + measured({}, text("aeabi") + newer),
        section_of("aeabi", measured({2}, bytes{1, 0, 6, 10}) + newer),
        section_of("aeabi", file_scope({6, 10}) + newer), aeabi({6, 10, 6, 17}),
        aeabi({6, 0x91, 0}), aeabi({0x86, 0, 17}), aeabi({6, 0x91, 0x80, 0x80, 0x80, 0x80, 0}),
        aeabi(bytes{5} + text("") + bytes{32, 7} + text("") + bytes{67} + text("2.09") +
              bytes{6, 17})})
    CHECK(said_of<for_m3>(section) ==
          other_processor + ".ARM.attributes, 'v8-M.mainline', value 0x11");
}

TEST_CASE("lengths that lead outside are malformed, and so is what ends too early") {
  const bytes good = aeabi(bytes{5} + text("7-M") + bytes{6, 10});
  for (std::size_t n = 2; n < good.size(); ++n) {
    CAPTURE(n);
    CHECK(said_of<for_m3>({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)}) ==
          malformed);
  }
  // Each byte, and all of each length, changed: never more than refused.
  for (std::size_t i = 1; i < good.size(); ++i)
    for (const unsigned char v : bytes{0x00, 0x01, 0x7f, 0x80, 0xff}) {
      bytes changed = good;
      changed[i] = v;
      (void)said_of<for_m3>(changed);
    }
  for (const std::size_t length : {std::size_t{1}, 12UL}) {
    bytes changed = good;
    for (const unsigned char v : bytes{0x00, 0xff}) {
      for (std::size_t i = 0; i < 4; ++i) changed[length + i] = v;
      CHECK(said_of<for_m3>(changed) == malformed);
    }
  }
  CHECK(said_of<for_m3>(aeabi({6})) == malformed);
  CHECK(said_of<for_m3>(aeabi({6, 0x80})) == malformed);
  CHECK(said_of<for_m3>(aeabi(bytes(40, 0x80))) == malformed);
  CHECK(said_of<for_m3>(aeabi({5, 'x'})) == malformed);
}

/// Bytes that end where the file does: whatever they are, none behind them is read. The compiler
/// sees to that, as this is a constant expression.
consteval bool stays_inside() {
  constexpr unsigned char good[] = {'A', 24, 0, 0, 0,   'a', 'e', 'a', 'b', 'i', 0,   1, 14,
                                    0,   0,  0, 5, '7', 0,   6,   10,  32,  1,   'x', 0};
  using attributes = detail::arm::attributes<cortex_m3>;
  const auto read = [](const auto& bytes, std::size_t size) {
    relo::elf::contiguous source{std::span{bytes}.first(size)};
    attributes to;
    return relo::elf::read_attributes<std::endian::little>(source, {1, 0, size}, to);
  };
  bool well = read(good, std::size(good)) == relo::errc::ok;
  for (std::size_t i = 0; i < std::size(good); ++i) {
    (void)read(good, i);
    for (const int v : {0x00, 0x01, 0x03, 0x04, 0x05, 0x20, 0x41, 0x7f, 0x80, 0xff}) {
      std::array<unsigned char, std::size(good)> changed{};
      for (std::size_t k = 0; k < changed.size(); ++k)
        changed[k] = k == i ? static_cast<unsigned char>(v) : good[k];
      (void)read(changed, changed.size());
    }
  }
  return well;
}
static_assert(stays_inside());

TEST_CASE("each attribute has its say") {
  CHECK(said_of<for_m3>(aeabi({7, 'M'})) == "");
  CHECK(said_of<for_m3>(aeabi({7, 'A'})) ==
        other_processor + ".ARM.attributes, 'Tag_CPU_arch_profile', value 0x41");
  // VFPv4-D16, single precision only
  CHECK(said_of<for_m3>(aeabi({10, 6})) ==
        other_processor + ".ARM.attributes, 'Tag_FP_arch', value 0x6");
  CHECK(said_of<for_m4f>(aeabi({10, 6, 27, 1})) == "");
  CHECK(said_of<for_m4f>(aeabi({10, 6})) == other_processor + ".ARM.attributes, 'Tag_FP_arch'");
  CHECK(said_of<for_m4f>(aeabi({10, 8, 27, 1})) ==
        other_processor + ".ARM.attributes, 'Tag_FP_arch', value 0x8");
  CHECK(said_of<for_m4f>(aeabi({10, 3, 27, 1})) ==
        other_processor + ".ARM.attributes, 'Tag_FP_arch', value 0x3");
  CHECK(said_of<for_m7_hard>(aeabi({10, 8, 23, 3, 28, 1})) == "");
  // Unaligned accesses, DSP, MVE
  CHECK(said_of<for_m0>(aeabi({34, 1})) ==
        other_processor + ".ARM.attributes, 'Tag_CPU_unaligned_access', value 0x1");
  CHECK(said_of<for_m3>(aeabi({34, 1})) == "");
  CHECK(said_of<for_core<armv7m_assembler, cortex_m33_plain>>(aeabi({46, 1})) ==
        other_processor + ".ARM.attributes, 'Tag_DSP_extension', value 0x1");
  CHECK(said_of<for_m33>(aeabi({46, 1})) == "");
  CHECK(said_of<for_m33>(aeabi({48, 1})) ==
        other_processor + ".ARM.attributes, 'Tag_MVE_arch', value 0x1");
  CHECK(said_of<for_m55>(aeabi({48, 2})) == "");
  // Numbers that no architecture has yet.
  for (const bytes& arch : {bytes{6, 22}, bytes{6, 23}, bytes{6, 31}, bytes{6, 32}, bytes{6, 42},
                            bytes{6, 77}, bytes{6, 0x8a, 0x80, 0x80, 0x80, 1}})
    CHECK(said_of<for_m55>(aeabi(arch)) != "");
}

TEST_CASE("floating-point arguments are where the loader's program has them") {
  const std::string has_hard =
      stage + "compiled with -mfloat-abi=hard, and this program is not (compile with "
              "-mfloat-abi=softfp or soft): .ARM.attributes, 'Tag_ABI_VFP_args'";
  const std::string has_soft =
      stage + "not compiled with -mfloat-abi=hard, and this program is (compile with "
              "-mfloat-abi=hard): .ARM.attributes, 'Tag_ABI_VFP_args'";
  CHECK(said_of<for_m4f>(aeabi({23, 3, 28, 1})) == has_hard + ", value 0x1");
  CHECK(said_of<for_m4f>(aeabi({28, 1})) == has_hard + ", value 0x1");
  CHECK(said_of<for_m4f>(aeabi({23, 3, 28, 2})) == has_hard + ", value 0x2");
  CHECK(said_of<for_m4f>(aeabi({23, 3, 28, 3})) == "");
  CHECK(said_of<for_m4f_hard>(aeabi({23, 3, 28, 1})) == "");
  CHECK(said_of<for_m4f_hard>(aeabi({23, 3})) == has_soft);
  CHECK(said_of<for_m4f_hard>(aeabi({23, 3, 28, 0})) == has_soft);
  CHECK(said_of<for_m4f_hard>(aeabi({23, 3, 28, 2})) == has_soft + ", value 0x2");
  CHECK(said_of<for_m4f_hard>(aeabi({23, 3, 28, 3})) == "");
  CHECK(said_of<for_m4f_hard>(aeabi({6, 13})) == "");
}

TEST_CASE("a machine alone takes what any of its cores runs") {
  for (const unsigned char arch : bytes{2, 9, 10, 11, 12, 13, 16, 17, 21}) {
    CHECK(said_of<armv7m_assembler>(aeabi({6, arch})) == "");
    CHECK(said_of<only<armv7m, "R_ARM_NONE">>(aeabi({6, arch})) == "");
  }
  for (const unsigned char arch : bytes{10, 13, 17, 21})
    CHECK(said_of<armv6m_assembler>(aeabi({6, arch})) != "");
  CHECK(said_of<armv7m_assembler>(aeabi({23, 3, 28, 1})) != "");
}

template <class Machine>
std::string riscv_said_of(const bytes& attributes, std::uint32_t flags = 0) {
  const bytes section = section_of("riscv", file_scope(attributes));
  return verdict_of<Machine>{}(object_with<Machine>(".riscv.attributes", section, flags));
}
template <class Machine>
std::string riscv_said_of(const char* arch, std::uint32_t flags = 0) {
  return riscv_said_of<Machine>(bytes{4, 16, 5} + text(arch), flags);
}

TEST_CASE("RISC-V: the stack is aligned as the loader's program has it") {
  const std::string refused = stage + "code keeps the stack aligned otherwise than this program "
                                      "(compile without -mpreferred-stack-boundary): "
                                      ".riscv.attributes, 'Tag_RISCV_stack_align', value 0x8";
  CHECK(riscv_said_of<rv32_compiler>({4, 8}) == refused);
  CHECK(riscv_said_of<rv64>({4, 8}) == refused);
  CHECK(riscv_said_of<rv64>({4, 16}) == "");
  CHECK(riscv_said_of<rv64>({4, 0}) == "");
  CHECK(riscv_said_of<rv64>({6, 1, 8, 1, 10, 13, 14, 1, 15, 'x', 0}) == "");
}

TEST_CASE("RISC-V: nothing is known of a processor that is not named, and no extension refused") {
  for (const char* arch : {"rv32imafdcv_zba_zvl128b_zicbom_xany1p0", "rv32e1p9", "", "nonsense"})
    CHECK(riscv_said_of<rv32_compiler>(arch, 1) == "");
}

TEST_CASE("RISC-V: an extension that a named processor has not is refused by its name") {
  using imac = for_isa<rv32_compiler, "rv32imac_zba_zbb">;
  const auto refused = [](const std::string& name) {
    return other_processor + ".riscv.attributes, '" + name + "'";
  };
  for (const char* arch :
       {"", "rv32", "rv32i", "rv32imac", "rv32i2p1", "rv32i2p1_m2p0_a2p1_c2p0_zmmul1p0_zba1p0",
        "rv32i2p0m2p0a2p0c2p0", "rv32i2p1_zicsr2p0_zifencei2p0_zca1p0_zaamo1p0_zalrsc1p0",
        // nothing to run: lengths, what a supervisor has, counters, hints, promises of memory
        "rv32i2p1_zvl128b1p0", "rv32i2p1_sscofpmf", "rv32i_zicntr2p0_zihpm2p0",
        "rv32i_zihintpause_zihintntl1p0", "rv32i_za64rs1p0_zic64b1p0_zkt"})
    CHECK_MESSAGE(riscv_said_of<imac>(arch) == "", arch);
  CHECK(riscv_said_of<imac>("rv32i2p1_m2p0_a2p1_f2p2_d2p2_c2p0") == refused("f"));
  CHECK(riscv_said_of<imac>("rv32imacv") == refused("v"));
  CHECK(riscv_said_of<imac>("rv32imacp0p9") == refused("p"));
  CHECK(riscv_said_of<imac>("rv32e1p9") == refused("e"));
  CHECK(riscv_said_of<imac>("rv32i2p1_zbs1p0") == refused("zbs"));
  CHECK(riscv_said_of<imac>("rv32i2p1_zb1p0") == refused("zb"));
  CHECK(riscv_said_of<imac>("rv32i2p1_zbab1p0") == refused("zbab"));
  CHECK(riscv_said_of<imac>("rv32i2p1_zve32x1p0") == refused("zve32x"));
  CHECK(riscv_said_of<imac>("rv32i2p1_zicbom1p0") == refused("zicbom"));
  CHECK(riscv_said_of<imac>("rv32i2p1_xtheadba1p0_zba1p0") == refused("xtheadba"));
  CHECK(riscv_said_of<imac>("rv32i_xaname0that0is0longer0than0any0other") ==
        refused("xaname0that0is0longer0t"));
  // The flags say it, too, where code is compressed.
  CHECK(riscv_said_of<imac>("rv32i2p1", 1) == "");
  CHECK(riscv_said_of<for_isa<rv32_compiler, "rv32im">>("rv32i2p1", 1) == refused("c"));
  CHECK(riscv_said_of<for_isa<rv64, "rv64imac">>("rv64i2p1_m2p0_f2p2") == refused("f"));
  // A whole has its parts.
  using whole = for_isa<rv64, "rv64gcv_zfh_b">;
  for (const char* arch : {"rv64i2p1_m2p0_a2p1_f2p2_d2p2", "rv64i_zve32x1p0_zve64d1p0_zvl64b1p0",
                           "rv64i_zfh_zfhmin", "rv64i_zba_zbb_zbs"})
    CHECK_MESSAGE(riscv_said_of<whole>(arch) == "", arch);
  // Said once more, it is still heard, and from its beginning.
  const bytes good = bytes{5} + text("rv32i2p1_m2p0"), bad = bytes{5} + text("rv32i2p1_f2p2");
  CHECK(riscv_said_of<imac>(good + good) == "");
  CHECK(riscv_said_of<imac>(good + bad) == refused("f"));
  CHECK(riscv_said_of<imac>(bad + good) == refused("f"));
}

#ifdef RELO_ARM_CC
/// Takes down what is told.
struct noted {
  static constexpr const char* vendor = "aeabi";
  using arm = detail::arm::attributes<cortex_m3>;
  static constexpr bool has_number(unsigned tag) { return arm::has_number(tag); }
  static constexpr bool has_text(unsigned tag) { return arm::has_text(tag); }
  std::map<std::uint32_t, std::uint32_t> values{};
  void see(unsigned tag, unsigned v) { values[tag] = v; }
};

/// An object of that C source.
std::string compiled(const ::judge::temporary_directory& directory, const std::string& name,
                     const std::string& compiler, const std::string& options, const char* source) {
  {
    std::ofstream out{directory / (name + ".c").c_str()};
    out << source;
  }
  REQUIRE(::judge::run(compiler,
                       options + " -O1 -c -o" +
                           ::judge::argument(directory / (name + ".o").c_str()) +
                           ::judge::argument(directory / (name + ".c").c_str()),
                       directory / "log"));
  return ::judge::read_text(directory / (name + ".o").c_str());
}

TEST_CASE("who compiled for another processor is told what to do") {
  const ::judge::temporary_directory directory;
  const auto said = [&]<class Machine>(Machine, const char* options, const char* source) {
    return verdict_of<Machine>{}(compiled(directory, "object", RELO_ARM_CC, options, source));
  };
  const auto variable = "int g = 5; int test(void) { return g * 3; }",
             call = "int other(int); int test(void) { return other(3); }",
             number = "float test(float a) { return a * 3; }",
             hidden = "static int f(void) { return 1; } int (*const p)(void) = f;",
             assembly = "__asm__(\".arm; mov r0, #1; bx lr\");";
  const std::string a32 = stage + "A32 code, and this processor has Thumb only (compile with "
                                  "-mthumb and its -mcpu): .text, symbol ";
  for (const char* source : {variable, call, number})
    for (const std::string& text :
         {said(armv7m_assembler{}, "", source), said(for_m3{}, "", source),
          said(for_m4{}, "", source), said(armv6m_assembler{}, "", source)})
      CHECK((text == a32 + "'$a'" || text == a32 + "'test'"));
  CHECK(said(for_m3{}, "", hidden) != "");
  CHECK(said(for_m3{}, "", assembly) == a32 + "'$a'");
  CHECK(said(for_m3{}, "-mthumb", variable) == "");
  CHECK(said(for_m3{}, "-mthumb", hidden) == "");

  const auto hard = "-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16",
             softfp = "-mcpu=cortex-m4 -mfloat-abi=softfp -mfpu=fpv4-sp-d16";
  CHECK(said(for_m3{}, hard, number) == other_processor + ".ARM.attributes, 'v7E-M', value 0xd");
  CHECK(said(armv7m_assembler{}, hard, number) ==
        stage + "compiled with -mfloat-abi=hard, and this program is not (compile with "
                "-mfloat-abi=softfp or soft): .ARM.attributes, 'Tag_ABI_VFP_args', value 0x1");
  CHECK(said(for_m4f{}, softfp, number) == "");
  CHECK(said(for_m4f_hard{}, hard, number) == "");
  CHECK(said(for_m4f_hard{}, softfp, number) ==
        stage + "not compiled with -mfloat-abi=hard, and this program is (compile with "
                "-mfloat-abi=hard): .ARM.attributes, 'Tag_ABI_VFP_args'");
}

TEST_CASE("GNU ld and each core agree on what compilers write") {
  const ::judge::temporary_directory directory;
  const auto attributes_of = [](const std::string& file) {
    relo::elf::contiguous source{std::span{file}};
    relo::elf::image<relo::elf::elf32le, decltype(source), false> image{source};
    noted out;
    const std::uint32_t shoff =
        relo::read_int<std::uint32_t, std::endian::little>(file.data() + 32);
    const auto count = relo::read_int<std::uint16_t, std::endian::little>(file.data() + 48);
    for (std::size_t i = 0; i < count; ++i) {
      const relo::elf::shdr<relo::elf::elf32le, const char*> s{file.data() + shoff + i * 40};
      if (s.sh_type() == relo::elf::sht::attributes)
        REQUIRE(relo::elf::read_attributes<std::endian::little>(
                    source, {1, s.sh_offset(), s.sh_size()}, out) == relo::errc::ok);
    }
    return out.values;
  };

  std::vector<std::string> options{"",
                                   "-mthumb",
                                   "-march=armv5te",
                                   "-march=armv6",
                                   "-mthumb -march=armv6t2",
                                   "-mthumb -march=armv7",
                                   "-mthumb -march=armv7-a",
                                   "-march=armv7-a",
                                   "-mthumb -march=armv7-r",
                                   "-mthumb -march=armv8-a",
                                   "-mthumb -mcpu=cortex-m0",
                                   "-mthumb -mcpu=cortex-m1",
                                   "-mthumb -mcpu=cortex-m3",
                                   "-mthumb -mcpu=cortex-m4",
                                   "-mthumb -mcpu=cortex-m7",
                                   "-mthumb -mcpu=cortex-m23",
                                   "-mthumb -mcpu=cortex-m33",
                                   "-mthumb -mcpu=cortex-m55",
                                   "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=softfp",
                                   "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
                                   "-mthumb -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard",
                                   "-mthumb -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard"};
  const char* const source = "int other(int); int g; float f(float a) { return a * 3; }"
                             "int test(int a) { return other(a) * g; }";
  std::vector<std::string> objects;
  const auto make = [&](const std::string& compiler, const std::string& o) {
    objects.push_back(
        compiled(directory, "o" + std::to_string(objects.size()), compiler, o, source));
  };
  for (const std::string& o : options) make(RELO_ARM_CC, o);
#ifdef RELO_CLANG
  for (const char* target :
       {"arm-none-eabi", "armv7a-none-eabi", "thumbv7a-none-eabi", "thumbv6m-none-eabi",
        "thumbv7m-none-eabi", "thumbv7em-none-eabi", "thumbv8m.base-none-eabi",
        "thumbv8m.main-none-eabi", "thumbv7em-none-eabihf -mfpu=fpv4-sp-d16"}) {
    options.push_back("--target=" + std::string(target) +
                      (target[0] == 't' ? " -mthumb -mfloat-abi=" : " -mfloat-abi=") +
                      (std::string(target).find("hf") == std::string::npos ? "soft" : "hard"));
    make(RELO_CLANG, options.back());
  }
#else
  made::left_out("what clang writes", "cross");
#endif

  std::size_t taken = 0, refused = 0;
  const auto check = [&]<class Machine>(Machine, const std::string& core) {
    const auto own = attributes_of(
        compiled(directory, "core", RELO_ARM_CC, core, "float core(float a) { return a; }"));
    const auto value = [](const auto& all, std::uint32_t tag) {
      const auto found = all.find(tag);
      return found == all.end() ? 0 : found->second;
    };
    for (std::size_t i = 0; i < options.size(); ++i) {
      CAPTURE(core);
      CAPTURE(options[i]);
      const bool links = ::judge::run(
          RELO_ARM_LD,
          "-e 0 --unresolved-symbols=ignore-all -o" + ::judge::argument(directory / "out") +
              ::judge::argument(directory / "core.o") +
              ::judge::argument(directory / ("o" + std::to_string(i) + ".o").c_str()),
          directory / "log");
      // Linked, they must not ask for more than the core has: another architecture, A32 code, FP.
      bool runs = links;
      if (links) {
        const auto merged = attributes_of(::judge::read_text(directory / "out"));
        const bool arm_code = value(attributes_of(objects[i]), 8) != 0 &&
                              options[i].find("-mthumb") == options[i].npos;
        const bool thumb_1 = value(merged, 6) == 9;  // Thumb code for ARMv4T on ARMv6-M: ARMv6K
        runs = (value(merged, 6) == value(own, 6) || thumb_1) && !arm_code &&
               value(merged, 10) == value(own, 10);
      }
      const std::string said = verdict_of<Machine>{}(objects[i]);
      CAPTURE(said);
      CHECK(runs == (said == ""));
      ++(runs ? taken : refused);
    }
  };
  check(for_m0{}, "-mthumb -mcpu=cortex-m0");
  check(for_m3{}, "-mthumb -mcpu=cortex-m3");
  check(for_m4{}, "-mthumb -mcpu=cortex-m4");
  check(for_m4f_hard{}, "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard");
  check(for_m23{}, "-mthumb -mcpu=cortex-m23");
  check(for_m33_soft{}, "-mthumb -mcpu=cortex-m33");
  CHECK(taken > 20);
  CHECK(refused > 60);
}
#endif

}  // namespace
