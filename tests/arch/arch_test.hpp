// What every machine's relocation types are tested for: linkers get the same object for the same
// addresses, and make the same bytes of it; what they refuse is refused.
//
// A machine's test derives from arch_test, and has assembler sources in a directory of its own:
//  - types.s: every type the machine's table has, each with a symbol that bears its name;
//  - operands.s: every type that is applied, from the operand that makes it;
//  - places.s: places in .text, 8 bytes apart, each with a relocation and a symbol of its own,
//    s0, s1, ...; what types they have is for the test to say.
#pragma once

#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "../compiled.hpp"
#include "../robust/crel.hpp"
#include "linker.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace judge {

using relo::errc, relo::howto, relo::howto_kind;
using places = std::set<place>;

/// Where a linker goes a way of its own.
struct difference {
  std::string_view type;
  const char* in_lld;  ///< what it accepts; null: it does not know the type
  const char* in_gnu_ld;
};

struct judging_linker : linker {
  std::span<const difference> differences;
  bool stops_at_overflow = false;  ///< and says nothing more about that section
};

/// That linker, and LLD where it is installed.
inline std::vector<const judging_linker*> with_lld(const judging_linker& gnu_ld,
                                                   std::span<const difference> differences,
                                                   const std::string& options = {}) {
  static const judging_linker lld{{"ld.lld", "--error-limit=0 " + options}, differences};
  if (lld.is_here()) return {&gnu_ld, &lld};
  made::left_out("LLD as a judge", "gcc");
  return {&gnu_ld};
}

struct piece {
  addr address = 0;
  std::vector<unsigned char> bytes;
};

/// A loaded module, as it is when its relocations have been applied.
struct module_image {
  std::map<std::string, piece> sections;
  piece got, veneers;
};

/// A stage that takes down where everything is.
template <class Machine>
struct note_image {
  static constexpr const char* name = "note_image";
  using undo = relo::nothing_to_undo;
  module_image* out;

  template <class Load>
  errc run(Load& load) const {
    const auto note = [&](const auto& at, std::uint64_t size) {
      const auto bytes = load.bytes_at(at, static_cast<typename Machine::format::addr>(size));
      return piece{load.address_of(at), {bytes.begin(), bytes.end()}};
    };
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (load.place_of(i).type == relo::mem_type::in_image || s.sh_size() == 0) continue;
      relo::text<80> called;
      called << load.image.section_name(s);
      out->sections[called.c_str()] = note(load.place_of(i), s.sh_size());
    }
    out->got = note(load.got, load.stub.got_slots() * Machine::got_entry);
    if constexpr (relo::uses_veneers<Machine>)
      out->veneers = note(load.veneers, load.stub.veneers() * Machine::veneer_size);
    return errc::ok;
  }
};

struct outcome {
  errc error = errc::ok;
  relo::located<> why;
  module_image image;
  std::vector<unsigned char> memory;  ///< all that was the module's, even after a failure

  std::string told() const { return why.describe().c_str(); }
};

template <class Machine>
class arch_test {
 public:
  using word = typename Machine::format::addr;  ///< an address of the machine's
  using types = elf_types<Machine::format::is_64, Machine::rela>;
  using elf = elf_file<types>;
  using record = typename elf::record;
  using without_veneers = relo::without_veneers<Machine>;

  virtual ~arch_test() = default;

  // --- what a machine says of itself ---

