// Common symbols on a small machine: zeros in the module's data, if there is the stage for them.
#include <relo/arch/arm.hpp>
#include <relo/relo.hpp>
#include <relo/small_machine.hpp>
#include <relo/stage/layout_commons.hpp>

#include <doctest/doctest.h>

#include "../compiled.hpp"
#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace elf = relo::elf;
using relo::errc;
using toy = relo::only<robust::toy<elf::elf32le, true>, "R_TOY_ADDRESS", "R_TOY_NONE">;
using object = robust::object<elf::elf32le>;
using bytes = std::vector<unsigned char>;
using addr = std::uint32_t;

/// With common symbols of its own, as x86-64 has them.
struct toy_with_large : toy {
  static constexpr std::uint32_t large_common = 0xff02;
};

constexpr addr start = 0x2000'0000;
constexpr std::uint32_t common = elf::shn::common | 0x8000'0000,
                        large = toy_with_large::large_common | 0x8000'0000;

/// From the look number lies_from on, the byte at lies_at is another; 0: never.
struct medium {
  bytes file;
  std::size_t lies_at = 0, looks = 0, lies_from = 0, reads = 0;
  std::size_t size() const { return file.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) {
    ++reads;
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    if (lies_from != 0 && offset <= lies_at && lies_at - offset < to.size() && ++looks >= lies_from)
      to[lies_at - offset] = 0xff;
    return true;
  }
};

struct variable {
  std::string name;
  addr size, align;
  std::uint32_t section = common;
};

/// Its data are 3 bytes, then words with the variables' addresses, twice each.
object using_variables(const std::vector<variable>& all) {
  object o{toy::machine};
  const auto data = o.add_section({.name = ".data",
                                   .flags = elf::shf::alloc | elf::shf::write,
                                   .contents = bytes(8 * all.size()),
                                   .align = 4});
  o.add_section(
      {.name = ".tail", .flags = elf::shf::alloc | elf::shf::write, .contents = {1, 2, 3}});
  std::vector<object::relocation> records;
  for (const auto& v : all) {
    const auto s = o.add_symbol(
        {.name = v.name, .section = v.section, .value = v.align, .type = elf::stt::object});
    for (int i = 0; i < 2; ++i)
      records.push_back({static_cast<addr>(4 * records.size()), s, toy::absolute});
  }
  o.relocate(data, records);
  return o;
}
/// The file, with the symbols' sizes: that of the first stands there.
bytes finished(object o, const std::vector<variable>& all, std::size_t* first_size = nullptr) {
  bytes file = o.finish();
  const bytes& table = o.sections[object::symtab].contents;
  const auto at =
      std::search(file.begin(), file.end(), table.begin(), table.end()) - file.begin() + 16 + 8;
  for (std::size_t i = 0; i < all.size(); ++i)
    relo::write_int<std::endian::little>(file.data() + at + 16 * static_cast<std::ptrdiff_t>(i),
                                         all[i].size);
  if (first_size != nullptr) *first_size = static_cast<std::size_t>(at);
  return file;
}
bytes file_of(const std::vector<variable>& all) { return finished(using_variables(all), all); }

constexpr auto stages =
    relo::load_small_module | relo::insert_after<"layout_sections">(relo::stages::layout_commons{});
constexpr auto named_stages = relo::load_small_named_module |
                              relo::insert_after<"layout_sections">(relo::stages::layout_commons{});

template <class Machine = toy, std::size_t Words = 64, class Layout = relo::one_region,
          class Modules = relo::small_machine<2>,
          class Stages = std::remove_cvref_t<decltype(stages)>>
struct fixture {
  alignas(64) std::array<unsigned char, 4096> room{};
  relo::buffer<addr> memory{room, start};
  relo::scratch<addr, Words> words{};
  relo::loader<Machine, relo::buffer<addr>&, relo::scratch<addr, Words>&, relo::dont_run, Layout,
               Modules, relo::ksymtab_exports, Stages>
      loader{
          Machine{}, memory, words, relo::dont_run{}, Layout{}, Modules{}, relo::ksymtab_exports{},
          Stages{}};

