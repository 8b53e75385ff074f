// What a loader reads of module memory after it was checked: tables that are sorted under their own
// names, and what a module's code has written over its exports since.
#include "bench.hpp"
#include "object.hpp"
#include "toy.hpp"

namespace {

namespace elf = relo::elf;
using relo::errc;
using robust::bytes;
using toy = robust::toy<elf::elf64le, true>;
using object = robust::object<toy::format>;

constexpr std::uint32_t data = elf::shf::alloc | elf::shf::write;
constexpr std::size_t absolute_size = 24, relative_size = 12;

template <class Exports>
errc verdict(object& o) {
  robust::bench<toy, robust::guarded_memory, relo::one_region, Exports> small{1 << 16};
  robust::bench<toy, robust::guarded_memory, relo::region_per_type, Exports> large{1 << 16};
  const auto file = o.finish();
  const errc e = small.load_both(file).error;
  CHECK(large.load_both(file).error == e);
  return e;
}

/// Exports whose names are at offsets of sections, by number.
struct exports {
  object o{toy::machine};
  std::vector<object::relocation> names{};

  void name(std::size_t record, std::uint32_t section, std::uint64_t offset) {
    names.push_back({absolute_size * record + 8,
                     o.add_symbol({.name = "", .section = section, .bind = elf::stb::local}),
                     toy::absolute, offset});
  }
  std::uint32_t table(const char* called, bytes contents) {
    return o.add_section({.name = called, .contents = std::move(contents), .align = 8});
  }
  errc load(std::uint32_t table) {
    o.relocate(table, names);
    return verdict<relo::ksymtab_exports>(o);
  }
};

/// `n` records of one letter, so that a name anywhere in them ends where the table does.
bytes letters(std::size_t n) { return bytes(n * absolute_size, 'A'); }

}  // namespace

TEST_CASE("names of exports in the table that is sorted") {
  exports e;
  bytes contents = letters(3);
  contents.back() = 0;
  const std::uint32_t table = e.table("__ksymtab", contents);
  SUBCASE("in another record") {
    for (std::size_t i = 0; i < 3; ++i) e.name(i, table, 64 + (i == 0 ? 1 : 0));
    CHECK(e.load(table) == errc::bad_section_contents);
  }
  SUBCASE("in the record itself") {
    for (std::size_t i = 0; i < 3; ++i) e.name(i, table, absolute_size * (3 - i) - 7);
    CHECK(e.load(table) == errc::bad_section_contents);
  }
  SUBCASE("though it is in order") {
    for (std::size_t i = 0; i < 3; ++i) e.name(i, table, 72 - 8 + 3 - i);
    CHECK(e.load(table) == errc::bad_section_contents);
  }
}

TEST_CASE("names of exports that end in the table") {
  for (const std::size_t before : {1U, 2U, 7U}) {
    exports e;
    const std::uint32_t name = e.o.add_section({.name = ".rodata", .contents = bytes(8, 'z')});
    bytes contents = letters(2);
    contents[6] = 0;
    const std::uint32_t table = e.table("__ksymtab", contents);
    const std::uint32_t last = e.o.add_section({.name = ".rodata.b", .contents = {'b', 0}});
    e.name(0, name, 8 - before);
    e.name(1, last, 0);
    CHECK(e.load(table) == errc::bad_section_contents);
  }
  // One that ends right before it, or begins right behind it, is in nobody's way.
  exports e;
  const std::uint32_t name = e.o.add_section({.name = ".rodata", .contents = bytes(8, 'z')});
  e.o.sections[name].contents.back() = 0;
  const std::uint32_t table = e.table("__ksymtab", letters(2));
  const std::uint32_t last = e.o.add_section({.name = ".rodata.b", .contents = {'b', 0}});
  e.name(0, name, 0);
  e.name(1, last, 0);
  CHECK(e.load(table) == errc::ok);
}

TEST_CASE("names of exports in the other table") {
  for (const bool gpl_first : {false, true}) {
    exports e;
    bytes names = letters(2);
    names[0] = names[1] = 'b', names[2] = 0, names[3] = 'a', names[4] = 0;
    const char *const here = "__ksymtab", *const there = "__ksymtab_gpl";
    const std::uint32_t other = e.table(gpl_first ? here : there, names);
    const std::uint32_t table = e.table(gpl_first ? there : here, letters(2));
    const std::uint32_t strings =
        e.o.add_section({.name = ".rodata", .contents = {'y', 0, 'x', 0}});
    e.name(0, other, 0);
    e.name(1, other, 3);
    e.o.relocate(table, e.names);
    e.names.clear();
    e.name(0, strings, 0);
    e.name(1, strings, 2);
    CHECK(e.load(other) == errc::bad_section_contents);
  }
}

TEST_CASE("names of exports at distances, in the table") {
  object o{toy::machine};
  const std::uint32_t table =
      o.add_section({.name = "__ksymtab", .contents = bytes(2 * relative_size, 'A'), .align = 4});
  const std::uint32_t in = o.add_symbol({.name = "", .section = table, .bind = elf::stb::local});
  const auto names = [&](std::uint64_t first, std::uint64_t second) {
    object with = o;
    with.relocate(table, {{4, in, toy::pc32, first},
                          {8, in, toy::abs32, 0},
                          {relative_size + 4, in, toy::pc32, second},
                          {relative_size + 8, in, toy::abs32, 0}});
    with.add_section({.name = ".rodata", .contents = {'b', 0, 'a', 0}});
    return verdict<relo::ksymtab_prel32_exports>(with);
  };
  CHECK(names(2 * relative_size, 2 * relative_size + 2) == errc::ok);
  CHECK(names(2 * relative_size, relative_size) == errc::bad_section_contents);
  CHECK(names(2 * relative_size - 1, 2 * relative_size + 2) == errc::bad_section_contents);
}

TEST_CASE("a module's code writes over its exports") {
  // Where nothing protects them, no look-up leaves the module, or fails to end.
  object o{toy::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  for (int i = 0; i < 40; ++i) o.add_symbol({.name = "s" + std::to_string(i), .section = in});
  const auto file = o.finish();
  const std::vector<std::string> names{"s0", "s7", "s39", "s", ""};
  robust::guarded_memory<std::uint64_t> memory{1 << 16, robust::module_space};
  relo::loader loader{toy{},
                      memory,
                      relo::one_region{},
                      relo::symtab_exports{},
                      relo::host::heap_scratch<std::uint64_t>{},
                      relo::dont_run{}};
  const auto m = loader.load(std::span<const unsigned char>{file}, {.name = "odd"});
  REQUIRE(m);
  const auto look_up = [&] {
    for (const auto& called : names) {
      relo::symbol<std::uint64_t> found;
      loader.find_in(*m, elf::name{called.c_str()}, true, found);
    }
    (void)loader.exports().for_each<std::endian::little>(*m, [](const auto& called) {
      return called.size() > 4096 ? errc::bad_section_contents : errc::ok;
    });
  };
  const auto tables = m->memory(relo::mem_type::rodata).bytes;
  const bytes before{tables.begin(), tables.end()};
  for (std::size_t at = 0; at + 4 <= tables.size(); at += 2)
    for (const std::uint32_t word : {0U, 1U, 41U, 0x10'0000U, 0x7fff'ffffU, 0xffff'ffffU}) {
      relo::write_int<std::endian::little>(&tables[at], word);
      look_up();
      std::copy(before.begin(), before.end(), tables.begin());
    }
  std::fill(tables.begin(), tables.end(), static_cast<unsigned char>(0xff));
  look_up();
  CHECK(loader.unload(*m) == errc::ok);
}