  virtual elf assemble(const char* source) const = 0;
  /// The judges; the first one's decisions are relo's, but for its differences.
  virtual const std::vector<const judging_linker*>& linkers() const = 0;
  virtual std::vector<addr> bases() const = 0;
  /// Those from which no value that a field can have leads out of the address space: linkers
  /// compute in 64 bits.
  virtual std::vector<addr> limit_bases() const { return bases(); }
  /// Functions among the symbols, where a linker must be told by what `assembler` makes.
  virtual std::set<std::string> functions() const { return {}; }
  virtual std::string assembler() const { return {}; }
  /// Of ./dev test: that which has all that this machine is tested with.
  virtual const char* step() const { return "cross"; }
  /// Of operands.s.
  virtual symbol_map operand_symbols(addr base) const = 0;
  /// Values that differ by less than this are not told apart by the type.
  virtual addr granularity(const howto&) const { return 1; }
  /// Bytes that a linker keeps for itself before the first slot of a GOT.
  virtual addr got_header() const { return 0; }
  /// What a linker takes for the address of the GOT: that of .got.plt, or of .got.
  virtual addr got_origin(const link_plan& plan) const { return plan.got_plt; }
  /// Writes what a place with that type holds before it is relocated, with an addend if the
  /// records have none; returns the addend.
  virtual word prepare(unsigned char*, const howto&) const { return static_cast<word>(-4); }
  /// Branches that a linker led to a stub of its own, and did not refuse.
  virtual places rerouted(elf& /*linked*/, const std::map<place, record>&, elf& /*object*/,
                          const symbol_map&) const {
    return {};
  }
  /// How a linker is told that a symbol is a function at that address.
  virtual addr function(addr address) const { return address; }
  /// Where a branch goes.
  virtual addr destination(const piece& text, const record&) const = 0;
  /// Where the veneer at that address jumps, read as the processor reads it; 0: there is none.
  virtual addr veneer_target(const piece& veneers, addr address) const = 0;

  // --- the types ---

  static const howto& row_of(const record& r) {
    for (const howto& h : Machine::howtos)
      if (h.type == elf::type_of(r)) return h;
    throw std::out_of_range("no such relocation type in the table");
  }
  static const howto& row_of(std::string_view name) {
    for (const howto& h : Machine::howtos)
      if (name == h.name) return h;
    throw std::out_of_range(std::string(name));
  }
  static std::vector<howto> rows(howto_kind kind) {
    std::vector<howto> out;
    for (const howto& h : Machine::howtos)
      if (h.kind == kind) out.push_back(h);
    return out;
  }
  static bool is_branch(const howto& h) { return h.value.l != 0; }
  /// Whether a linker knows the type.
  bool is_judged(const howto& h) const {
    for (const judging_linker* const judge : linkers()) {
      const auto& all = judge->differences;
      if (std::none_of(all.begin(), all.end(), [&](const difference& d) {
            return d.type == h.name && d.in_lld == nullptr;
          }))
        return true;
    }
    return false;
  }
  static const difference* difference_in(const judging_linker& judge, const record& r) {
    for (const difference& d : judge.differences)
      if (d.type == row_of(r).name) return &d;
    return nullptr;
  }

  /// The first linker that has no way of its own; or the first.
  const judging_linker& decider(const record& r) const {
    for (const judging_linker* const judge : linkers())
      if (difference_in(*judge, r) == nullptr) return *judge;
    return *linkers().front();
  }

  // --- relo ---

  template <class Loaded = Machine>
  static outcome load(const elf& object, addr base, const symbol_map& symbols) {
    outcome out;
    out.memory.resize(0x8000);
    std::vector<relo::symbol_value<word>> values;
    for (const auto& [name, value] : symbols)
      values.push_back({name.c_str(), static_cast<word>(value)});
    const relo::sorted_symbols<word> table{values};
    relo::loader loader{
        Loaded{},
        relo::buffer<word>{out.memory, static_cast<word>(base)},
        relo::symbols{table},
        relo::dont_run{},
        relo::load_module | relo::drop<"module_elf_check_arch"> |
            relo::insert_after<"apply_relocations">(note_image<Machine>{&out.image}),
        out.why};
    out.error = loader.load(object.bytes(), {.name = "object"}).error();
    return out;
  }

  /// Loads without the relocations that overflow, each of which the error must name.
  template <class Loaded>
  static outcome load_what_fits(elf object, addr base, const symbol_map& symbols, places& refused) {
    for (;;) {
      const outcome out = load<Loaded>(object, base, symbols);
      if (out.error != errc::relocation_overflow) return out;
      const relo::where& at = out.why.at();
      const auto records = object.relocations(out.why.section());
      REQUIRE(at.relocation < records.size());
      record& r = records[at.relocation];
      const std::string name = row_of(r).name, symbol = object.symbol_name(elf::symbol_of(r));
      const std::string expected = "apply_relocations: value does not fit the relocated field: " +
                                   std::string(out.why.section()) + "+" + hex(r.r_offset) +
                                   ", relocation " + std::to_string(at.relocation) + ", " + name +
                                   ", symbol '" + symbol + "', value " + hex(at.value) +
                                   (at.advice[0] == '\0' ? "" : ": ") + at.advice;
      REQUIRE(out.told() == expected);
      REQUIRE(refused.emplace(out.why.section(), r.r_offset).second);
      elf::set_type(r, none);
    }
  }

