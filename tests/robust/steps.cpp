// What hostile input costs, in steps: no more than a multiple of what there is of it.
#include "bench.hpp"
#include "object.hpp"
#include "toy.hpp"

#include <relo/arch/arm.hpp>
#include <relo/small_machine.hpp>
#include <relo/symbol/hashed_symbols.hpp>

#include <memory>

namespace {

namespace elf = relo::elf;
using relo::errc;
using robust::bytes;
using addr = std::uint64_t;
using toy = robust::toy<elf::elf64le, true>;
using object = robust::object<toy::format>;

constexpr std::uint32_t data = elf::shf::alloc | elf::shf::write;

/// Looks at a byte of a name, or at an entry of a table.
std::size_t steps = 0;

/// A pointer to a name that counts the bytes that are looked at.
struct counted_bytes {
  const unsigned char* bytes = nullptr;
  const unsigned char& operator[](std::size_t i) const { return ++steps, bytes[i]; }
};

/// Memory whose symbols' names are counted.
struct counting_memory : elf::contiguous<unsigned char> {
  using elf::contiguous<unsigned char>::contiguous;
  using name_type = elf::name<counted_bytes>;
  using kept_name = name_type;
  name_type name_at(position p) const { return name_type{counted_bytes{p}}; }
};

/// A module whose tables are searched, and the names counted that are looked at.
template <class Module>
struct counting_module {
  using addr = typename Module::addr;
  const Module& m;
  const decltype(Module::exports)& exports = m.exports;

  auto bytes_of(const relo::extent<addr>& e) const { return m.bytes_of(e); }
  const unsigned char* name_at(addr at) const { return ++steps, m.name_at(at); }
};
template <class Module>
counting_module(const Module&) -> counting_module<Module>;

/// `count` names that hash_name() maps to one: the second word takes back the difference that the
/// first makes, which the multiplication keeps in the top bit.
std::vector<std::string> colliding(unsigned bits) {
  std::vector<std::string> out;
  for (std::uint32_t n = 0; n < 1U << bits; ++n) {
    std::string name;
    for (unsigned b = 0; b < bits; ++b) {
      std::uint64_t first = 0x6161'6161'6161'6161, second = first;
      if ((n >> b & 1) != 0) first ^= 1ULL << 63, second ^= 1ULL << 63 | 1ULL << 31;
      for (const std::uint64_t word : {first, second})
        for (int i = 0; i < 8; ++i) name += static_cast<char>(word >> 8 * i);
    }
    out.push_back(name);
  }
  return out;
}

/// A file of which the bytes are counted that are read.
struct counting_reader : robust::checked_reader {
  bool read(std::size_t offset, std::span<unsigned char> to) {
    steps += to.size();
    return checked_reader::read(offset, to);
  }
};

/// The object with more section headers, which are that of section `first` again.
template <class Format>
bytes with_headers(robust::object<Format> o, std::uint32_t first, std::size_t more) {
  const std::size_t all = o.sections.size();
  for (std::size_t n = 0; n < more; ++n) o.add_section({.name = ""});
  bytes file = o.finish();
  constexpr std::size_t size = Format::is_64 ? 64 : 40;
  const auto table =
      relo::read_int<typename Format::addr, Format::byte_order>(&file[Format::is_64 ? 40 : 32]);
  unsigned char* const headers = &file[static_cast<std::size_t>(table)];
  for (std::size_t n = 0; n < more; ++n)
    std::copy_n(headers + size * first, size, headers + size * (all + n));
  return file;
}

template <class Loader>
auto load(Loader& loader, const bytes& file, const char* name) {
  return loader.load(counting_memory{std::span<const unsigned char>{file}}, {.name = name});
}

using memory = robust::guarded_memory<addr>;
#define RELO_TOY_LOADER(...)                                                                       \
  relo::loader {                                                                                   \
    toy{}, relo::one_region{}, relo::host::heap_scratch<addr>{}, relo::dont_run{}, __VA_ARGS__     \
  }

/// An object with those symbols.
object with_symbols(const std::vector<std::string>& names, bool defined) {
  object o{toy::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  for (const auto& name : names) o.add_symbol({.name = name, .section = defined ? in : 0});
  return o;
}

}  // namespace

TEST_CASE("names that collide are found by halves") {
  constexpr unsigned bits = 12;
  const auto names = colliding(bits);
  REQUIRE(relo::hash_name(elf::name{names.front().c_str()}) ==
          relo::hash_name(elf::name{names.back().c_str()}));

  SUBCASE("in a module") {
    memory room{4 << 20, robust::module_space};
    auto loader = RELO_TOY_LOADER(room, relo::symtab_exports{});
    const auto m = load(loader, with_symbols(names, true).finish(), "plain");
    REQUIRE(m);
    steps = 0;
    for (const auto& name : names) {
      relo::symbol<addr> s;
      REQUIRE(loader.exports().find<std::endian::little>(counting_module{*m},
                                                         elf::name{name.c_str()}, true, s));
    }
    CHECK(steps <= names.size() * (bits + 1));
    relo::symbol<addr> s;
    CHECK(!loader.find_in(*m, elf::name{(names[7] + "x").c_str()}, true, s));
    CHECK(!loader.find_in(*m, elf::name{"aaaaaaaa"}, true, s));
  }
  SUBCASE("in a table") {
    std::vector<relo::symbol_value<addr>> table;
    for (std::size_t i = 0; i < names.size(); ++i) table.push_back({names[i].c_str(), i});
    table.push_back({names[5].c_str(), 77});
    using hashed = relo::hashed_symbols<addr>;
    std::vector<hashed::entry> index(hashed::entries_for(table.size()));
    const hashed symbols{table, index};
    using name = elf::name<counted_bytes>;
    std::vector<relo::symbol_request<name, addr>> batch;
    steps = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const name n{counted_bytes{reinterpret_cast<const unsigned char*>(names[i].c_str())}};
      relo::symbol<addr> s;
      REQUIRE(symbols.find(n, true, s));
      REQUIRE(s.address == i);
      batch.push_back({n, 0, false, {}});
    }
    symbols.find_batch(std::span{batch}, true);
    for (std::size_t i = 0; i < names.size(); ++i) REQUIRE(batch[i].result.address == i);
    // Each comparison looks at a name once or twice a byte, and so does its hash.
    CHECK(steps <= 2 * names.size() * (bits + 3) * 2 * names[0].size());
    relo::symbol<addr> s;
    CHECK(!symbols.find(elf::name{"aaaaaaaa"}, true, s));
  }
}

