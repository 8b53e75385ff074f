// Each relocation type of arch/arm.hpp against GNU ld, and LLD where it is installed: the same
// object at the same address has the same bytes, and what they refuse, or lead to a stub of
// theirs, is refused.
#include "arch_test.hpp"

#include <relo/arch/arm.hpp>

namespace {

using judge::addr, judge::errc, judge::howto, judge::outcome, judge::piece, judge::places,
    judge::symbol_map;
using relo::arch::armv6m, relo::arch::armv7m;

/// Where they go ways of their own, relo goes the psABI's.
constexpr judge::difference gnu_ld_differences[] = {
    {"R_ARM_THM_PC8", "0 .. 1020", "anything"},
    {"R_ARM_THM_PC12", "-4095 .. 4095", "0 .. 4095"},
    {"R_ARM_THM_JUMP6", nullptr, "0 .. 62, and no addend"},
    {"R_ARM_THM_CALL", "-2^24 .. 2^24 - 2", "-2^24 .. 2^24 - 4, and then a stub"},
    {"R_ARM_THM_JUMP24", "-2^24 .. 2^24 - 2", "-2^24 .. 2^24 - 4, and then a stub"},
};
constexpr judge::difference lld_differences[] = {
    {"R_ARM_THM_JUMP6", nullptr, "0 .. 126"},
    {"R_ARM_ABS8", nullptr, "0 .. 2^8 - 1"},
    {"R_ARM_ABS16", nullptr, "0 .. 2^16 - 1"},
    {"R_ARM_THM_ALU_ABS_G0_NC", nullptr, "anything"},
    {"R_ARM_THM_ALU_ABS_G1_NC", nullptr, "anything"},
    {"R_ARM_THM_ALU_ABS_G2_NC", nullptr, "anything"},
    {"R_ARM_THM_ALU_ABS_G3_NC", nullptr, "anything"},
};

std::uint32_t halfword(const piece& text, addr offset) {
  return static_cast<std::uint32_t>(text.bytes.at(offset) | text.bytes.at(offset + 1) << 8);
}
std::int64_t sign_extended(std::uint32_t v, int bits) {
  return static_cast<std::int32_t>(v << (32 - bits)) >> (32 - bits);
}

template <class Machine>
struct arm_test : judge::arch_test<Machine> {
  using base_test = judge::arch_test<Machine>;
  using typename base_test::elf, typename base_test::record, typename base_test::word;

  elf assemble(const char* source) const override {
    return judge::assemble<typename base_test::types>(RELO_ARM_AS, RELO_TEST_DIR "/arch/arm/" +
                                                                       std::string(source));
  }
  const std::vector<const judge::judging_linker*>& linkers() const override {
    static const judge::judging_linker gnu_ld{{RELO_ARM_LD, "--verbose"}, gnu_ld_differences};
    static const auto here = judge::with_lld(gnu_ld, lld_differences, "--target2=rel");
    return here;
  }
  std::vector<addr> bases() const override { return {0x1000, 0x08000000, 0x20000000, 0x60010000}; }
  std::vector<addr> limit_bases() const override { return {0x40001000, 0x60000000, 0xbfff0000}; }
  std::string assembler() const override { return RELO_ARM_AS; }
  std::set<std::string> functions() const override {
    return {"function", "near_function", "far_function", "__gnu_thumb1_case_uqi"};
  }
  symbol_map operand_symbols(addr base) const override {
    return {{"near_function", base + 0x8001},
            {"function", base + 0x200001},
            {"far_function", base + 0x2000001},
            {"close", base + 0x58},
            {"near", base + 0x200},
            {"far", 0xfedcba98},
            {"low", 0x7f},
            {"__aeabi_unwind_cpp_pr0", 1},
            {"__gnu_thumb1_case_uqi", base + 0x9001}};
  }
  addr granularity(const howto& h) const override {
    const std::string_view name = h.name;
    if (name == "R_ARM_THM_PC8") return 4;
    return name.find("JUMP") != name.npos || name == "R_ARM_THM_CALL" ? 2 : 1;
  }