  // --- do they agree? ---

  link_plan plan_of(const module_image& image, const symbol_map& symbols) const {
    // Linkers have two tables where a loader has one. With both in one place, G is the same.
    const addr got = image.got.address - got_header();
    link_plan plan{{}, got, got, symbols, assembler(), functions()};
    for (const auto& [name, s] : image.sections) plan.sections[name] = s.address;
    return plan;
  }

  /// The bytes of every section are as linked, but for those of the places that were refused. A
  /// linker may append to a section.
  static void check_bytes(const module_image& ours, elf& linked,
                          const std::map<place, record>& records, const places& refused) {
    for (const auto& [name, s] : ours.sections) {
      const auto* const header = linked.find(name);
      REQUIRE(header != nullptr);
      REQUIRE(header->sh_addr == s.address);
      if (header->sh_type == SHT_NOBITS) continue;
      const auto theirs = linked.contents(name);
      REQUIRE(theirs.size() >= s.bytes.size());
      for (const place& at : refused)
        if (at.first == name)
          std::copy_n(&s.bytes[at.second], row_of(records.at(at)).where.bytes, &theirs[at.second]);
      const auto differs =
          std::mismatch(s.bytes.begin(), s.bytes.end(), theirs.begin()).first - s.bytes.begin();
      if (static_cast<std::size_t>(differs) != s.bytes.size())
        FAIL_CHECK(name << "+" << hex(static_cast<addr>(differs)) << " is not as linked");
    }
  }

  /// What both refuse. Everything else is loaded as it is linked.
  places check_agreement(elf object, addr base, const symbol_map& symbols,
                         const judging_linker& judge) const {
    const std::string program = judge.program();
    INFO(program);
    std::map<place, record> records;
    object.for_each_relocation([&](const std::string& section, record& r) {
      if (const difference* const d = difference_in(judge, r); d != nullptr && d->in_lld == nullptr)
        elf::set_type(r, none);
      records[{section, r.r_offset}] = r;
    });

    places ours;
    const outcome loaded = load_what_fits<without_veneers>(object, base, symbols, ours);
    REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
    auto linked = judge.link(object, plan_of(loaded.image, symbols),
                             judge.stops_at_overflow ? ours : places{});
    linked.refused.merge(rerouted(linked.output, records, object, symbols));

    places both, either;
    for (const auto& [at, r] : records) {
      const bool by_relo = ours.count(at) != 0, by_linker = linked.refused.count(at) != 0;
      if (by_relo && by_linker) both.insert(at);
      if (by_relo || by_linker) either.insert(at);
      if (by_relo != by_linker && difference_in(judge, r) == nullptr)
        FAIL_CHECK(at.first << "+" << hex(at.second) << " is refused by "
                            << std::string(by_relo ? "relo" : "the linker") << " alone");
    }
    check_bytes(loaded.image, linked.output, records, either);
    return both;
  }

  /// But for those that the assembler does not know.
  void check_names(const std::set<std::string>& unknown = {}) const {
    elf object = assemble("types.s");
    const auto records = object.relocations(".text");
    CHECK(records.size() + unknown.size() == std::size(Machine::howtos));
    for (const record& r : records) {
      const std::string name = object.symbol_name(elf::symbol_of(r));  // which types.s made it
      CHECK_MESSAGE(name == row_of(r).name, name);
    }
  }

  void check_operands(elf object) const {
    std::set<std::string> applied;
    for (const addr base : bases()) {
      const std::string where = hex(base);
      INFO(where);
      const symbol_map symbols = operand_symbols(base);
      places refused;
      for (const judging_linker* const judge : linkers())
        refused.merge(check_agreement(object, base, symbols, *judge));
      object.for_each_relocation([&](const std::string& section, record& r) {
        if (refused.count({section, r.r_offset}) == 0) applied.insert(row_of(r).name);
      });
    }
    for (const howto& h : rows(howto_kind::apply)) {
      const std::string name = h.name;
      if (is_judged(h))
        CHECK_MESSAGE(applied.count(name) == 1, name << " is missing in operands.s");
    }
  }

