#include "kernel_object.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace kernel_test;
using kmod::generation;
using kmod::module_table;

namespace {

/// A table at an address: instruction, fixup, and a third word for each entry.
template <class Table>
struct table_of {
  static constexpr address at = 0xffff'ffff'c000'1000;
  bytes memory;

  void add(address insn, address fixup, address third, bool third_relative) {
    const auto offset = [&] { return static_cast<std::uint32_t>(at + memory.size()); };
    kernel_object::put(memory, static_cast<std::uint32_t>(insn) - offset());
    kernel_object::put(memory, static_cast<std::uint32_t>(fixup) - offset());
    kernel_object::put(memory, static_cast<std::uint32_t>(third) - (third_relative ? offset() : 0));
  }
  Table table() {
    kmod::table_objects<address> t{at, 12, memory.size() / 12};
    t.bytes = memory;
    return Table{t};
  }
};

using today = kmod::x86_64::extable<generation::v6_1>;
using old = kmod::x86_64::extable<generation::v5_11>;

template <class Table, bool ThirdRelative>
void sorts_and_finds() {
  table_of<Table> t;
  std::map<address, std::pair<address, address>> wanted;
  std::uint32_t random = 1;
  for (address i = 0; i < 500; ++i) {
    random = random * 1664525 + 1013904223;
    const address insn = 0xffff'ffff'c000'0000 + (random >> 8) % 0x10'0000 * 2;
    if (wanted.contains(insn)) continue;
    const address third = ThirdRelative ? 0xffff'ffff'8100'0000 + i : i;
    wanted[insn] = {insn + 7, third};
    t.add(insn, insn + 7, third, ThirdRelative);
  }
  const Table table = t.table();
  REQUIRE(table.size() == wanted.size());
  table.sort();
  std::size_t i = 0;
  for (const auto& [insn, rest] : wanted) {
    CHECK(table.insn(i) == insn);
    CHECK(table.word(i, 1) == rest.first);
    CHECK(table.word(i, 2) == rest.second);
    CHECK(table.search(insn) == i++);
    CHECK(table.search(insn + 1) == table.size());
  }
  CHECK(table.search(0) == table.size());
  CHECK(table.search(~address{0}) == table.size());
}

/// Its entries are of .text at offsets 40, 8 and of .init.text at 4.
std::uint32_t add_table(kernel_object& o, bytes contents = bytes(36)) {
  const std::uint32_t table = o.add("__ex_table", o.constant, std::move(contents), 4);
  const std::uint32_t text = o.add_symbol({"", o.text, 0, elf::stb::local, elf::stt::section});
  const std::uint32_t init = o.add_symbol({"", o.init_text, 0, elf::stb::local, elf::stt::section});
  constexpr std::uint32_t pc32 = 2;
  o.relocate(table, {{0, text, pc32, 40},
                     {4, text, pc32, 41},
                     {12, init, pc32, 4},
                     {16, text, pc32, 5},
                     {24, text, pc32, 8},
                     {28, text, pc32, 9}});
  return table;
}

}  // namespace

TEST_CASE("a table is sorted by instruction, and each entry says what it said") {
  sorts_and_finds<today, false>();
  sorts_and_finds<old, true>();
}

TEST_CASE("bytes after the last whole entry are none; nor is an empty table one") {
  table_of<today> t;
  t.add(0xffff'ffff'c000'0010, 0, 0, false);
  t.memory.resize(23);
  CHECK(t.table().size() == 1);
  t.memory.clear();
  t.table().sort();
  CHECK(t.table().search(0) == 0);
}

TEST_CASE_TEMPLATE("a module's table is sorted, and rid of init's entries when init is done",
                   Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  add_table(o);
  REQUIRE(kernel.load(o) == errc::ok);
  auto& m = *kernel.last;
  const address text = m.memory(mem_type::text).address;
  CHECK(kmod::objects(m, module_table::extable).count == 3);
  const auto table = kmod::extable_of(kernel.loader, m);
  REQUIRE(table.size() == 2);
  CHECK(table.insn(0) == text + 8);
  CHECK(table.insn(1) == text + 40);

  address fixup = 0;
  const auto note = [&](const auto& found, std::size_t i) { fixup = found.word(i, 1); };
  CHECK(kmod::search_module_extables(kernel.loader, text + 40, note));
  CHECK(fixup == text + 41);
  CHECK_FALSE(kmod::search_module_extables(kernel.loader, text + 41, note));
  CHECK_FALSE(kmod::search_module_extables(kernel.loader, 8, note));
}

TEST_CASE_TEMPLATE("odd tables", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  SUBCASE("a part of an entry at the end") {
    add_table(o, bytes(36 + 11));
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::extable_of(kernel.loader, *kernel.last).size() == 2);
  }
  SUBCASE("no whole entry") {
    o.add("__ex_table", o.constant, bytes(11), 4);
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::extable_of(kernel.loader, *kernel.last).size() == 0);
  }
  SUBCASE("without contents") {
    o.add({"__ex_table", elf::sht::nobits, o.constant, {}, 4, 24});
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::extable_of(kernel.loader, *kernel.last).size() == 2);
  }
  SUBCASE("all of one instruction") {
    o.add("__ex_table", o.constant,
          kernel_object::words<std::uint32_t>({24, 0, 1, 12, 0, 2, 0, 0, 3}), 4);
    REQUIRE(kernel.load(o) == errc::ok);
    const auto table = kmod::extable_of(kernel.loader, *kernel.last);
    REQUIRE(table.size() == 3);
    CHECK(table.insn(0) == table.insn(2));
    CHECK(table.word(0, 2) + table.word(1, 2) + table.word(2, 2) == 6);
  }
  SUBCASE("not loaded") {
    o.add("__ex_table", 0, bytes(24), 4);
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::objects(*kernel.last, module_table::extable).count == 0);
  }
}
