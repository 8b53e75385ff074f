// Each relocation type of arch/riscv.hpp against GNU ld, and LLD where it is installed: the same
// object at the same address has the same bytes, and what they refuse is refused.
#include "arch_test.hpp"

#include <relo/arch/riscv.hpp>

namespace {

using judge::addr, judge::errc, judge::howto, judge::howto_kind, judge::outcome, judge::piece,
    judge::place, judge::places, judge::symbol_map;
using relo::arch::rv32, relo::arch::rv64;

std::uint32_t instruction(const unsigned char* p) {
  std::uint32_t out;
  std::memcpy(&out, p, sizeof out);
  return out;
}
std::int64_t imm_u(std::uint32_t i) { return static_cast<std::int32_t>(i & 0xfffff000); }
std::int64_t imm_i(std::uint32_t i) { return static_cast<std::int32_t>(i) >> 20; }

/// Newer than the assembler and most linkers, see newer.s.
constexpr judge::difference newer[] = {
    {"R_RISCV_GOT32_PCREL", nullptr, "anything, as GNU_VTINHERIT"},
    {"R_RISCV_PLT32", nullptr, nullptr},
};

template <class Machine>
struct riscv_test : judge::arch_test<Machine> {
  using base_test = judge::arch_test<Machine>;
  using typename base_test::elf, typename base_test::record, typename base_test::word;
  static constexpr unsigned xlen = Machine::xlen;