  // --- compact relocations ---

  /// The same object with SHT_CREL sections, which have room where the others were. Without
  /// addends, those of Elf_Rela are put where linkers then look for them.
  static elf compact(elf object, bool addends) {
    for (auto& s : object.sections()) {
      if (s.sh_type != SHT_REL && s.sh_type != SHT_RELA) continue;
      const std::string name = object.name(s),
                        target = name.substr(std::strlen(types::relocations));
      struct plain {
        addr offset;
        std::uint32_t symbol, type;
        word addend;
      };
      std::vector<plain> records;
      for (const record& r : object.relocations(target)) {
        records.push_back({r.r_offset, elf::symbol_of(r), elf::type_of(r), 0});
        if constexpr (Machine::rela) {
          records.back().addend = static_cast<word>(r.r_addend);
          if (!addends)
            std::memcpy(&object.contents(target)[r.r_offset], &r.r_addend, row_of(r).where.bytes);
        }
      }
      const auto bytes = robust::crel<word>(records, addends);
      REQUIRE(bytes.size() <= s.sh_size);
      std::copy(bytes.begin(), bytes.end(), object.contents(name).begin());
      s.sh_type = relo::elf::sht::crel;
      s.sh_size = static_cast<decltype(s.sh_size)>(bytes.size());
      s.sh_entsize = 1;
    }
    return object;
  }

  /// The LLD here that reads them, if there is one.
  const linker* lld_with_crel() const {
    const char* const options = "--error-limit=0 -O0";  // strings stay in their order
    static const linker latest{"ld.lld", options}, oldest{"ld.lld-19", options};
    for (const linker* const l : {&latest, &oldest})
      if (l->is_here() && l->major_version() >= 19) return l;
    made::left_out("LLD 19 as a judge", step());
    return nullptr;
  }

  /// Loaded as the same object is with its psABI's records, and linked as by LLD: but for records
  /// without addends, where LLD 19 takes 0 for them.
  void check_compact(const elf& object, bool addends) const {
    const linker* const lld = addends ? lld_with_crel() : nullptr;
    for (const addr base : bases()) {
      const std::string where = hex(base);
      INFO(where);
      const symbol_map symbols = operand_symbols(base);
      // But for what overflows, and where linkers go ways of their own.
      places dropped;
      load_what_fits<without_veneers>(object, base, symbols, dropped);
      elf sound = object;
      sound.for_each_relocation([&](const std::string& section, record& r) {
        for (const judging_linker* const judge : linkers())
          if (difference_in(*judge, r) != nullptr) dropped.insert({section, r.r_offset});
      });
      sound.drop_relocations([&](const place& at) { return dropped.count(at) != 0; });

      const elf small = compact(sound, addends);
      const outcome expected = load<without_veneers>(sound, base, symbols),
                    ours = load<without_veneers>(small, base, symbols);
      REQUIRE_MESSAGE(ours.error == errc::ok, ours.told());
      CHECK(ours.memory == expected.memory);
      if (lld == nullptr) continue;
      auto linked = lld->link(small, plan_of(ours.image, symbols));
      check_bytes(ours.image, linked.output, {}, {});
    }
  }

