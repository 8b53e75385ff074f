// Each relocation type of arch/x86_64.hpp against GNU ld, and LLD where it is installed: the
// same object at the same address has the same bytes, and what they refuse is refused.
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "linker.hpp"

#include <algorithm>
#include <cstring>

namespace {

using judge::addr, judge::elf_file, judge::hex, judge::place, judge::symbol_map;
using relo::arch::x86_64, relo::errc, relo::howto, relo::howto_kind;
using x86_64_without_veneers = relo::without_veneers<x86_64>;
using places = std::set<place>;

constexpr addr bases[] = {0x1000, 0x400000, 0x7fff00000000, 0xffffffffc0000000};

// --- the types ---------------------------------------------------------------------------------

std::uint32_t type_of(const Elf64_Rela& r) {
  return static_cast<std::uint32_t>(ELF64_R_TYPE(r.r_info));
}
std::uint32_t symbol_of(const Elf64_Rela& r) {
  return static_cast<std::uint32_t>(ELF64_R_SYM(r.r_info));
}
void set_type(Elf64_Rela& r, std::uint32_t type) {
  r.r_info = ELF64_R_INFO(ELF64_R_SYM(r.r_info), type);
}

const howto& row_of(const Elf64_Rela& r) {
  for (const howto& h : x86_64::howtos)
    if (h.type == type_of(r)) return h;
  throw std::out_of_range("no such relocation type in the table");
}
const howto& row_of(std::string_view name) {
  for (const howto& h : x86_64::howtos)
    if (name == h.name) return h;
  throw std::out_of_range(std::string(name));
}

std::vector<howto> rows(howto_kind kind) {
  std::vector<howto> out;
  for (const howto& h : x86_64::howtos)
    if (h.kind == kind) out.push_back(h);
  return out;
}

// --- the judges --------------------------------------------------------------------------------

/// Where LLD goes a way of its own: there relo goes GNU ld's.
constexpr struct difference {
  std::string_view type;
  const char* in_lld;  ///< what it accepts; null: it does not know the type
  const char* in_gnu_ld;
} lld_differences[] = {
    {"R_X86_64_8", "-2^7 .. 2^8 - 1", "-2^8 .. 2^8 - 1"},
    {"R_X86_64_16", "-2^15 .. 2^16 - 1", "-2^16 .. 2^16 - 1"},
    {"R_X86_64_PC16", "-2^15 .. 2^15 - 1", "-2^16 .. 2^16 - 1"},
    {"R_X86_64_SIZE32", "-2^31 .. 2^31 - 1", "0 .. 2^32 - 1"},
    {"R_X86_64_GOTPCREL64", nullptr, "anything"},
    {"R_X86_64_GOTPLT64", nullptr, "anything"},
    {"R_X86_64_PC32_BND", nullptr, "-2^31 .. 2^31 - 1"},
    {"R_X86_64_PLT32_BND", nullptr, "-2^31 .. 2^31 - 1"},
};

struct linker : judge::linker {
  std::span<const difference> differences;

  const difference* difference_in(const Elf64_Rela& r) const {
    const auto d = std::find_if(differences.begin(), differences.end(),
                                [&](auto& x) { return x.type == row_of(r).name; });
    return d == differences.end() ? nullptr : &*d;
  }
};

const linker& gnu_ld() {
  // --verbose: it would stop telling after ten overflows.
  static const linker ld{{RELO_X86_64_LD, "--verbose"}, {}};
  return ld;
}

const std::vector<const linker*>& linkers() {
  static const linker lld{{"ld.lld", "--error-limit=0"}, lld_differences};
  static const auto here = [] {
    if (lld.is_here()) return std::vector{&gnu_ld(), &lld};
    MESSAGE("no ld.lld here: GNU ld is the only judge");
    return std::vector{&gnu_ld()};
  }();
  return here;
}

elf_file assemble(const char* source) {
  return judge::assemble(RELO_X86_64_AS, RELO_TEST_DIR "/arch/x86_64/" + std::string(source));
}

// --- relo --------------------------------------------------------------------------------------

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
struct note_image {
  static constexpr const char* name = "note_image";
  module_image* out;