  addr got_origin(const judge::link_plan& plan) const override { return plan.got; }
  /// A magnitude has its lower limit one higher.
  word limit(std::size_t i, const howto& h) const override {
    if (h.check != relo::overflow::magnitude || i % 4 != 3) return base_test::limit(i, h);
    return static_cast<word>(base_test::limits()[i] + 2);
  }

  /// As GNU as writes it; of ABS8 and ABS16, GNU ld takes no negative addend.
  word prepare(unsigned char* place, const howto& h) const override {
    static constexpr struct {
      std::string_view type;
      std::uint32_t instruction;
      int addend;
    } instructions[] = {
        {"R_ARM_THM_CALL", 0xfffef7ff, -4},
        {"R_ARM_THM_JUMP24", 0xbffef7ff, -4},
        {"R_ARM_THM_JUMP19", 0xaffef43f, -4},
        {"R_ARM_THM_JUMP11", 0xe7fe, -4},
        {"R_ARM_THM_JUMP8", 0xd0fe, -4},
        {"R_ARM_THM_JUMP6", 0xb100, 0},
        {"R_ARM_THM_MOVW_ABS_NC", 0x70fcf64f, -4},
        {"R_ARM_THM_MOVT_ABS", 0x70fcf6cf, -4},
        {"R_ARM_THM_MOVW_PREL_NC", 0x70fcf64f, -4},
        {"R_ARM_THM_MOVT_PREL", 0x70fcf6cf, -4},
        {"R_ARM_THM_PC12", 0x0004f85f, -4},
        {"R_ARM_THM_ALU_PREL_11_0", 0x0004f2af, -4},
        {"R_ARM_THM_PC8", 0x48ff, -4},
        {"R_ARM_THM_ALU_ABS_G0_NC", 0x20f0, 0xf0},
        {"R_ARM_THM_ALU_ABS_G1_NC", 0x20f0, 0xf0},
        {"R_ARM_THM_ALU_ABS_G2_NC", 0x20f0, 0xf0},
        {"R_ARM_THM_ALU_ABS_G3_NC", 0x20f0, 0xf0},
        {"R_ARM_ABS8", 0, 0},
        {"R_ARM_ABS16", 0, 0},
    };
    std::uint32_t instruction = 0xfffffffc;
    int addend = -4;
    for (const auto& i : instructions)
      if (i.type == h.name) instruction = i.instruction, addend = i.addend;
    std::memcpy(place, &instruction, h.where.bytes);
    return static_cast<word>(addend);
  }

  /// As the processor decodes it: ARMv7-M Architecture Reference Manual, B and BL.
  addr destination(const piece& text, const record& r) const override {
    const std::uint32_t hi = halfword(text, r.r_offset), lo = halfword(text, r.r_offset + 2);
    const std::uint32_t s = hi >> 10 & 1, j1 = lo >> 13 & 1, j2 = lo >> 11 & 1, imm11 = lo & 0x7ff;
    std::int64_t distance = 0;
    if ((lo & 0x1000) != 0) {  // BL, B.W
      const std::uint32_t i1 = 1 ^ j1 ^ s, i2 = 1 ^ j2 ^ s, imm10 = hi & 0x3ff;
      distance = sign_extended(s << 24 | i1 << 23 | i2 << 22 | imm10 << 12 | imm11 << 1, 25);
    } else {  // B<c>.W
      const std::uint32_t imm6 = hi & 0x3f;
      distance = sign_extended(s << 20 | j2 << 19 | j1 << 18 | imm6 << 12 | imm11 << 1, 21);
    }
    return static_cast<word>(text.address + r.r_offset + 4 + static_cast<addr>(distance));
  }
  addr function(addr address) const override { return address | 1; }