  /// What LLVM writes with compact records is loaded as what it writes without; and as LLD links
  /// it, if that takes for an addend what LLVM means.
  void check_written_compact([[maybe_unused]] const std::string& options,
                             [[maybe_unused]] bool lld_agrees = true) const {
#ifdef RELO_CREL_CC
    INFO(options);
    const auto compiled = [&](const std::string& more) {
      return judge::assemble<types>(RELO_CREL_CC, RELO_TEST_DIR "/arch/arm/compiled.c",
                                    "-c -ffreestanding " + options + more);
    };
    const elf plain = compiled(""), small = compiled(" -Wa,--crel,--allow-experimental-crel");
    const linker* const lld = lld_agrees ? lld_with_crel() : nullptr;
    for (const addr base : bases()) {
      const std::string where = hex(base);
      INFO(where);
      symbol_map symbols;
      for (const char* const name : {"function", "near_function", "far_function", "far"})
        symbols[name] = function(base + 0x8000 + 0x100 * symbols.size());
      const outcome expected = load(plain, base, symbols), ours = load(small, base, symbols);
      REQUIRE_MESSAGE(ours.error == errc::ok, ours.told());
      CHECK(ours.memory == expected.memory);
      if (lld == nullptr) continue;
      auto linked = lld->link(small, plan_of(ours.image, symbols));
      check_bytes(ours.image, linked.output, {}, {});
    }
#else
    made::left_out("compact relocations that clang 19 writes", step());
#endif
  }

  // --- values at the limits ---

  /// Both sides of every limit that a field can have: 2^k - 1, 2^k, -2^k, -2^k - 1.
  static const std::vector<word>& limits() {
    static const std::vector<word> all = [] {
      std::vector<word> out;
      for (word power = 1; power != 0; power = static_cast<word>(power << 1))
        for (const word v : {power - 1, power, 0 - power, 0 - power - 1})
          out.push_back(static_cast<word>(v));
      return out;
    }();
    return all;
  }
  virtual word limit(std::size_t i, const howto& h) const {
    return static_cast<word>(limits()[i] & (0 - granularity(h)));
  }

  static symbol_map all_symbols(addr value) {
    symbol_map out;
    for (std::size_t i = 0; i < limits().size(); ++i) out["s" + std::to_string(i)] = value;
    return out;
  }

  /// Gives a place of places.s the type, and the value to its symbol; or to its addend, if the
  /// type has no regard for symbols' values. A GOT has one slot then.
  void set_value(elf& object, std::size_t i, const howto& h, const module_image& layout, word value,
                 symbol_map& symbols) const {
    record& r = object.relocations(".text")[i];
    const bool by_symbol = h.value.s != 0 || h.value.l != 0;
    const addr p = layout.sections.at(".text").address + r.r_offset;
    addr wanted = value;
    if (h.value.p != 0) wanted += p;
    if (h.value.pa != 0) wanted += p & ~addr{3};
    if (h.value.got != 0) wanted -= static_cast<addr>(h.value.got) * layout.got.address;
    unsigned char* const bytes = &object.contents(".text")[r.r_offset];
    const word addend = prepare(bytes, h);
    if (by_symbol) symbols["s" + std::to_string(i)] = static_cast<word>(wanted - addend);
    elf::set(r, elf::symbol_of(by_symbol ? r : object.relocations(".text")[0]), h.type);
    const word in_record = by_symbol ? addend : static_cast<word>(wanted);
    if constexpr (Machine::rela) r.r_addend = static_cast<decltype(r.r_addend)>(in_record);
    else if (!by_symbol) std::memcpy(bytes, &in_record, h.where.bytes);
  }

  /// Place i gets the value limit(i).
  void set_values(elf& object, const howto& h, const module_image& layout,
                  symbol_map& symbols) const {
    for (std::size_t i = 0; i < limits().size(); ++i)
      set_value(object, i, h, layout, limit(i, h), symbols);
  }

  static elf without_relocations(elf object) {
    object.for_each_relocation([](const std::string&, record& r) { elf::set_type(r, none); });
    return object;
  }

  void check_limits(const howto& h, addr base) const {
    const std::string where = std::string(h.name) + " at " + hex(base);
    INFO(where);
    const elf object = assemble("places.s");
    symbol_map symbols = all_symbols(base);
    const outcome layout = load<without_veneers>(without_relocations(object), base, symbols);
    REQUIRE_MESSAGE(layout.error == errc::ok, layout.told());
    elf with_values = object;
    set_values(with_values, h, layout.image, symbols);
    for (const judging_linker* const judge : linkers()) {
      const places refused = check_agreement(with_values, base, symbols, *judge);
      const record& r = with_values.relocations(".text")[0];
      if (judge != &decider(r) || difference_in(*judge, r) != nullptr) continue;

      // It was the linker that decided. Its limits are found if between any two values that
      // it judges differently there is no other: the last that fits, the first that does not.
      std::map<std::make_signed_t<word>, bool> fits;
      for (std::size_t i = 0; i < limits().size(); ++i)
        fits[static_cast<std::make_signed_t<word>>(limit(i, h))] =
            refused.count({".text", 8 * i}) == 0;
      int found = 0;
      for (auto a = fits.begin(), b = std::next(a); b != fits.end(); a = b++) {
        if (a->second == b->second) continue;
        ++found;
        CHECK(static_cast<addr>(b->first - a->first) == granularity(h));
      }
      CHECK(found == (h.check != relo::overflow::dont ? 2 : 0));
    }
  }
  void check_limits() const {
    for (const howto& h : rows(howto_kind::apply))
      if (h.value.hi == 0)
        for (const addr base : limit_bases()) check_limits(h, base);
  }