  template <class Load>
  errc run(Load& load) const {
    const auto note = [&](const auto& at, std::uint64_t size) {
      const auto bytes = load.bytes_at(at, size);
      return piece{load.address_of(at), {bytes.begin(), bytes.end()}};
    };
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (load.place_of(i).type == relo::mem_type::in_image || s.sh_size() == 0) continue;
      relo::text<80> called;
      called << load.image.section_name(s);
      out->sections[called.c_str()] = note(load.place_of(i), s.sh_size());
    }
    out->got = note(load.got, load.stub.got_slots() * x86_64::got_entry);
    out->veneers = note(load.veneers, load.stub.veneers() * x86_64::veneer_size);
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
outcome load(const elf_file& object, addr base, const symbol_map& symbols) {
  outcome out;
  out.memory.resize(0x8000);
  std::vector<relo::symbol_value<addr>> values;
  for (const auto& [name, value] : symbols) values.push_back({name.c_str(), value});
  const relo::sorted_symbols<addr> table{values};
  relo::loader loader{Machine{},
                      relo::buffer<addr>{out.memory, base},
                      relo::symbols{table},
                      relo::dont_run{},
                      relo::load_module |
                          relo::insert_after<"apply_relocations">(note_image{&out.image}),
                      out.why};
  out.error = loader.load(object.bytes(), {.name = "object"}).error();
  return out;
}

/// Loads without the relocations that overflow, each of which the error must name.
template <class Machine>
outcome load_what_fits(elf_file object, addr base, const symbol_map& symbols, places& refused) {
  for (;;) {
    const outcome out = load<Machine>(object, base, symbols);
    if (out.error != errc::relocation_overflow) return out;
    const relo::where& at = out.why.at();
    const auto records = object.relocations(out.why.section());
    REQUIRE(at.relocation < records.size());
    Elf64_Rela& r = records[at.relocation];
    const std::string name = row_of(r).name, symbol = object.symbol_name(symbol_of(r));
    const std::string expected = "apply_relocations: value does not fit the relocated field: " +
                                 std::string(out.why.section()) + "+" + hex(r.r_offset) +
                                 ", relocation " + std::to_string(at.relocation) + ", " + name +
                                 ", symbol '" + symbol + "', value " + hex(at.value);
    REQUIRE(out.told() == expected);
    REQUIRE(refused.emplace(out.why.section(), r.r_offset).second);
    set_type(r, R_X86_64_NONE);
  }
}

// --- do they agree? ----------------------------------------------------------------------------

judge::link_plan plan_of(const module_image& image, const symbol_map& symbols) {
  // Linkers have two tables where a loader has one. With both in one place, G is the same.
  judge::link_plan plan{{}, image.got.address, image.got.address, symbols};
  for (const auto& [name, s] : image.sections) plan.sections[name] = s.address;
  return plan;
}

/// The bytes of every section are as linked, but for those of the places that were refused.
void check_bytes(const module_image& ours, elf_file& linked,
                 const std::map<place, Elf64_Rela>& records, const places& refused) {
  for (const auto& [name, s] : ours.sections) {
    const Elf64_Shdr* const header = linked.find(name);
    REQUIRE(header != nullptr);
    REQUIRE(header->sh_addr == s.address);
    if (header->sh_type == SHT_NOBITS) continue;
    const auto theirs = linked.contents(name);
    REQUIRE(theirs.size() == s.bytes.size());
    for (const place& at : refused)
      if (at.first == name)
        std::copy_n(&s.bytes[at.second], row_of(records.at(at)).where.bytes, &theirs[at.second]);
    const auto differs =
        std::mismatch(theirs.begin(), theirs.end(), s.bytes.begin()).first - theirs.begin();
    if (static_cast<std::size_t>(differs) != theirs.size())
      FAIL_CHECK(name << "+" << hex(static_cast<addr>(differs)) << " is not as linked");
  }
}

/// What both refuse. Everything else is loaded as it is linked.
places check_agreement(elf_file object, addr base, const symbol_map& symbols, const linker& judge) {
  const std::string program = judge.program();
  INFO(program);
  std::map<place, Elf64_Rela> records;
  object.for_each_relocation([&](const std::string& section, Elf64_Rela& r) {
    if (const difference* const d = judge.difference_in(r); d != nullptr && d->in_lld == nullptr)
      set_type(r, R_X86_64_NONE);
    records[{section, r.r_offset}] = r;
  });

  places ours;
  const outcome loaded = load_what_fits<x86_64_without_veneers>(object, base, symbols, ours);
  REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
  auto linked = judge.link(object, plan_of(loaded.image, symbols));

  places both, either;
  for (const auto& [at, r] : records) {
    const bool by_relo = ours.count(at) != 0, by_linker = linked.refused.count(at) != 0;
    if (by_relo && by_linker) both.insert(at);
    if (by_relo || by_linker) either.insert(at);
    if (by_relo != by_linker && judge.difference_in(r) == nullptr)
      FAIL_CHECK(at.first << "+" << hex(at.second) << " is refused by "
                          << (by_relo ? "relo" : "the linker") << " alone");
  }
  check_bytes(loaded.image, linked.output, records, either);
  return both;
}

// --- values at the limits ----------------------------------------------------------------------

/// Both sides of every limit that a field can have: 2^k - 1, 2^k, -2^k, -2^k - 1.
const std::vector<addr> limits = [] {
  std::vector<addr> out;
  for (addr power = 1; power != 0; power <<= 1)
    out.insert(out.end(), {power - 1, power, 0 - power, 0 - power - 1});
  return out;
}();

constexpr addr addend = static_cast<addr>(-4);

symbol_map all_symbols(addr value) {
  symbol_map out;
  for (std::size_t i = 0; i < limits.size(); ++i) out["s" + std::to_string(i)] = value;
  return out;
}

/// Gives a place of places.s the type, and the value to its symbol; or to its addend, if the
/// type has no regard for symbols' values. A GOT has one slot then.
void set_value(elf_file& object, std::size_t i, const howto& h, const module_image& layout,
               addr value, symbol_map& symbols) {
  Elf64_Rela& r = object.relocations(".text")[i];
  const bool by_symbol = h.value.s != 0 || h.value.l != 0;
  if (h.value.p != 0) value += layout.sections.at(".text").address + r.r_offset;
  if (h.value.got != 0) value -= static_cast<addr>(h.value.got) * layout.got.address;
  if (by_symbol) symbols["s" + std::to_string(i)] = value - addend;
  r.r_info =
      ELF64_R_INFO(by_symbol ? symbol_of(r) : symbol_of(object.relocations(".text")[0]), h.type);
  r.r_addend = static_cast<std::int64_t>(by_symbol ? addend : value);
}

/// Place i gets the value limits[i].
void set_values(elf_file& object, const howto& h, const module_image& layout, symbol_map& symbols) {
  for (std::size_t i = 0; i < limits.size(); ++i)
    set_value(object, i, h, layout, limits[i], symbols);
}

elf_file without_relocations(elf_file object) {
  object.for_each_relocation([](const std::string&, Elf64_Rela& r) { set_type(r, R_X86_64_NONE); });
  return object;
}

}  // namespace

TEST_CASE("the names and numbers of types are the assembler's") {
  elf_file object = assemble("types.s");
  const auto records = object.relocations(".text");
  CHECK(records.size() == std::size(x86_64::howtos));
  for (const Elf64_Rela& r : records) {
    const std::string name = object.symbol_name(symbol_of(r));  // which types.s made the type's
    CHECK_MESSAGE(name == row_of(r).name, name);
  }
}

TEST_CASE("operands are relocated as by a linker") {
  elf_file object = assemble("operands.s");
  std::set<std::string> applied;
  for (const addr base : bases) {
    const std::string where = hex(base);
    INFO(where);
    const symbol_map symbols{{"far", base + 0x40000000}, {"near", base + 0x100}, {"low", 0x7f}};
    places refused;
    for (const linker* const judge : linkers())
      refused.merge(check_agreement(object, base, symbols, *judge));
    object.for_each_relocation([&](const std::string& section, Elf64_Rela& r) {
      if (refused.count({section, r.r_offset}) == 0) applied.insert(row_of(r).name);
    });
  }
  for (const howto& h : rows(howto_kind::apply)) {
    const std::string name = h.name;
    CHECK_MESSAGE(applied.count(name) == 1, name << " is missing in operands.s");
  }
}

TEST_CASE("each type overflows where a linker says so") {
  const elf_file object = assemble("places.s");
  for (const howto& h : rows(howto_kind::apply)) {
    for (const addr base : bases) {
      const std::string where = std::string(h.name) + " at " + hex(base);
      INFO(where);
      symbol_map symbols = all_symbols(base);
      const outcome layout =
          load<x86_64_without_veneers>(without_relocations(object), base, symbols);
      elf_file with_values = object;
      set_values(with_values, h, layout.image, symbols);
      for (const linker* const judge : linkers()) {
        const places refused = check_agreement(with_values, base, symbols, *judge);
        if (judge != &gnu_ld()) continue;

        // It was the linker that decided. Its limits are found if between any two values that
        // it judges differently there is no other: the last that fits, the first that does not.
        std::map<std::int64_t, bool> fits;
        for (std::size_t i = 0; i < limits.size(); ++i)
          fits[static_cast<std::int64_t>(limits[i])] = refused.count({".text", 8 * i}) == 0;
        int found = 0;
        for (auto a = fits.begin(), b = std::next(a); b != fits.end(); a = b++) {
          if (a->second == b->second) continue;
          ++found;
          CHECK(b->first - a->first == 1);
        }
        CHECK(found == (h.where.bytes < 8 ? 2 : 0));
      }
    }
  }
}

// --- the GOT -----------------------------------------------------------------------------------

namespace {

/// The slot that a relocated field refers to.
addr slot_of(const Elf64_Rela& r, const piece& section, addr got) {
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
  return from + static_cast<addr>(field) - static_cast<addr>(r.r_addend);
}

addr word_at(const piece& p, addr address) {
  addr word;
  REQUIRE(p.bytes.size() >= sizeof word);
  REQUIRE(address - p.address <= p.bytes.size() - sizeof word);
  std::memcpy(&word, &p.bytes[address - p.address], sizeof word);
  return word;
}

piece piece_of(elf_file& linked, const std::string& section) {
  const auto bytes = linked.contents(section);
  return {linked.find(section)->sh_addr, {bytes.begin(), bytes.end()}};
}

}  // namespace

// Which symbol has which slot is a linker's own affair, and so is where it puts .got and .got.plt
// (whose first three entries are the dynamic linker's). That a field leads to its symbol is not.
TEST_CASE("a GOT slot holds its symbol's address, as in a linker's GOT") {
  elf_file object = assemble("got.s");
  for (const addr base : bases) {
    const std::string where = hex(base);
    INFO(where);
    const symbol_map symbols{{"first", 0x123456789abcdef0}, {"second", base + 0x100}};
    const outcome loaded = load<x86_64>(object, base, symbols);
    REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
    const piece& got = loaded.image.got;
    judge::link_plan plan = plan_of(loaded.image, symbols);
    plan.got_plt = plan.got + 0x1000;
    elf_file linked = gnu_ld().link(object, plan).output;
    const piece linked_got = piece_of(linked, ".got");

    std::set<std::string> names;
    object.for_each_relocation([&](const std::string& section, Elf64_Rela& r) {
      if (row_of(r).value.g == 0) return;
      const std::string name = object.symbol_name(symbol_of(r));
      CAPTURE(name);
      const addr value = name == "nowhere" ? 0 : linked.symbol_value(name);
      CHECK(word_at(linked_got, slot_of(r, piece_of(linked, section), plan.got_plt)) == value);
      CHECK(word_at(got, slot_of(r, loaded.image.sections.at(section), got.address)) == value);
      names.insert(name);
    });
    CHECK(names.size() == 7);
    CHECK(got.bytes.size() == names.size() * x86_64::got_entry);
  }
}

// --- veneers -----------------------------------------------------------------------------------

namespace {

constexpr std::string_view branches[] = {"R_X86_64_PLT32", "R_X86_64_PLT32_BND"};

/// Where a branch goes.
addr destination(const piece& text, const Elf64_Rela& r) {
  std::int32_t distance;
  std::memcpy(&distance, &text.bytes[r.r_offset], sizeof distance);
  return text.address + r.r_offset + 4 + static_cast<addr>(std::int64_t{distance});
}

/// Where the veneer at that address jumps, read as the processor reads it; 0: there is none.
addr veneer_target(const piece& veneers, addr address) {
  const addr offset = address - veneers.address;
  if (offset >= veneers.bytes.size() || offset % x86_64::veneer_size != 0) return 0;
  constexpr unsigned char jump_through_rip[] = {0xff, 0x25};
  const unsigned char* const code = &veneers.bytes[offset];
  if (std::memcmp(code, jump_through_rip, 2) != 0) return 0;
  std::int32_t distance;
  std::memcpy(&distance, code + 2, sizeof distance);
  return word_at(veneers, address + 6 + static_cast<addr>(std::int64_t{distance}));
}

std::size_t veneers_written(const piece& veneers) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < veneers.bytes.size(); i += x86_64::veneer_size)
    n += veneers.bytes[i] != 0;
  return n;
}

}  // namespace