  elf assemble(const char* source) const override { return assemble_with(source, ""); }
  elf assemble_with(const char* source, const std::string& symbols) const {
    return judge::assemble<typename base_test::types>(
        RELO_RISCV_AS, RELO_TEST_DIR "/arch/riscv/" + std::string(source),
        (xlen == 32 ? "-march=rv32imac -mabi=ilp32 --defsym XLEN=32"
                    : "-march=rv64imac -mabi=lp64 --defsym XLEN=64") +
            symbols);
  }
  const std::vector<const judge::judging_linker*>& linkers() const override {
    static const judge::judging_linker gnu_ld{
        {RELO_RISCV_LD, xlen == 32 ? "--verbose -m elf32lriscv" : "--verbose -m elf64lriscv"},
        newer,
        true};
    static const auto here = judge::with_lld(gnu_ld, newer);
    return here;
  }
  std::vector<addr> bases() const override {
    if (xlen == 32) return {0x1000, 0x20000000, 0x80000000, 0xfff00000};
    return {0x1000, 0x80000000, 0x7fff00000000, 0xffffffffc0000000};
  }
  /// Where no branch leaves the address space: GNU ld counts with 64 bits for RV32, too. And, for
  /// RV64, from where no tested value leads into the 2 GiB on either side of 0: there, GNU ld makes
  /// LUI of AUIPC.
  std::vector<addr> limit_bases() const override {
    if (xlen == 32) return {0x200000, 0x20000000, 0x80000000, 0xffe00000};
    return {0x2'c000'0000, 0x7fff'0000'0000, 0xffff'fffd'4000'0000};
  }
  symbol_map operand_symbols(addr base) const override {
    const addr far = static_cast<word>(base + 0x40000000);
    return {{"far", far}, {"near", base + 0x80}, {"low", 0x12345678}};
  }
  /// A linker keeps the first slot for itself.
  addr got_header() const override { return Machine::got_entry; }
  /// Instructions are not at odd addresses.
  addr granularity(const howto& h) const override {
    using namespace relo::arch::detail::riscv;
    return h.where == b_type || h.where == j_type || h.where == cb_type || h.where == cj_type ? 2
                                                                                              : 1;
  }
  /// What the lower part takes, the upper part has to give.
  word limit(std::size_t i, const howto& h) const override {
    return static_cast<word>(base_test::limit(i, h) - h.where.round);
  }
  /// GNU ld 2.40 adds a SUB's addend; calls have none.
  word prepare(unsigned char*, const howto& h) const override {
    return static_cast<word>(h.value.a < 0 || h.value.l != 0 ? 0 : -4);
  }
  addr destination(const piece& text, const record& r) const override {
    const unsigned char* const p = &text.bytes[r.r_offset];
    if (base_test::row_of(r).where == relo::word32)
      return text.address + r.r_offset +
             static_cast<addr>(std::int64_t{static_cast<std::int32_t>(instruction(p))});
    return text.address + r.r_offset +
           static_cast<addr>(imm_u(instruction(p)) + imm_i(instruction(p + 4)));
  }
  /// The GOT slot that AUIPC and a load refer to.
  addr slot(const piece& text, const record& r) const {
    return static_cast<word>(destination(text, r));
  }
  addr veneer_target(const piece& veneers, addr address) const override {
    const addr offset = address - veneers.address;
    if (offset >= veneers.bytes.size()) return 0;
    const unsigned char* const code = &veneers.bytes[offset];
    const std::uint32_t auipc = instruction(code), ld = instruction(code + 4),
                        jr = instruction(code + 8);
    constexpr std::uint32_t t3 = 28;
    if ((auipc & 0xfff) != (0x17 | t3 << 7) || (ld & 0xfffff) != (0x3003 | t3 << 7 | t3 << 15) ||
        jr != (0x67 | t3 << 15))
      return 0;
    return base_test::word_at(veneers, address + static_cast<addr>(imm_u(auipc) + imm_i(ld)));
  }
};
template <class Machine>
const riscv_test<Machine> test;

}  // namespace

TEST_CASE_TEMPLATE("the names and numbers of types are the assembler's", M, rv32, rv64) {
  test<M>.check_names({"R_RISCV_GOT32_PCREL", "R_RISCV_PLT32", "R_RISCV_SET_ULEB128",
                       "R_RISCV_SUB_ULEB128", "R_RISCV_TLSDESC", "R_RISCV_TLSDESC_HI20",
                       "R_RISCV_TLSDESC_LOAD_LO12", "R_RISCV_TLSDESC_ADD_LO12",
                       "R_RISCV_TLSDESC_CALL"});
}

TEST_CASE_TEMPLATE("operands are relocated as by a linker", M, rv32, rv64) {
  test<M>.check_operands(test<M>.assemble("operands.s"));
}

#ifdef RELO_CREL_CC
namespace {

template <class M>
typename riscv_test<M>::elf assembled_by_llvm(const char* source, const std::string& more = "") {
  return judge::assemble<typename riscv_test<M>::types>(
      RELO_CREL_CC, RELO_TEST_DIR "/arch/riscv/" + std::string(source),
      (M::xlen == 32 ? "-c --target=riscv32-unknown-elf -march=rv32imac"
                     : "-c --target=riscv64-unknown-elf -march=rv64imac") +
          more);
}

}  // namespace

TEST_CASE_TEMPLATE("types that newer tools write are relocated as by LLD", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  const judge::linker* const lld = t.lld_with_crel();
  for (const char* const form : {"", " -Wa,--crel,--allow-experimental-crel"})
    for (const addr base : t.bases()) {
      const std::string where = judge::hex(base) + form;
      INFO(where);
      const symbol_map symbols{{"far", static_cast<typename M::format::addr>(base + 0x4567)}};
      const auto object = assembled_by_llvm<M>("newer.s", form);
      const outcome out = t.load(object, base, symbols);
      REQUIRE_MESSAGE(out.error == errc::ok, out.told());
      if (lld == nullptr) continue;
      auto linked = lld->link(object, t.plan_of(out.image, symbols));
      t.check_bytes(out.image, linked.output, {}, {});
    }
}

TEST_CASE_TEMPLATE("a pair that is none, or that does not fit", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  using elf = typename riscv_test<M>::elf;
  const addr base = t.bases().front();
  const symbol_map symbols{{"far", base + 0x4567}};
  enum : std::uint32_t { set = 60, sub = 61 };
  const auto told_of = [&](auto change) {
    elf object = assembled_by_llvm<M>("newer.s");
    change(object.relocations(".gcc_except_table"), object);
    return t.load(object, base, symbols).told();
  };
  const auto not_paired = [](const char* at) {
    return "apply_relocations: SET_ULEB128 and SUB_ULEB128 are only for one place, one after the "
           "other: .gcc_except_table+" +
           std::string(at);
  };
  CHECK(told_of([](auto r, auto&) { elf::set_type(r[1], 0); })
            .find(not_paired("0x0, relocation 0, "
                             "R_RISCV_SET_ULEB128")) == 0);
  CHECK(told_of([](auto r, auto&) { elf::set_type(r[0], 0); })
            .find(not_paired("0x0, relocation 1, "
                             "R_RISCV_SUB_ULEB128")) == 0);
  CHECK(told_of([](auto r, auto&) { elf::set_type(r[1], set); })
            .find(not_paired("0x0, relocation "
                             "0, ")) == 0);
  CHECK(told_of([](auto r, auto&) { ++r[1].r_offset; }).find(not_paired("0x0, relocation 0, ")) ==
        0);
  CHECK(told_of([](auto r, auto&) { elf::set_type(r.back(), 0); }).find(not_paired("")) == 0);
  const auto too_large = [&](addr addend) {
    const std::string told = told_of(
        [&](auto r, auto&) { r[0].r_addend = static_cast<decltype(r[0].r_addend)>(addend); });
    CHECK(told.find("value does not fit the relocated field: .gcc_except_table+0x0, relocation "
                    "1, R_RISCV_SUB_ULEB128, symbol '") != told.npos);
  };
  too_large(0x7e);      // helper is entry + 2: 128
  too_large(~addr{2});  // and -1
  // A number that does not end in the section, or has no end.
  CHECK(told_of([](auto, auto& object) {
          auto all = object.contents(".gcc_except_table");
          all[all.size() - 2] = all.back() = 0x80;
        }).find("r_offset outside its section") != std::string::npos);
  CHECK(told_of([](auto, auto& object) {
          for (auto& b : object.contents(".gcc_except_table")) b = 0x80;
        }).find("value does not fit the relocated field: .gcc_except_table+0x0") !=
        std::string::npos);
}
#else
TEST_CASE("types that newer tools write") {
  made::left_out("what clang 19 writes", test<rv32>.step());
}
#endif

TEST_CASE_TEMPLATE("compact relocations", M, rv32, rv64) {
  test<M>.check_compact(test<M>.assemble("operands.s"), true);
  const std::string target = M::xlen == 32 ? "--target=riscv32-unknown-elf -march=rv32imac"
                                           : "--target=riscv64-unknown-elf -march=rv64imac";
  test<M>.check_written_compact(target + " -O1 -mno-relax -mcmodel=medany");
}

TEST_CASE_TEMPLATE("each type overflows where a linker says so", M, rv32, rv64) {
  for (const howto& h : test<M>.rows(howto_kind::apply)) {
    // Lower parts have a test of their own; GNU ld wants no addend of a GOT's slot.
    if (h.value.hi != 0 || h.value.g != 0) continue;
    for (const addr base : test<M>.limit_bases()) test<M>.check_limits(h, base);
  }
}

#ifdef RELO_RISCV_CC
TEST_CASE("what a compiler writes is relocated as by GNU ld") {
  using selected = relo::arch::rv32_compiler;
  const riscv_test<selected> selection;
  for (const char* const options :
       {"-O0", "-Os", "-O2 -mcmodel=medany", "-Os -msave-restore -ffunction-sections",
        "-O2 -mno-relax -fdata-sections", "-Os -march=rv32im"}) {
    const std::string by = options;
    INFO(by);
    const auto object = judge::assemble<riscv_test<selected>::types>(
        RELO_RISCV_CC, RELO_TEST_DIR "/arch/arm/compiled.c",
        std::string("-c -march=rv32imac -mabi=ilp32 ") + options);
    for (const addr base : selection.bases()) {
      const std::string where = judge::hex(base);
      INFO(where);
      const symbol_map symbols{
          {"function", base + 0x200000},        {"near_function", base + 0x8000},
          {"far_function", 0x12345678},         {"far", 0xfedcba98},
          {"__riscv_save_0", base + 0x9000},    {"__riscv_save_2", base + 0x9100},
          {"__riscv_restore_0", base + 0x9200}, {"__riscv_restore_2", base + 0x9300}};
      selection.check_agreement(object, base, symbols, *selection.linkers().front());
    }
  }
}
#endif

// --- pairs -------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a lower part has the value of its upper part", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  auto object = t.assemble("pairs.s");
  for (const addr base : t.limit_bases()) {
    const std::string where = judge::hex(base);
    INFO(where);
    symbol_map symbols = t.all_symbols(base);
    const addr text =
        t.load(t.without_relocations(object), base, symbols).image.sections.at(".text").address;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const std::string n = std::to_string(i);
      const addr value = i < 4 * 31 ? t.limits()[i] : i * 0x123456;
      symbols.at("s" + n) =
          static_cast<typename M::format::addr>(text + object.symbol_value("upper" + n) + value);
    }
    for (const judge::judging_linker* const judge : t.linkers())
      CHECK(t.check_agreement(object, base, symbols, *judge).empty());
  }
}