TEST_CASE("entries that fill a hash table's neighbourhood are not walked through") {
  // One after the other in the index, by their hashes' low bits: none is far from its place, and
  // still there is no end.
  constexpr std::size_t count = 4096, room = relo::name_index::entries_for(count);
  std::vector<std::string> names(count);
  std::size_t missing = count;
  for (std::size_t i = 0; missing != 0; ++i) {
    const std::string name = "n" + std::to_string(i);
    const std::size_t at = relo::hash_name(elf::name{name.c_str()}) & (room - 1);
    if (at < count && names[at].empty()) names[at] = name, --missing;
  }
  std::vector<relo::name_index::entry> entries(room);
  std::size_t looks = 0;
  const auto name_of = [&](std::size_t i) { return ++looks, names[i].c_str(); };
  const relo::name_index index{count, entries, name_of};
  CHECK(!index.sorted());
  looks = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const elf::name name{names[i].c_str()};
    CHECK(index.find(name, relo::hash_name(name), name_of) == i);
    CHECK(index.find(elf::name{"absent"}, static_cast<std::uint32_t>(i), name_of) ==
          relo::name_index::none);
  }
  CHECK(looks <= 2 * count);
}

TEST_CASE("symbols that share one long name, or the letters of one") {
  constexpr std::size_t count = 2000, length = 60'000;
  for (const bool tails : {false, true})
    for (const bool defined : {false, true}) {
      CAPTURE(tails);
      CAPTURE(defined);
      object o = with_symbols({std::string(length, 'x')}, defined);
      for (std::size_t i = 1; i < count; ++i)
        o.add_symbol({.name = "", .section = o.symbols[1].section});
      bytes file = o.finish();
      // Symbol i is called as the first is, or by what of it begins at letter 26 i.
      const auto table = relo::read_int<addr, std::endian::little>(&file[40]);
      const auto symbols = relo::read_int<addr, std::endian::little>(
          &file[static_cast<std::size_t>(table) + 64 * object::symtab + 24]);
      for (std::size_t i = 1; i <= count; ++i)
        relo::write_int<std::endian::little>(&file[static_cast<std::size_t>(symbols) + 24 * i],
                                             static_cast<std::uint32_t>(2 + (tails ? 26 * i : 0)));
      memory room{4 * file.size() + 65536, robust::module_space};
      relo::sorted_symbols<addr> none{{}};
      const relo::symbols host{none, none, none};
      auto loader = RELO_TOY_LOADER(room, host, relo::symtab_exports{});
      steps = 0;
      const auto m = load(loader, file, "long");
      CHECK(m.error() == (defined ? errc::ok : errc::unknown_symbol));
      CHECK(steps <= 10 * 4096 * count);
      if (!defined) continue;
      CHECK(m->memory(relo::mem_type::rodata).bytes.size() <= 2 * file.size());
      if (!tails) continue;
      relo::symbol<addr> s;
      CHECK(loader.find_in(*m, elf::name{std::string(4000, 'x').c_str()}, true, s) ==
            ((length - 4000) % 26 == 0 && (length - 4000) / 26 <= count));
      CHECK(loader.find_in(*m, elf::name{std::string(length - 26 * count, 'x').c_str()}, true, s) ==
            (length - 26 * count < 4096));
    }
}