  /// All branches have the addend -4, and so go to their symbols or to stubs.
  places rerouted(elf& linked, const std::map<judge::place, record>& records, elf& object,
                  const symbol_map& symbols) const override {
    places out;
    for (const auto& [at, r] : records) {
      const auto symbol = symbols.find(object.symbol_name(elf::symbol_of(r)));
      if (symbol == symbols.end() || !base_test::is_branch(base_test::row_of(r))) continue;
      const addr there = destination(base_test::piece_of(linked, at.first), r);
      if (there != (symbol->second & ~addr{1})) out.insert(at);
    }
    return out;
  }

  addr veneer_target(const piece& veneers, addr address) const override {
    const addr offset = address - veneers.address;
    if (offset >= veneers.bytes.size() || offset % Machine::veneer_size != 0) return 0;
    const unsigned char* const code = &veneers.bytes[offset];
    if constexpr (Machine::veneer_size == 8) {
      constexpr unsigned char ldr_pc[] = {0xdf, 0xf8, 0x00, 0xf0};  // ldr.w pc, [pc]
      if (std::memcmp(code, ldr_pc, sizeof ldr_pc) != 0) return 0;
      return this->word_at(veneers, address + 4);
    } else {
      // push {r0, r1}; ldr r0, [pc, #4]; str r0, [sp, #4]; pop {r0, pc}
      constexpr unsigned char through_stack[] = {0x03, 0xb4, 0x01, 0x48, 0x01, 0x90, 0x01, 0xbd};
      if (std::memcmp(code, through_stack, sizeof through_stack) != 0) return 0;
      return this->word_at(veneers, ((address + 2 + 4) & ~addr{3}) + 4);
    }
  }
};
const arm_test<armv7m> test;

}  // namespace

TEST_CASE("the names and numbers of types are the assembler's") {
  test.check_names({"R_ARM_THM_TLS_DESCSEQ16", "R_ARM_THM_TLS_DESCSEQ32"});
}

TEST_CASE("operands are relocated as by a linker") {
  test.check_operands(test.assemble("operands.s"));
}

TEST_CASE("what ld -r made of operands is relocated as by a linker") {
  for (const judge::judging_linker* const linker : test.linkers())
    test.check_operands(linker->relink(test.assemble("operands.s")));
}

#ifdef RELO_ARM_CC
namespace {

/// What gcc makes of compiled.c is relocated as by GNU ld, and Selection has all that it takes.
template <class Selection>
void check_compiled(const std::string& options) {
  INFO(options);
  const arm_test<Selection> selection;
  const auto object = judge::assemble<typename arm_test<Selection>::types>(
      RELO_ARM_CC, RELO_TEST_DIR "/arch/arm/compiled.c", "-c -mthumb " + options);
  for (const addr base : selection.bases()) {
    const std::string where = judge::hex(base);
    INFO(where);
    selection.check_agreement(object, base, selection.operand_symbols(base),
                              *selection.linkers().front());
  }
}

}  // namespace

TEST_CASE("what a compiler writes needs 12 types, or 22 with options") {
  using namespace relo::arch;
  static_assert(std::size(armv7m_compiler::howtos) == 12);
  static_assert(std::size(armv7m_assembler::howtos) == 22);
  check_compiled<armv7m_compiler>("-mcpu=cortex-m3 -O0");
  check_compiled<armv7m_compiler>("-mcpu=cortex-m3 -Os");
  check_compiled<armv7m_compiler>("-mcpu=cortex-m3 -Os -mlong-calls");
  check_compiled<armv7m_compiler>("-mcpu=cortex-m4 -O2 -ffunction-sections -fdata-sections");
  check_compiled<armv7m_compiler>("-mcpu=cortex-m33 -O2 -mslow-flash-data");
  check_compiled<armv6m_compiler>("-mcpu=cortex-m0 -Os");
  check_compiled<armv6m_compiler>("-mcpu=cortex-m23 -O2");
  check_compiled<armv6m_assembler>("-mcpu=cortex-m0 -Os -mpure-code");
}
#endif

TEST_CASE("compact relocations without addends") {
  test.check_compact(test.assemble("operands.s"), false);
}

