// Each relocation type of arch/x86_64.hpp against GNU ld, and LLD where it is installed: the
// same object at the same address has the same bytes, and what they refuse is refused.
#include "arch_test.hpp"

namespace {

using judge::addr, judge::errc, judge::howto, judge::outcome, judge::piece, judge::symbol_map;
using relo::arch::x86_64;

/// Where LLD goes a way of its own: there relo goes GNU ld's.
constexpr judge::difference lld_differences[] = {
    {"R_X86_64_8", "-2^7 .. 2^8 - 1", "-2^8 .. 2^8 - 1"},
    {"R_X86_64_16", "-2^15 .. 2^16 - 1", "-2^16 .. 2^16 - 1"},
    {"R_X86_64_PC16", "-2^15 .. 2^15 - 1", "-2^16 .. 2^16 - 1"},
    {"R_X86_64_SIZE32", "-2^31 .. 2^31 - 1", "0 .. 2^32 - 1"},
    {"R_X86_64_GOTPCREL64", nullptr, "anything"},
    {"R_X86_64_GOTPLT64", nullptr, "anything"},
    {"R_X86_64_PC32_BND", nullptr, "-2^31 .. 2^31 - 1"},
    {"R_X86_64_PLT32_BND", nullptr, "-2^31 .. 2^31 - 1"},
    {"R_X86_64_CODE_4_GOTPCRELX", nullptr, nullptr},
    {"R_X86_64_CODE_5_GOTPCRELX", nullptr, nullptr},
    {"R_X86_64_CODE_6_GOTPCRELX", nullptr, nullptr},
};
/// Those of APX are newer than the assembler and both linkers.
constexpr std::span newer = std::span{lld_differences}.last(3);

struct x86_64_test : judge::arch_test<x86_64> {
  elf assemble(const char* source) const override {
    return judge::assemble<types>(RELO_X86_64_AS,
                                  RELO_TEST_DIR "/arch/x86_64/" + std::string(source));
  }
  const std::vector<const judge::judging_linker*>& linkers() const override {
    // --verbose: it would stop telling after ten overflows.
    static const judge::judging_linker gnu_ld{{RELO_X86_64_LD, "--verbose"}, newer};
    static const auto here = judge::with_lld(gnu_ld, lld_differences);
    return here;
  }
  std::vector<addr> bases() const override {
    return {0x1000, 0x400000, 0x7fff00000000, 0xffffffffc0000000};
  }
  symbol_map operand_symbols(addr base) const override {
    return {{"far", base + 0x40000000}, {"near", base + 0x100}, {"low", 0x7f}};
  }
  const char* step() const override { return "asan"; }
  addr destination(const piece& text, const record& r) const override {
    std::int32_t distance;
    std::memcpy(&distance, &text.bytes[r.r_offset], sizeof distance);
    return text.address + r.r_offset + 4 + static_cast<addr>(std::int64_t{distance});
  }
  addr veneer_target(const piece& veneers, addr address) const override {
    const addr offset = address - veneers.address;
    if (offset >= veneers.bytes.size() || offset % x86_64::veneer_size != 0) return 0;
    constexpr unsigned char jump_through_rip[] = {0xff, 0x25};
    const unsigned char* const code = &veneers.bytes[offset];
    if (std::memcmp(code, jump_through_rip, 2) != 0) return 0;
    std::int32_t distance;
    std::memcpy(&distance, code + 2, sizeof distance);
    return word_at(veneers, address + 6 + static_cast<addr>(std::int64_t{distance}));
  }
};
const x86_64_test test;

}  // namespace

TEST_CASE("the names and numbers of types are the assembler's") {
  test.check_names({"R_X86_64_CODE_4_GOTPCRELX", "R_X86_64_CODE_5_GOTPCRELX",
                    "R_X86_64_CODE_6_GOTPCRELX", "R_X86_64_CODE_4_GOTTPOFF",
                    "R_X86_64_CODE_5_GOTTPOFF", "R_X86_64_CODE_6_GOTTPOFF",
                    "R_X86_64_CODE_4_GOTPC32_TLSDESC", "R_X86_64_CODE_5_GOTPC32_TLSDESC",
                    "R_X86_64_CODE_6_GOTPC32_TLSDESC"});
}