TEST_CASE("a name's hash is computed once, however many modules are asked") {
  memory room{1 << 20, robust::module_space};
  auto loader = RELO_TOY_LOADER(room, relo::symtab_exports{}, relo::modules<31>{});
  const std::string called(1000, 'y');
  for (int i = 0; i < 30; ++i) {
    object o = with_symbols({"f" + std::to_string(i)}, true);
    const auto m = load(loader, o.finish(), ("m" + std::to_string(i)).c_str());
    REQUIRE_MESSAGE(m, std::string(loader.diagnostics().describe().c_str()));
  }
  object user = with_symbols({called}, false);
  const bytes file = user.finish();
  steps = 0;
  CHECK(load(loader, file, "user").error() == errc::unknown_symbol);
  CHECK(steps <= 3 * called.size());
}

namespace {

/// Its branches reach 32 KiB; the veneers that are looked at are counted.
struct near_branches : robust::toy<elf::elf64le, true> {
  static constexpr std::uint32_t branch = 7;
  static constexpr std::size_t veneer_size = 8;
  static void write_veneer(unsigned char* to, addr, addr target) noexcept {
    relo::write_int<std::endian::little>(to, target);
  }
  static bool is_veneer_for(const unsigned char* code, addr target) noexcept {
    return ++steps, relo::read_int<addr, std::endian::little>(code) == target;
  }
  static constexpr auto howtos = [] {
    using namespace relo::terms;
    return std::array<relo::howto, 1>{
        {{branch, "R_TOY_BRANCH16", relo::word16, L + A - P, relo::overflow::signed_}}};
  }();
};

}  // namespace