TEST_CASE_TEMPLATE("a lower part without its upper part is refused", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  using elf = typename riscv_test<M>::elf;
  const addr base = t.bases().front();
  const symbol_map symbols{{"far", base + 0x12345678}};
  const elf sound = t.assemble("lower.s");
  const auto number_of = [&](elf object, const std::string& symbol) {
    std::uint32_t i = 0;
    while (object.symbol_name(i) != symbol) ++i;
    return i;
  };
  enum : std::size_t { upper, absolute, lower };
  const auto outcome_of = [&](auto change) {
    elf object = sound;
    change(object.relocations(".text"));
    const outcome out = t.load(object, base, symbols);
    INFO(out.told());
    if (out.error != errc::ok) {
      CHECK(out.why.at().relocation == lower);
      CHECK(out.image.sections.empty());
    }
    return out.error;
  };
  REQUIRE(outcome_of([](auto) {}) == errc::ok);

  for (const char* const symbol : {"absolute", "nothing", "elsewhere", "far", ""}) {
    CAPTURE(symbol);
    CHECK(outcome_of([&](auto records) {
            elf::set(records[lower], number_of(sound, symbol), elf::type_of(records[lower]));
          }) == errc::relocation_without_upper_part);
  }
  CHECK(outcome_of([](auto records) { records[lower].r_addend = 4; }) ==
        errc::relocation_without_upper_part);
  CHECK(outcome_of([](auto records) { elf::set_type(records[upper], 0); }) ==
        errc::relocation_without_upper_part);
  CHECK(outcome_of([&](auto records) {
          records[lower].r_offset =
              static_cast<typename M::format::addr>(elf(sound).contents(".text").size() - 3);
        }) == errc::relocation_out_of_section);

  elf swapped = sound;
  std::swap(swapped.relocations(".text")[upper], swapped.relocations(".text")[lower]);
  for (const judge::judging_linker* const judge : t.linkers())
    CHECK(t.check_agreement(swapped, base, symbols, *judge).empty());
  auto& r = swapped.relocations(".text")[lower];
  elf::set(r, swapped.symbols().size(), elf::type_of(r));
  const outcome out = t.load(swapped, base, symbols);
  CHECK(out.error == errc::relocation_symbol_out_of_range);
  CHECK(out.why.at().relocation == upper);
}