TEST_CASE("branches out of reach go through veneers, branches within reach do not") {
  const elf_file object = assemble("places.s");
  for (const std::string_view name : branches) {
    const howto& h = row_of(name);
    for (const addr base : bases) {
      const std::string where = std::string(name) + " at " + hex(base);
      INFO(where);
      symbol_map symbols = all_symbols(base);
      elf_file with_values = object;
      for (Elf64_Rela& r : with_values.relocations(".text")) set_type(r, h.type);
      const module_image layout = load<x86_64>(with_values, base, symbols).image;
      set_values(with_values, h, layout, symbols);
      const outcome loaded = load<x86_64>(with_values, base, symbols);
      REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
      const piece& text = loaded.image.sections.at(".text");

      // A linker that is told that the far symbols are where their veneers are does the same.
      const judge::link_plan plan = plan_of(loaded.image, symbols);
      const places far = gnu_ld().link(with_values, plan).refused;
      judge::link_plan near_plan = plan;
      for (const auto& [section, offset] : far) {
        const std::size_t i = offset / 8;
        const addr to = destination(text, with_values.relocations(".text")[i]);
        addr& symbol = near_plan.symbols.at("s" + std::to_string(i));
        CHECK(veneer_target(loaded.image.veneers, to) == symbol);
        symbol = to;
      }
      auto linked = gnu_ld().link(with_values, near_plan);
      CHECK(linked.refused.empty());
      check_bytes(loaded.image, linked.output, {}, {});
      CHECK(far.size() > 100);
      CHECK(veneers_written(loaded.image.veneers) == far.size());
    }
  }
}