  fixture() { room.fill(0xa5); }

  template <class Source>
  std::string said_of(const Source& source) {
    if (loader.load(source, {.name = "m"})) return "";
    CHECK(memory.in_use() == 0);
    return loader.diagnostics().describe().c_str();
  }
  std::string said_of(const bytes& file) { return said_of(elf::contiguous{std::span{file}}); }

  addr word(std::size_t at) const {
    return relo::read_int<addr, std::endian::little>(room.data() + at);
  }
};

const std::vector<variable> some{{"byte", 1, 1}, {"wide", 100, 64}, {"word", 4, 4}, {"one", 1, 1}};

/// Each variable has zeros of its own, aligned and behind what else is in the data.
template <class Fixture>
void check_placed(Fixture& f, std::size_t data, const std::vector<variable>& all) {
  const addr sections = start + static_cast<addr>(data + 8 * all.size() + 3);
  std::vector<std::pair<addr, addr>> taken;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i].name);
    const addr at = f.word(data + 8 * i), end = at + all[i].size;
    CHECK(f.word(data + 8 * i + 4) == at);
    CHECK(at % all[i].align == 0);
    CHECK(at >= sections);
    CHECK(end <= start + f.memory.in_use());
    CHECK(std::count(f.room.data() + (at - start), f.room.data() + (end - start), 0) ==
          static_cast<std::ptrdiff_t>(all[i].size));
    for (const auto& [from, to] : taken) CHECK((end <= from || to <= at));
    taken.emplace_back(at, end);
  }
}

template <class Fixture>
void check_all(std::size_t data = 0) {
  Fixture f;
  CHECK(f.said_of(file_of(some)) == "");
  check_placed(f, data, some);
  Fixture of_stream;
  medium m{file_of(some)};
  CHECK(of_stream.said_of(elf::streamed{m}) == "");
  CHECK(of_stream.room == f.room);
}

TEST_CASE("common symbols are zeros, aligned as they say") {
  check_all<fixture<>>();
  check_all<fixture<toy, 9>>();  // a word for each section, and one symbol
  check_all<fixture<toy, 64, relo::region_per_type>>();
  check_all<fixture<toy, 64, relo::core_and_init, relo::small_machine<2, 8>,
                    std::remove_cvref_t<decltype(named_stages)>>>();
}

TEST_CASE("there is as much for them as measure() says") {
  fixture<> f;
  typename decltype(f.loader)::requirements needed;
  const auto file = file_of(some);
  REQUIRE(f.loader.measure(elf::contiguous{std::span{file}}, needed) == errc::ok);
  CHECK(needed.regions[0].align == 64);
  CHECK(needed.regions[0].size == 64 + 100 + 4 + 1);
}

TEST_CASE("who has a word of scratch memory for each does not go through all for each") {
  const std::vector<variable> all(200, {"v", 4, 4});
  medium m{file_of(all)};
  fixture<toy, 256> f;
  CHECK(f.said_of(elf::streamed{m}) == "");
  check_placed(f, 0, all);
  CHECK(m.reads <= 20 * m.size() / 64);
}

TEST_CASE("large ones come last, where the machine has them") {
  const std::vector<variable> all{{"huge", 1000, 32, large}, {"little", 4, 4}};
  fixture<toy_with_large> f;
  CHECK(f.said_of(file_of(all)) == "");
  check_placed(f, 0, all);
  CHECK(f.word(8) + 4 <= f.word(0));

  fixture<toy_with_large, 64, relo::one_region, relo::small_machine<2>,
          std::remove_cvref_t<decltype(relo::load_small_module)>>
      without;
  const std::string said = without.said_of(file_of(all));
  CHECK(said.find("common symbol (compile with -fno-common)") != said.npos);
  const std::string other = fixture<>{}.said_of(file_of(all));
  CHECK(other.find("section that is not loaded") != other.npos);
}