// --- alignment ---------------------------------------------------------------------------------

// A linker deletes what is too much. Where that is nothing, a loader does as well.
TEST_CASE_TEMPLATE("padded code is loaded if a linker would delete none of it", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  const auto& gnu_ld = *t.linkers().front();
  const addr base = t.bases().front();
  int loaded = 0, refused = 0;
  for (int power = 1; power <= 5; ++power)
    for (int before = 0; before < 17; ++before) {
      CAPTURE(power);
      CAPTURE(before);
      auto object = t.assemble_with("align.s", " --defsym BEFORE=" + std::to_string(before) +
                                                   " --defsym POWER=" + std::to_string(power));
      const outcome layout = t.load(t.without_relocations(object), base, {});
      auto linked = gnu_ld.link(object, t.plan_of(layout.image, {})).output;
      const outcome out = t.load(object, base, {});
      if (linked.contents(".text").size() == object.contents(".text").size()) {
        ++loaded;
        REQUIRE_MESSAGE(out.error == errc::ok, out.told());
        t.check_bytes(out.image, linked, {}, {});
      } else {
        ++refused;
        CHECK(out.error == errc::code_not_aligned);
        CHECK(out.told() ==
              "apply_relocations: code that only a linker can align (compile with -mno-relax): "
              ".text+" +
                  judge::hex(2 * static_cast<addr>(before)) +
                  ", relocation 0, R_RISCV_ALIGN, symbol 0");
      }
    }
  CHECK(loaded > 30);
  CHECK(refused > 50);

  auto object = t.assemble_with("align.s", " --defsym BEFORE=1 --defsym POWER=2");
  auto& r = object.relocations(".text")[0];
  for (const addr addend : {~addr{0}, ~addr{0} >> 1, addr{1} << (M::xlen - 1)}) {
    r.r_addend = static_cast<decltype(r.r_addend)>(addend);
    CHECK(t.load(object, base, {}).error == errc::code_not_aligned);
  }
}

