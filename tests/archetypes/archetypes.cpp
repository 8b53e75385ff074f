// A loader of the smallest policies, one for each role, loads what a loader of the usual ones does.
#include "archetypes.hpp"

#include "../robust/object.hpp"

#include <relo/memory/arena.hpp>

#include <doctest/doctest.h>

namespace {

using archetypes::addr, relo::errc;

// Each is a model of its concept, and what has nothing is not.
struct nothing {};
using module_state = archetypes::exports::state<archetypes::a_machine>;
static_assert(relo::machine<archetypes::a_machine> && !relo::machine<nothing>);
static_assert(relo::memory<archetypes::memory> && !relo::memory<nothing>);
static_assert(relo::layout<archetypes::layout> && !relo::layout<nothing>);
static_assert(relo::classifier<archetypes::classifier> && !relo::classifier<nothing>);
static_assert(relo::symbol_table<archetypes::symbols, addr> && !relo::symbol_table<nothing, addr>);
static_assert(relo::diagnostics<archetypes::diagnostics> && !relo::diagnostics<nothing>);
static_assert(relo::scratch_memory<archetypes::scratch, addr> &&
              !relo::scratch_memory<nothing, addr>);
static_assert(relo::execution<archetypes::execution, addr> && !relo::execution<nothing, addr>);
static_assert(relo::exports_policy<archetypes::exports, archetypes::a_machine> &&
              !relo::exports_policy<nothing, archetypes::a_machine>);
static_assert(relo::stays_with_module<archetypes::exports> && !relo::stays_with_module<nothing>);
static_assert(relo::lists_exports<archetypes::exports, archetypes::a_machine> &&
              !relo::lists_exports<nothing, archetypes::a_machine>);
static_assert(relo::modules_policy<archetypes::modules, addr, module_state> &&
              !relo::modules_policy<nothing, addr, module_state>);
static_assert(relo::objects_policy<archetypes::objects> && !relo::objects_policy<nothing>);
static_assert(relo::values_policy<archetypes::values> && !relo::values_policy<nothing>);
static_assert(relo::stubs_policy<archetypes::stubs> && !relo::stubs_policy<nothing>);
static_assert(relo::constructors_policy<archetypes::constructors> &&
              !relo::constructors_policy<nothing>);
static_assert(relo::pipeline_policy<archetypes::pipeline> && !relo::pipeline_policy<nothing>);
static_assert(relo::kernel_policy<archetypes::kernel>);
static_assert(relo::entry_points_policy<archetypes::entry_points> &&
              !relo::entry_points_policy<nothing>);
static_assert(relo::definitions_policy<archetypes::definitions> &&
              !relo::definitions_policy<nothing>);
static_assert(relo::versions_policy<archetypes::versions> && !relo::versions_policy<nothing>);
static_assert(relo::lockable<archetypes::a_lock> && !relo::lockable<nothing>);
static_assert(relo::readable<archetypes::readers> && !relo::readable<nothing>);
static_assert(relo::module_index<archetypes::index> && !relo::module_index<nothing>);

/// .data: the address of host, plus 4; the distance to it; the address of own, which comes next.
struct object : robust::object<archetypes::a_machine::format> {
  object() : robust::object<archetypes::a_machine::format>{archetypes::a_machine::machine} {
    const auto data = add_section({.name = ".data",
                                   .flags = relo::elf::shf::alloc | relo::elf::shf::write,
                                   .contents = robust::bytes(16, 0),
                                   .align = 4});
    const auto host = add_symbol({.name = "host"});
    const auto own = add_symbol({.name = "own", .section = data, .value = 12});
    relocate(data, {{0, host, 1, 4}, {4, host, 2, 0}, {8, own, 1, 0}});
  }
};

addr word_at(std::span<const unsigned char> bytes, std::size_t offset) {
  return relo::read_int<addr, std::endian::little>(bytes.data() + offset);
}

/// The memory of the usual loader: the same addresses.
struct storage {
  using addr = archetypes::addr;
  unsigned char all[1024]{};
  std::span<unsigned char> bytes() { return all; }
  static addr address() { return archetypes::memory::base; }
};

TEST_CASE("a loader of archetypes loads, finds, and unloads") {
  archetypes::memory memory;
  archetypes::diagnostics diagnostics;
  archetypes::scratch scratch;
  archetypes::execution execution;
  archetypes::a_lock lock;
  archetypes::readers readers;
  relo::loader loader{archetypes::a_machine{},
                      memory,
                      archetypes::layout{},
                      archetypes::classifier{},
                      archetypes::symbols{},
                      diagnostics,
                      scratch,
                      execution,
                      archetypes::exports{},
                      archetypes::objects{},
                      archetypes::values{},
                      archetypes::stubs{},
                      archetypes::constructors{},
                      archetypes::modules{},
                      archetypes::pipeline{},
                      archetypes::kernel{},
                      archetypes::entry_points{},
                      archetypes::definitions{},
                      archetypes::versions{},
                      lock,
                      readers,
                      archetypes::index{}};
  const robust::bytes file = object{}.finish();

  const auto m = loader.load(file, {.name = "one"});
  REQUIRE(m.error() == errc::ok);
  CHECK(m->state == relo::module_state::live);
  const auto data = m->memory(relo::mem_type::data);
  constexpr addr base = archetypes::memory::base, host = archetypes::symbols::host;
  CHECK(data.address == base);
  CHECK(word_at(data.bytes, 0) == host + 4);
  CHECK(word_at(data.bytes, 4) == static_cast<addr>(host - (base + 4)));
  CHECK(word_at(data.bytes, 8) == base + 12);

  SUBCASE("to the same bytes as a loader of the usual policies") {
    relo::arena<storage, 8> arena;
    archetypes::symbols symbols;
    relo::loader usual{archetypes::a_machine{}, arena, symbols, relo::dont_run{},
                       relo::ksymtab_exports{}};
    const auto other = usual.load(file, {.name = "one"});
    REQUIRE(other.error() == errc::ok);
    const auto& bytes = other->memory(relo::mem_type::data);
    CHECK(bytes.address == data.address);
    CHECK(std::equal(bytes.bytes.begin(), bytes.bytes.end(), data.bytes.begin(), data.bytes.end()));
  }
  SUBCASE("and finds what is exported, by readers, too") {
    relo::symbol<addr> found;
    const auto here = loader.reading();
    CHECK(readers.inside == 1);
    CHECK(loader.find_exported(relo::elf::name{"first"}, true, found) == &*m);
    CHECK(found.address == base);
    CHECK(loader.find_exported(relo::elf::name{"second"}, true, found) == nullptr);
  }
  SUBCASE("and refuses a second one that exports the same, and one of the same name") {
    CHECK(loader.load(file, {.name = "two"}).error() == errc::duplicate_export);
    CHECK(diagnostics.last == errc::duplicate_export);
    CHECK(loader.load(file, {.name = "one"}).error() == errc::already_loaded);
    CHECK(memory.blocks == 1);
  }
  SUBCASE("and what is unknown is an error") {
    object wrong;
    wrong.symbols.back().section = relo::elf::shn::undef;
    CHECK(loader.load(wrong.finish(), {.name = "two"}).error() == errc::unknown_symbol);
    CHECK(memory.blocks == 1);
  }

  REQUIRE(loader.unload("one") == errc::ok);
  CHECK(memory.blocks == 0);
  CHECK(scratch.used == 0);
  CHECK(lock.held == 0);
  CHECK(readers.inside == 0);
  CHECK(execution.finalized != 0);
  CHECK(diagnostics.stages >= static_cast<int>(archetypes::pipeline::stages::size));
}

}  // namespace