TEST_CASE("a small machine finds a symbol's veneer at once, if scratch memory has two words each") {
  constexpr std::size_t count = 2000;
  std::vector<std::string> names;
  std::vector<relo::symbol_value<addr>> table;
  for (std::size_t i = 0; i < count; ++i) names.push_back("f" + std::to_string(10000 + i));
  for (std::size_t i = 0; i < count; ++i) table.push_back({names[i].c_str(), 1ULL << 40 | i << 4});
  object o{toy::machine};
  const auto text = o.add_section({.name = ".text",
                                   .flags = elf::shf::alloc | elf::shf::execinstr,
                                   .contents = bytes(4 * count)});
  std::vector<object::relocation> branches;
  for (std::size_t i = 0; i < 2 * count; ++i)
    branches.push_back(
        {2 * i, i < count ? o.add_symbol({.name = names[i]}) : 0, near_branches::branch});
  for (std::size_t i = 0; i < count; ++i) branches[count + i].symbol = branches[i].symbol;
  o.relocate(text, branches);
  const bytes file = o.finish();

  const auto looks = [&](auto words) {
    std::vector<unsigned char> room(1 << 20);
    relo::buffer<addr> module_memory{room, 0x10'0000};
    relo::sorted_symbols<addr> host{table};
    relo::loader loader{near_branches{},          module_memory,          words,
                        relo::symbols{host},      relo::one_region{},     relo::dont_run{},
                        relo::small_machine<1>{}, relo::load_small_module};
    steps = 0;
    REQUIRE_MESSAGE(loader.load(elf::contiguous{std::span{file}}),
                    std::string(loader.diagnostics().describe().c_str()));
    // Each branch goes where its symbol's veneer is, and that where the symbol is.
    for (std::size_t i = 0; i < 2 * count; ++i) {
      const addr to = 2 * i + relo::read_int<std::uint16_t, std::endian::little>(&room[2 * i]);
      REQUIRE(relo::read_int<addr, std::endian::little>(&room[to]) == table[i % count].value);
    }
    return steps;
  };
  CHECK(looks(relo::scratch<addr, 2 * count + 16>{}) == 0);
  CHECK(looks(relo::scratch_of_one<addr, 100>{}) >= count * count);
}

TEST_CASE("relocation sections that overlap are not applied over and over") {
  for (const bool compact : {false, true}) {
    CAPTURE(compact);
    object o = with_symbols({"here"}, true);
    const std::uint32_t target = o.symbols[1].section;
    const std::vector<object::relocation> records(4000, {0, 1, toy::absolute});
    const std::uint32_t first =
        compact ? o.relocate_crel(target, records, true) : o.relocate(target, records);
    const std::size_t size = o.sections[first].contents.size();
    const bytes file = with_headers(o, first, 1000);

    memory room{1 << 20, robust::module_space};
    auto loader = RELO_TOY_LOADER(room);
    counting_reader reader{{file}};
    steps = 0;
    const auto m = loader.load(elf::streamed{reader}, {.name = "again"});
    CHECK(m.error() == errc::relocations_overlap);
    CHECK(loader.diagnostics().at().limit == file.size());
    CHECK(loader.diagnostics().at().value > file.size());
    CHECK(loader.diagnostics().at().value <= file.size() + size);
    CHECK(steps <= 8 * file.size());
  }
}

TEST_CASE("what overlaps and is no longer than the file is applied as it is said") {
  object o = with_symbols({"here"}, true);
  const std::uint32_t first = o.relocate(o.symbols[1].section, {{0, 1, toy::absolute, 5}});
  robust::bench<toy, robust::guarded_memory, relo::one_region> bench{4096};
  const robust::outcome once = bench.load_both(o.finish());
  REQUIRE_MESSAGE(once.error == errc::ok, once.text);
  CHECK(bench.load_both(with_headers(o, first, 3)) == once);
}

TEST_CASE("sections that share one long name") {
  constexpr std::uint32_t count = 2000;
  object o = with_symbols({"__start_section"}, false);
  o.symbols[1].bind = elf::stb::weak;
  const std::uint32_t first = o.add_section({.name = std::string(60'000, 'x'), .flags = data});
  const bytes file = with_headers(o, first, count - 1);
  memory room{1 << 20, robust::module_space};
  auto loader = RELO_TOY_LOADER(room);
  steps = 0;
  CHECK(load(loader, file, "long").error() == errc::ok);
  CHECK(steps <= 4 * 4096 * count);
}

TEST_CASE("build attributes that are the same bytes of the file are not read over and over") {
  using format = elf::elf32le;
  robust::object<format> o{elf::em::arm};
  o.add_section({.name = ".text", .contents = {0x70, 0x47}, .align = 2});
  // Tag_File of "aeabi" has its tag and length, and then Tag_CPU_arch, 11, over and over.
  bytes contents{'A'}, list;
  for (int n = 0; n < 10'000; ++n) list.insert(list.end(), {6, 11});
  robust::object<format>::put(contents, static_cast<std::uint32_t>(4 + 6 + 5 + list.size()));
  for (const char c : {'a', 'e', 'a', 'b', 'i', '\0', '\1'})
    contents.push_back(static_cast<unsigned char>(c));
  robust::object<format>::put(contents, static_cast<std::uint32_t>(5 + list.size()));
  contents.insert(contents.end(), list.begin(), list.end());
  const std::uint32_t first = o.add_section(
      {.name = ".ARM.attributes", .type = elf::sht::attributes, .flags = 0, .contents = contents});
  for (const std::size_t more : {0U, 1000U}) {
    bytes file = with_headers(o, first, more);
    relo::write_int<std::endian::little>(&file[36], std::uint32_t{0x0500'0000});
    robust::guarded_memory<std::uint32_t> room{1 << 20, robust::module_space};
    relo::loader loader{relo::arch::armv7m{}, room, relo::one_region{},
                        relo::host::heap_scratch<std::uint32_t>{}, relo::dont_run{}};
    counting_reader reader{{file}};
    steps = 0;
    CHECK(loader.load(elf::streamed{reader}, {.name = "again"}).error() ==
          (more == 0 ? errc::ok : errc::bad_attributes));
    CHECK(steps <= 32 * file.size());
  }
}