TEST_CASE("compact relocations with addends, beside what stands in a branch") {
  test.check_written_compact("--target=armv7m-none-eabi -O1", false);
  test.check_written_compact("--target=armv7m-none-eabi -Os -ffunction-sections", false);
  arm_test<armv6m>{}.check_written_compact("--target=armv6m-none-eabi -O1", false);
}

TEST_CASE("each type overflows where a linker says so") { test.check_limits(); }

// Linkers do not say: GNU ld has a smaller range, and LLD not the type.
TEST_CASE("CBZ reaches 126 bytes after the address that it reads as PC") {
  for (const addr distance : {addr{0}, addr{126}, addr{128}, ~addr{1}}) {
    CAPTURE(distance);
    arm_test<armv7m>::spoiled s{test};
    test.set_value(s.object, test.changed, test.row_of("R_ARM_THM_JUMP6"), s.sound.image,
                   static_cast<std::uint32_t>(distance), s.symbols);
    const outcome loaded = test.load(s.object, s.base, s.symbols);
    CHECK(loaded.error == (distance <= 126 ? errc::ok : errc::relocation_overflow));
    if (loaded.error != errc::ok) continue;
    const std::uint32_t insn = halfword(loaded.image.sections.at(".text"), s.r.r_offset);
    CHECK((insn & 0xfd07) == 0xb100);
    CHECK(((insn >> 9 & 1) << 6 | (insn >> 3 & 0x1f) << 1) == distance);
  }
}

TEST_CASE("a GOT slot holds its symbol's address, as in a linker's GOT") {
  test.check_got("got.s", 8, [](addr base) -> symbol_map {
    return {{"first", 0xfedcba98}, {"second", base + 0x100}};
  });
}

TEST_CASE_TEMPLATE("branches out of reach go through veneers, branches within reach do not",
                   Machine, armv7m, armv6m) {
  arm_test<Machine>{}.check_veneers(20);
}

TEST_CASE("what is no branch goes through no veneer") { test.check_what_is_no_branch(); }

TEST_CASE_TEMPLATE("branches to one symbol share a veneer", Machine, armv7m, armv6m) {
  const arm_test<Machine> machine;
  auto object = machine.assemble("branches.s");
  const addr base = 0x08000000, far = 0x20000001, farther = 0x30000001, near = 0x08010001;
  const symbol_map symbols{{"far", far}, {"farther", farther}, {"near", near}};
  const outcome loaded = machine.load(object, base, symbols);
  REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
  const piece& text = loaded.image.sections.at(".text");
  const piece& veneers = loaded.image.veneers;
  std::map<std::string, std::set<addr>> destinations;
  for (const auto& r : object.relocations(".text"))
    destinations[object.symbol_name(object.symbol_of(r))].insert(machine.destination(text, r));

  for (const auto& to : destinations) CHECK_MESSAGE(to.second.size() == 1, to.first);
  CHECK(machine.veneer_target(veneers, *destinations["far"].begin()) == far);
  CHECK(machine.veneer_target(veneers, *destinations["farther"].begin()) == farther);
  CHECK(*destinations["near"].begin() == (near & ~addr{1}));
  CHECK(machine.veneers_written(veneers) == 2);
  CHECK(veneers.address % Machine::veneer_align == 0);
}

TEST_CASE("thread-local and dynamic types are refused") { test.check_unsupported(); }

TEST_CASE("types that nobody named are refused") { test.check_unknown({139u, 159u, 168u, 255u}); }
TEST_CASE("types of A32 code, of a static base and of descriptors are refused by name") {
  test.check_refused_types();
}

TEST_CASE("a machine with only some types refuses the others") {
  test.check_only<relo::only<armv7m, "R_ARM_ABS32", "R_ARM_NONE">>();
}

TEST_CASE("no type is written outside its section") { test.check_bounds(); }

TEST_CASE("what overflows is not written") { test.check_overflow(0x40000000); }

TEST_CASE("no type has a symbol that the symbol table has not") { test.check_symbol_numbers(); }