// --- the GOT -----------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a GOT slot holds its symbol's address, as in a linker's GOT", M, rv32, rv64) {
  const riscv_test<M>& t = test<M>;
  auto object = t.assemble("got.s");
  for (const addr base : t.bases()) {
    const std::string where = judge::hex(base);
    INFO(where);
    const symbol_map symbols{{"first", 0x87654321}, {"second", base + 0x100}};
    const outcome loaded = t.load(object, base, symbols);
    REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
    auto linked = t.linkers().front()->link(object, t.plan_of(loaded.image, symbols)).output;
    std::set<std::string> names;
    for (const auto& r : object.relocations(".text")) {
      if (std::string_view(t.row_of(r).name) != "R_RISCV_GOT_HI20") continue;
      const std::string name = object.symbol_name(object.symbol_of(r));
      CAPTURE(name);
      const addr value = name == "nowhere" ? 0 : linked.symbol_value(name);
      CHECK(t.word_at(t.piece_of(linked, ".got"), t.slot(t.piece_of(linked, ".text"), r)) == value);
      CHECK(t.word_at(loaded.image.got, t.slot(loaded.image.sections.at(".text"), r)) == value);
      names.insert(name);
    }
    CHECK(names.size() == 6);
    CHECK(loaded.image.got.bytes.size() == names.size() * M::got_entry);
  }
}

// --- veneers -----------------------------------------------------------------------------------

TEST_CASE("RV32 needs no veneers, and RV64 for calls only") {
  static_assert(!relo::uses_veneers<rv32>);
  test<rv64>.check_veneers(100);
  test<rv64>.check_what_is_no_branch();
}

// --- what is refused ---------------------------------------------------------------------------

TEST_CASE("objects of another ABI are refused") {
  const auto error_of = [](const char* options) {
    const auto object = judge::assemble<riscv_test<rv32>::types>(
        RELO_RISCV_AS, RELO_TEST_DIR "/arch/riscv/lower.s", options);
    return test<rv32>.load(object, 0x1000, {{"far", 0x2000}}).error;
  };
  CHECK(error_of("-march=rv32imac -mabi=ilp32") == errc::ok);
  CHECK(error_of("-march=rv32i -mabi=ilp32") == errc::ok);
  CHECK(error_of("-march=rv32imafc -mabi=ilp32") == errc::ok);
  CHECK(error_of("-march=rv32imafc -mabi=ilp32f") == errc::wrong_flags);
  CHECK(error_of("-march=rv32imafdc -mabi=ilp32d") == errc::wrong_flags);
  CHECK(error_of("-march=rv32ec -mabi=ilp32e") == errc::wrong_flags);
  CHECK(error_of("-march=rv64imac -mabi=lp64") == errc::wrong_class);
  static_assert(relo::arch::rv64d::accepts(5) && !relo::arch::rv64d::accepts(1));
}