TEST_CASE("those that cannot be are refused") {
  const auto said_of = [](const variable& v) { return fixture<>{}.said_of(file_of({v})); };
  CHECK(said_of({"odd", 4, 100}) ==
        "layout_commons: common symbol's alignment (st_value) is not a power of two: symbol 'odd', "
        "value 0x64");
  CHECK(said_of({"much", 0xffff'ffff, 4}) ==
        "layout_commons: module larger than any memory: symbol 'much', 4,294,967,295 bytes wanted");
  CHECK(said_of({"more", 5000, 4}) ==
        "move_module: out of module memory: 5,012 bytes wanted, 4,096 there");
  auto o = using_variables({{"apart", 4, 4}});
  o.symbols.back().type = elf::stt::tls;
  CHECK(fixture<>{}.said_of(o.finish()).find("thread-local") != std::string::npos);
}

TEST_CASE("an object whose variables grow while it is read has no place for them") {
  std::size_t size_at = 0;
  std::vector<variable> all(12, {"v", 4, 4});  // in several windows
  const auto file = finished(using_variables(all), all, &size_at);
  std::vector<errc> refusals;
  for (std::size_t from = 1;; ++from) {
    fixture<> f;
    medium m{file, size_at + 1, 0, from};
    const std::string said = f.said_of(elf::streamed{m});
    CHECK((said == "") == (m.looks < from));
    if (said == "") break;
    refusals.push_back(f.loader.diagnostics().code());
  }
  // There is not as much memory; or not as much as there was to be.
  CHECK(refusals.front() == errc::out_of_memory);
  CHECK(refusals.back() == errc::read_failed);
}

TEST_CASE("whatever a byte of the file is, the object is loaded or refused") {
  auto file = file_of(some);
  std::size_t loads = 0;
  for (auto& byte : file) {
    const unsigned char was = byte;
    for (const unsigned flips : {0xffU, 1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U}) {
      byte = static_cast<unsigned char>(was ^ flips);
      medium m{file};
      const std::string said = fixture<>{}.said_of(elf::streamed{m});
      CHECK(said == fixture<>{}.said_of(file));
      if (said.empty()) ++loads;
    }
    byte = was;
  }
  CHECK(loads != 0);
}

TEST_CASE("a critical section of OpenMP has a common lock whatever -fno-common says") {
  constexpr relo::symbol_values names{
      std::array<relo::symbol_value<addr>, 3>{{{"__kmpc_critical", start + 0x1000},
                                               {"__kmpc_end_critical", start + 0x1010},
                                               {"__kmpc_global_thread_num", start + 0x1020}}}};
  for (const auto& [clang, step] : made::clangs) {
    const auto compiled = made::compiled(
        std::string(clang) + " --target=armv7m-none-eabi -O2 -fno-common -fopenmp -c -x c",
        "int n;\nint test(void) {\n#pragma omp critical (c)\n  n += 1;\n  return n;\n}\n", step);
    if (compiled.empty()) continue;
    const auto said = [&](auto pipeline) -> std::string {
      static std::array<unsigned char, 4096> room;
      relo::buffer<addr> memory{room, start};
      relo::scratch<addr, 128> words;
      relo::loader loader{relo::arch::armv7m_compiler{}, memory,           words,
                          relo::symbols{names},          relo::dont_run{}, relo::one_region{},
                          relo::small_machine<2>{},      pipeline};
      return loader.load(elf::contiguous{std::span{compiled}})
                 ? ""
                 : loader.diagnostics().describe().c_str();
    };
    CHECK(said(stages) == "");
    const std::string why = said(relo::load_small_module);
    CHECK_MESSAGE(
        why.ends_with("R_ARM_THM_MOVW_ABS_NC, symbol '.gomp_critical_user_c.var': an "
                      "OpenMP critical section's lock is common whatever -fno-common "
                      "says: use another lock, or a loader with the stage layout_commons"),
        why);
  }
}

}  // namespace