TEST_CASE("what is no branch goes through no veneer") {
  const elf_file object = assemble("places.s");
  for (const howto& h : rows(howto_kind::apply)) {
    const std::string name = h.name;
    if (std::find(std::begin(branches), std::end(branches), name) != std::end(branches)) continue;
    INFO(name);
    symbol_map symbols = all_symbols(bases[0]);
    elf_file with_values = object;
    const outcome layout = load<x86_64>(without_relocations(object), bases[0], symbols);
    set_values(with_values, h, layout.image, symbols);
    places refused, refused_without_veneers;
    const outcome loaded = load_what_fits<x86_64>(with_values, bases[0], symbols, refused);
    load_what_fits<x86_64_without_veneers>(with_values, bases[0], symbols, refused_without_veneers);
    CHECK_MESSAGE(loaded.error == errc::ok, loaded.told());
    CHECK(loaded.image.veneers.bytes.empty());
    CHECK(refused == refused_without_veneers);
  }
}

TEST_CASE("branches to one symbol share a veneer") {
  elf_file object = assemble("branches.s");
  const addr base = 0x400000, far = 0x123456789abc, farther = 0xfedcba9876543210, near = 0x500000;
  const outcome loaded =
      load<x86_64>(object, base, {{"far", far}, {"farther", farther}, {"near", near}});
  REQUIRE_MESSAGE(loaded.error == errc::ok, loaded.told());
  const piece& text = loaded.image.sections.at(".text");
  std::map<std::string, std::set<addr>> destinations;
  for (const Elf64_Rela& r : object.relocations(".text"))
    destinations[object.symbol_name(symbol_of(r))].insert(destination(text, r));

  for (const auto& to : destinations) CHECK_MESSAGE(to.second.size() == 1, to.first);
  CHECK(veneer_target(loaded.image.veneers, *destinations["far"].begin()) == far);
  CHECK(veneer_target(loaded.image.veneers, *destinations["farther"].begin()) == farther);
  CHECK(*destinations["near"].begin() == near);
  CHECK(veneers_written(loaded.image.veneers) == 2);
  CHECK(loaded.image.veneers.address % x86_64::veneer_align == 0);

  const outcome without = load<x86_64_without_veneers>(
      object, base, {{"far", far}, {"farther", farther}, {"near", near}});
  CHECK(without.error == errc::relocation_overflow);
  CHECK(without.told() ==
        "apply_relocations: value does not fit the relocated field: .text+0x1, relocation 0, "
        "R_X86_64_PLT32, symbol 'far', value 0x123456389ab7");
}