TEST_CASE("operands are relocated as by a linker") {
  test.check_operands(test.assemble("operands.s"));
}

TEST_CASE("compact relocations") {
  for (const bool addends : {true, false}) test.check_compact(test.assemble("operands.s"), addends);
  test.check_written_compact("--target=x86_64-linux-gnu -O1 -fPIE -fdirect-access-external-data");
}

TEST_CASE("each type overflows where a linker says so") { test.check_limits(); }

TEST_CASE("a GOT slot holds its symbol's address, as in a linker's GOT") {
  test.check_got("got.s", 7, [](addr base) -> symbol_map {
    return {{"first", 0x123456789abcdef0}, {"second", base + 0x100}};
  });
}

TEST_CASE("branches out of reach go through veneers, branches within reach do not") {
  test.check_veneers(100);
}

TEST_CASE("what is no branch goes through no veneer") { test.check_what_is_no_branch(); }

TEST_CASE("branches to one symbol share a veneer") {
  auto object = test.assemble("branches.s");
  const addr base = 0x400000, far = 0x123456789abc, farther = 0xfedcba9876543210, near = 0x500000;
  const symbol_map symbols{{"far", far}, {"farther", farther}, {"near", near}};
  const outcome loaded = test.load(object, base, symbols);
  REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
  const piece& text = loaded.image.sections.at(".text");
  const piece& veneers = loaded.image.veneers;
  std::map<std::string, std::set<addr>> destinations;
  for (const auto& r : object.relocations(".text"))
    destinations[object.symbol_name(object.symbol_of(r))].insert(test.destination(text, r));

  for (const auto& to : destinations) CHECK_MESSAGE(to.second.size() == 1, to.first);
  CHECK(test.veneer_target(veneers, *destinations["far"].begin()) == far);
  CHECK(test.veneer_target(veneers, *destinations["farther"].begin()) == farther);
  CHECK(*destinations["near"].begin() == near);
  CHECK(test.veneers_written(veneers) == 2);
  CHECK(veneers.address % x86_64::veneer_align == 0);

  const outcome without = test.load<x86_64_test::without_veneers>(object, base, symbols);
  CHECK(without.error == errc::relocation_overflow);
  CHECK(without.told() ==
        "apply_relocations: value does not fit the relocated field: .text+0x1, relocation 0, "
        "R_X86_64_PLT32, symbol 'far', value 0x123456389ab7");
}

TEST_CASE("thread-local and dynamic types are refused") { test.check_unsupported(); }

TEST_CASE("types that nobody named are refused") {
  test.check_unknown({52u, 200u, 255u, 256u, 0x7fffffffu, 0xffffffffu});
}

TEST_CASE("GOT slots of APX's instructions are those of others") {
  using elf = x86_64_test::elf;
  elf object = test.assemble("got.s");
  const symbol_map symbols{{"first", 0xfedcba98}, {"second", 0x400100}};
  const outcome expected = test.load(object, 0x400000, symbols);
  REQUIRE_MESSAGE(expected.error == errc::ok, expected.told());
  for (const std::uint32_t type : {43U, 46U, 49U}) {
    elf changed = object;
    std::size_t count = 0;
    changed.for_each_relocation([&](const std::string&, auto& r) {
      const std::uint32_t was = elf::type_of(r);
      if (was == 9 || was == 41 || was == 42) elf::set_type(r, type), ++count;
    });
    CHECK(count > 0);
    const outcome loaded = test.load(changed, 0x400000, symbols);
    CHECK_MESSAGE(loaded.error == errc::ok, loaded.told());
    CHECK(loaded.memory == expected.memory);
  }
}

TEST_CASE("a machine with only some types refuses the others") {
  test.check_only<relo::only<x86_64, "R_X86_64_64", "R_X86_64_NONE">>();
}

TEST_CASE("no type is written outside its section") { test.check_bounds(); }

TEST_CASE("what overflows is not written") { test.check_overflow(addr{1} << 40); }

TEST_CASE("no type has a symbol that the symbol table has not") { test.check_symbol_numbers(); }