#ifdef RELO_RISCV_CC
TEST_CASE("what compilers say of extensions no linker refuses, nor does a loader") {
  const judge::temporary_directory directory;
  const auto made = [&](const std::string& name, const std::string& options) {
    {
      std::ofstream out{directory / "f.c"};
      out << "int f" + name + "(int a) { return a * 3; }";
    }
    const auto object = directory / (name + ".o").c_str();
    REQUIRE(judge::run(RELO_RISCV_CC,
                       "-O1 -mno-relax -c " + options + " -o" + judge::argument(object) +
                           judge::argument(directory / "f.c"),
                       directory / "log"));
    return object;
  };
  const auto own = made("own", "-march=rv32imac -mabi=ilp32");
  const auto check = [&](const std::string& options) {
    CAPTURE(options);
    const auto object = made("other", options);
    const bool links = judge::run(RELO_RISCV_LD,
                                  "-m elf32lriscv -e 0 -o" + judge::argument(directory / "out") +
                                      judge::argument(own) + judge::argument(object),
                                  directory / "log");
    std::array<unsigned char, 4096> memory{};
    relo::loader loader{rv32{}, relo::buffer<std::uint32_t>{memory, 0x20000000}, relo::dont_run{}};
    CHECK(static_cast<bool>(loader.load(judge::read_text(object))) == links);
    return links;
  };
  for (const char* march :
       {"rv32i", "rv32imac", "rv32imafc", "rv32imafdc", "rv32imac_zicsr_zifencei", "rv32im_zba_zbb",
        "rv32imac_zbs_zbkb_zknd", "rv32im_zicbom_zicbop", "rv32imf_zfh", "rv32im_svinval"}) {
    const bool links = check("-march=" + std::string(march) + " -mabi=ilp32");
    CHECK(links);
  }
  CHECK(check("-march=rv32imac -mabi=ilp32 -mpreferred-stack-boundary=4"));
  CHECK_FALSE(check("-march=rv32imac -mabi=ilp32 -mpreferred-stack-boundary=3"));
  CHECK_FALSE(check("-march=rv32imafc -mabi=ilp32f"));
  CHECK_FALSE(check("-march=rv32e -mabi=ilp32e"));
}
#endif

TEST_CASE_TEMPLATE("thread-local and dynamic types are refused", M, rv32, rv64) {
  test<M>.check_unsupported();
}

TEST_CASE_TEMPLATE("types that nobody named are refused", M, rv32, rv64) {
  test<M>.check_unknown({13u, 15u, 66u, 190u, 192u, 255u});
}
TEST_CASE_TEMPLATE("types of linkers and vendors are refused by name", M, rv32, rv64) {
  test<M>.check_refused_types();
}
TEST_CASE("64-bit types are RV64's") { test<rv32>.check_unknown({2u, 36u, 40u}); }

TEST_CASE_TEMPLATE("a machine with only some types refuses the others", M, rv32, rv64) {
  test<M>.template check_only<relo::only<M, "R_RISCV_32", "R_RISCV_NONE">>();
}

TEST_CASE_TEMPLATE("no type is written outside its section", M, rv32, rv64) {
  test<M>.check_bounds();
}

TEST_CASE_TEMPLATE("what overflows is not written", M, rv32, rv64) {
  test<M>.check_overflow(static_cast<typename M::format::addr>(addr{1} << (M::xlen / 2 + 14)));
}

TEST_CASE_TEMPLATE("no type has a symbol that the symbol table has not", M, rv32, rv64) {
  test<M>.check_symbol_numbers();
}