// --- what is refused ---------------------------------------------------------------------------

namespace {

constexpr addr base = 0x400000;
constexpr std::size_t changed = 3;

/// places.s with one relocation, which is for a test to spoil.
struct spoiled {
  elf_file object = without_relocations(assemble("places.s"));
  symbol_map symbols = all_symbols(base);
  outcome sound = load<x86_64>(object, base, symbols);
  Elf64_Rela& record = object.relocations(".text")[changed];

  /// Refused with that error, which names the record; memory is as if it were not there, or as
  /// if nothing were.
  template <class Machine = x86_64>
  void check_refused(errc code, const char* type_name) {
    const outcome out = load<Machine>(object, base, symbols);
    const std::string told = out.told();
    INFO(told);
    const relo::where& at = out.why.at();
    CHECK(out.error == code);
    CHECK(std::string(out.why.section()) == ".text");
    CHECK(std::string(out.why.type()) == type_name);
    CHECK(at.relocation == changed);
    CHECK(at.type == type_of(record));
    CHECK(at.offset == record.r_offset);
    const bool symbol_named = at.symbol == symbol_of(record);
    const bool number_named = at.value == symbol_of(record);  // of what is no symbol
    CHECK((symbol_named || number_named));
    const std::vector<unsigned char> untouched(out.memory.size());
    CHECK((out.memory == sound.memory || out.memory == untouched));
  }
};

}  // namespace