  // --- the GOT ---

  static word word_at(const piece& p, addr address) {
    word value;
    REQUIRE(p.bytes.size() >= sizeof value);
    REQUIRE(address - p.address <= p.bytes.size() - sizeof value);
    std::memcpy(&value, &p.bytes[address - p.address], sizeof value);
    return value;
  }
  static piece piece_of(elf& linked, const std::string& section) {
    const auto bytes = linked.contents(section);
    return {linked.find(section)->sh_addr, {bytes.begin(), bytes.end()}};
  }

  /// The slot that a relocated field refers to.
  static addr slot_of(const record& r, addr addend, const piece& section, addr got) {
    const howto& h = row_of(r);
    std::int64_t field = 0;
    if (h.where.bytes == 4) {
      std::int32_t narrow;
      std::memcpy(&narrow, &section.bytes[r.r_offset], sizeof narrow);
      field = narrow;
    } else {
      std::memcpy(&field, &section.bytes[r.r_offset], sizeof field);
    }
    const addr from = h.value.p != 0 ? section.address + r.r_offset : got;
    return static_cast<word>(from + static_cast<addr>(field) - addend);
  }
  static addr addend_of(elf& object, const std::string& section, const record& r) {
    if constexpr (Machine::rela) {
      return static_cast<addr>(r.r_addend);
    } else {
      word in_place;
      std::memcpy(&in_place, &object.contents(section)[r.r_offset], sizeof in_place);
      return in_place;
    }
  }

  // Which symbol has which slot is a linker's own affair, and so is where it puts .got and
  // .got.plt (whose first entries are the dynamic linker's). That a field leads to its symbol is
  // not.
  void check_got(const char* source, std::size_t slots, symbol_map (*symbols_at)(addr base)) const {
    elf object = assemble(source);
    for (const addr base : bases()) {
      const std::string where = hex(base);
      INFO(where);
      const symbol_map symbols = symbols_at(base);
      const outcome loaded = load(object, base, symbols);
      REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
      const piece& got = loaded.image.got;
      link_plan plan = plan_of(loaded.image, symbols);
      plan.got_plt = plan.got + 0x1000;
      elf linked = linkers().front()->link(object, plan).output;
      const piece linked_got = piece_of(linked, ".got");

      std::set<std::string> names;
      object.for_each_relocation([&](const std::string& section, record& r) {
        if (row_of(r).value.g == 0) return;
        const std::string name = object.symbol_name(elf::symbol_of(r));
        CAPTURE(name);
        const addr value = name == "nowhere" ? 0 : linked.symbol_value(name);
        const addr addend = addend_of(object, section, r);
        CHECK(word_at(linked_got,
                      slot_of(r, addend, piece_of(linked, section), got_origin(plan))) == value);
        CHECK(word_at(got, slot_of(r, addend, loaded.image.sections.at(section), got.address)) ==
              value);
        names.insert(name);
      });
      CHECK(names.size() == slots);
      CHECK(got.bytes.size() == names.size() * Machine::got_entry);
    }
  }

  // --- veneers ---