TEST_CASE("thread-local and dynamic types are refused") {
  spoiled s;
  for (const howto& h : rows(howto_kind::tls)) {
    set_type(s.record, h.type);
    s.check_refused(errc::tls_relocation, h.name);
  }
  for (const howto& h : rows(howto_kind::dynamic)) {
    set_type(s.record, h.type);
    s.check_refused(errc::dynamic_relocation, h.name);
  }
}

TEST_CASE("types that nobody named are refused") {
  spoiled s;
  for (const std::uint32_t type : {43u, 200u, 255u, 256u, 0x7fffffffu, 0xffffffffu}) {
    set_type(s.record, type);
    s.check_refused(errc::unknown_relocation, "");
  }
}

TEST_CASE("a machine with only some types refuses the others") {
  spoiled s;
  for (const howto& h : x86_64::howtos) {
    set_type(s.record, h.type);
    const std::string_view name = h.name;
    using two = relo::only<x86_64, "R_X86_64_64", "R_X86_64_NONE">;
    if (name == "R_X86_64_64" || name == "R_X86_64_NONE")
      CHECK(load<two>(s.object, base, s.symbols).error == errc::ok);
    else s.check_refused<two>(errc::unknown_relocation, "");
  }
}

TEST_CASE("no type is written outside its section") {
  for (const howto& h : rows(howto_kind::apply)) {
    const std::string name = h.name;
    INFO(name);
    spoiled s;
    const addr size = s.object.contents(".text").size(), last = size - h.where.bytes;
    s.record.r_offset = last;
    set_value(s.object, changed, h, s.sound.image, 0, s.symbols);
    CHECK(load<x86_64_without_veneers>(s.object, base, s.symbols).error == errc::ok);
    for (const addr offset : {last + 1, size, size + 1, ~addr{0} - h.where.bytes + 1, ~addr{0}}) {
      s.record.r_offset = offset;
      s.check_refused<x86_64_without_veneers>(errc::relocation_out_of_section, h.name);
    }
  }
}

TEST_CASE("what overflows is not written") {
  for (const howto& h : rows(howto_kind::apply)) {
    if (h.where.bytes == 8 || h.value.g != 0) continue;  // fits; has filled its GOT slot
    spoiled s;
    set_value(s.object, changed, h, s.sound.image, addr{1} << 40, s.symbols);
    s.check_refused<x86_64_without_veneers>(errc::relocation_overflow, h.name);
  }
}

TEST_CASE("no type has a symbol that the symbol table has not") {
  spoiled s;
  for (const howto& h : x86_64::howtos)
    for (const std::size_t symbol : {s.object.symbols().size(), std::size_t{0xffffffff}}) {
      s.record.r_info = ELF64_R_INFO(symbol, h.type);
      s.check_refused(errc::relocation_symbol_out_of_range, h.name);
    }
}