  static std::size_t veneers_written(const piece& veneers) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < veneers.bytes.size(); i += Machine::veneer_size)
      n += veneers.bytes[i] != 0;
    return n;
  }

  /// Branches out of reach go through veneers, branches within reach do not. Of the limits, that
  /// many at least are out of reach.
  void check_veneers(const howto& h, addr base, std::size_t least_far) const {
    const std::string where = std::string(h.name) + " at " + hex(base);
    INFO(where);
    symbol_map symbols = all_symbols(base);
    elf with_values = assemble("places.s");
    for (record& r : with_values.relocations(".text")) elf::set_type(r, h.type);
    const module_image layout = load(with_values, base, symbols).image;
    set_values(with_values, h, layout, symbols);
    const outcome loaded = load(with_values, base, symbols);
    REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
    const piece& text = loaded.image.sections.at(".text");

    // A linker that is told that the far symbols are where their veneers are does the same.
    const judging_linker& judge = decider(with_values.relocations(".text")[0]);
    const link_plan plan = plan_of(loaded.image, symbols);
    std::map<place, record> records;
    places all;
    for (const record& r : with_values.relocations(".text")) {
      records[{".text", r.r_offset}] = r;
      all.emplace(".text", r.r_offset);
    }
    auto stubs = judge.link(with_values, plan, judge.stops_at_overflow ? all : places{});
    places far = stubs.refused;
    far.merge(rerouted(stubs.output, records, with_values, symbols));
    link_plan near_plan = plan;
    for (const auto& [section, offset] : far) {
      const std::size_t i = offset / 8;
      const addr to = destination(text, with_values.relocations(".text")[i]);
      addr& symbol = near_plan.symbols.at("s" + std::to_string(i));
      CHECK(veneer_target(loaded.image.veneers, to) == function(symbol));
      symbol = function(to);
    }
    auto linked = judge.link(with_values, near_plan);
    CHECK(linked.refused.empty());
    check_bytes(loaded.image, linked.output, {}, {});
    CHECK(far.size() >= least_far);
    CHECK(veneers_written(loaded.image.veneers) == far.size());
  }
  void check_veneers(std::size_t least_far) const {
    for (const howto& h : rows(howto_kind::apply))
      if (is_branch(h) && is_judged(h))
        for (const addr base : limit_bases()) check_veneers(h, base, least_far);
  }

  void check_what_is_no_branch() const {
    const elf object = assemble("places.s");
    const addr base = limit_bases().front();
    for (const howto& h : rows(howto_kind::apply)) {
      if (is_branch(h) || h.value.hi != 0) continue;
      const std::string name = h.name;
      INFO(name);
      symbol_map symbols = all_symbols(base);
      elf with_values = object;
      const outcome layout = load(without_relocations(object), base, symbols);
      set_values(with_values, h, layout.image, symbols);
      places refused, refused_without_veneers;
      const outcome loaded = load_what_fits<Machine>(with_values, base, symbols, refused);
      load_what_fits<without_veneers>(with_values, base, symbols, refused_without_veneers);
      CHECK_MESSAGE(loaded.error == errc::ok, loaded.told());
      CHECK(loaded.image.veneers.bytes.empty());
      CHECK(refused == refused_without_veneers);
    }
  }

  // --- what is refused ---

  static constexpr std::size_t changed = 3;
  static constexpr std::uint32_t none = 0;  ///< R_*_NONE, of every psABI

  /// places.s with one relocation, which is for a test to spoil.
  struct spoiled {
    const arch_test& test;
    addr base = test.limit_bases().front();
    elf object = without_relocations(test.assemble("places.s"));
    symbol_map symbols = all_symbols(base);
    outcome sound = load(object, base, symbols);
    record& r = object.relocations(".text")[changed];

    explicit spoiled(const arch_test& t) : test(t) {}

    /// Refused with that error, which names the record; memory is as if it were not there, or as
    /// if nothing were.
    template <class Loaded = Machine>
    void check_refused(errc code, const char* type_name) {
      const outcome out = load<Loaded>(object, base, symbols);
      const std::string told = out.told();
      INFO(told);
      const relo::where& at = out.why.at();
      CHECK(out.error == code);
      CHECK(std::string(out.why.section()) == ".text");
      CHECK(std::string((relo::text<48>{} << out.why.type()).c_str()) == type_name);
      CHECK(at.relocation == changed);
      CHECK(at.type == elf::type_of(r));
      CHECK(at.offset == r.r_offset);
      const bool symbol_named = at.symbol == elf::symbol_of(r);
      const bool number_named = at.value == elf::symbol_of(r);  // of what is no symbol
      CHECK((symbol_named || number_named));
      const std::vector<unsigned char> untouched(out.memory.size());
      CHECK((out.memory == sound.memory || out.memory == untouched));
    }
  };

  void check_unsupported() const {
    spoiled s{*this};
    for (const howto& h : rows(howto_kind::tls)) {
      elf::set_type(s.r, h.type);
      s.check_refused(errc::tls_relocation, h.name);
    }
    for (const howto& h : rows(howto_kind::dynamic)) {
      elf::set_type(s.r, h.type);
      s.check_refused(errc::dynamic_relocation, h.name);
    }
  }

  void check_unknown(std::initializer_list<std::uint32_t> numbers) const {
    spoiled s{*this};
    for (const std::uint32_t type : numbers) {
      elf::set_type(s.r, type);
      s.check_refused(errc::unknown_relocation, "");
    }
  }

  /// Of a psABI's types, those that no row describes: by name, and with a reason.
  void check_refused_types() const {
    spoiled s{*this};
    for (const relo::refused_type& r : Machine::refused) {
      elf::set_type(s.r, r.type);
      s.check_refused(errc::relocation_not_supported, r.name);
      const std::string told = load(s.object, s.base, s.symbols).told(), why = r.why;
      CHECK_MESSAGE(told.find(": " + why) == told.size() - why.size() - 2, told);
    }
  }

  /// Two: only<Machine, word, R_*_NONE>.
  template <class Two>
  void check_only() const {
    spoiled s{*this};
    for (const howto& h : Machine::howtos) {
      elf::set_type(s.r, h.type);
      if (!relo::told_types<Two>::find(h.type).name.empty())
        CHECK(load<Two>(s.object, s.base, s.symbols).error == errc::ok);
      else
        s.template check_refused<Two>(h.kind == howto_kind::tls       ? errc::tls_relocation
                                      : h.kind == howto_kind::dynamic ? errc::dynamic_relocation
                                      : h.value.g != 0 || h.value.got != 0
                                          ? errc::relocation_needs_stub
                                          : errc::relocation_left_out,
                                      h.name);
    }
  }

  void check_bounds() const {
    for (const howto& h : rows(howto_kind::apply)) {
      if (h.value.hi != 0) continue;  // does not go alone
      const std::string name = h.name;
      INFO(name);
      spoiled s{*this};
      const word size = static_cast<word>(s.object.contents(".text").size()),
                 last = static_cast<word>(size - h.where.bytes);
      s.r.r_offset = last;
      set_value(s.object, changed, h, s.sound.image, 0, s.symbols);
      s.sound = load(without_relocations(s.object), s.base, s.symbols);
      CHECK(load<without_veneers>(s.object, s.base, s.symbols).error == errc::ok);
      for (const word offset :
           {static_cast<word>(last + 1), size, static_cast<word>(size + 1),
            static_cast<word>(~word{0} - h.where.bytes + 1), static_cast<word>(~word{0})}) {
        s.r.r_offset = offset;
        s.template check_refused<without_veneers>(errc::relocation_out_of_section, h.name);
      }
    }
  }

  /// `far`: overflows where anything can.
  void check_overflow(word far) const {
    for (const howto& h : rows(howto_kind::apply)) {
      // Anything fits; or a GOT slot has been filled.
      if (h.check == relo::overflow::dont || h.value.g != 0) continue;
      spoiled s{*this};
      set_value(s.object, changed, h, s.sound.image, far, s.symbols);
      s.sound = load(without_relocations(s.object), s.base, s.symbols);
      s.template check_refused<without_veneers>(errc::relocation_overflow, h.name);
    }
  }

  void check_symbol_numbers() const {
    spoiled s{*this};
    const std::size_t last = sizeof(word) == 8 ? 0xffffffff : 0xffffff;
    for (const howto& h : Machine::howtos)
      for (const std::size_t symbol : {s.object.symbols().size(), last}) {
        elf::set(s.r, symbol, h.type);
        s.check_refused(errc::relocation_symbol_out_of_range, h.name);
      }
  }
};

}  // namespace judge
