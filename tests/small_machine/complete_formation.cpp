// complete_formation and do_free_init on small machines: exports are unique, each region has its
// permission, and memory that only init needed comes back.
#include "small.hpp"

#include <array>
#include <vector>

namespace {

namespace elf = relo::elf;
using relo::errc;
using relo::permission;
using toy = small::toy_of<elf::elf32le>;
using object = robust::object<elf::elf32le>;
using addr = std::uint32_t;

constexpr addr start = 0x2000'0000;

/// Has permissions; remembers what was set.
struct guarded_memory : relo::buffer<addr> {
  static constexpr addr granularity = 32;
  struct setting {
    addr address, size;
    permission allows;
    bool operator==(const setting&) const = default;
  };
  using buffer::buffer;
  std::vector<setting> settings{};
  std::size_t fails = ~std::size_t{0};

  bool protect(const relo::block<addr>& b, permission p) {
    if (settings.size() == fails) return false;
    settings.push_back({b.address, static_cast<addr>(b.bytes.size()), p});
    return true;
  }
};

/// Its text, which exports that name, is 20 bytes, and its init text 40.
std::vector<unsigned char> exporting(const char* called) {
  object o{toy::machine};
  const auto text = o.add_section({.name = ".text",
                                   .flags = elf::shf::alloc | elf::shf::execinstr,
                                   .contents = std::vector<unsigned char>(20),
                                   .align = 4});
  o.add_section({.name = ".init.text",
                 .flags = elf::shf::alloc | elf::shf::execinstr,
                 .contents = std::vector<unsigned char>(40),
                 .align = 4});
  o.add_section({.name = ".modinfo", .contents = std::vector<unsigned char>(100)});
  const auto f = o.add_symbol({.name = "f", .section = text, .value = 4});
  if (called[0] != '\0') {
    std::vector<unsigned char> name;
    for (const char* c = called; *c != '\0'; ++c) name.push_back(static_cast<unsigned char>(*c));
    name.push_back(0);
    const auto strings = o.add_section({.name = ".rodata", .contents = name});
    const auto n = o.add_symbol({.name = "", .section = strings});
    const auto table = o.add_section(
        {.name = "__ksymtab", .contents = std::vector<unsigned char>(12), .align = 4});
    o.relocate(table, {{0, f, toy::absolute}, {4, n, toy::absolute}});
  }
  return o.finish();
}

constexpr auto offered =
    relo::symbol_values{std::array<relo::symbol_value<addr>, 1>{{{"host_has_this", 0x1000}}}};
constexpr relo::symbols host{offered};

/// Exports are as they were compiled in `exporting`.
template <class Layout>
struct fixture {
  alignas(32) std::array<unsigned char, 1024> bytes{};
  guarded_memory memory{bytes, start};
  relo::loader<toy, guarded_memory&, const relo::symbols<std::remove_cvref_t<decltype(offered)>>&,
               Layout, relo::dont_run, relo::ksymtab_exports, relo::small_machine<4, 16>,
               small::stages>
      loader{toy{},
             memory,
             host,
             Layout{},
             relo::dont_run{},
             relo::ksymtab_exports{},
             relo::small_machine<4, 16>{},
             small::stages{relo::load_small_named_module}};
};

}  // namespace

TEST_CASE("regions are protected, and those of init returned") {
  fixture<relo::region_per_type> f;
  typename decltype(f.loader)::requirements needed;
  const auto image = exporting("f");
  REQUIRE(f.loader.measure(elf::contiguous{std::span{image}}, needed, {.name = "a"}) == errc::ok);
  const auto m = f.loader.load(image, {.name = "a"});
  REQUIRE(m);
  using relo::mem_type;
  const auto at = [](mem_type t) { return static_cast<std::size_t>(t); };
  // What is not loaded needs nothing, and sizes are what can be protected.
  CHECK(needed.regions[at(mem_type::text)].size == 32);
  CHECK(needed.regions[at(mem_type::rodata)].size == 32);
  CHECK(needed.regions[at(mem_type::init_text)].size == 64);
  CHECK(needed.regions[at(mem_type::init_text)].align == 32);
  CHECK(needed.regions[at(mem_type::data)].size == 0);
  const auto text = m->regions[at(mem_type::text)].address,
             rodata = m->regions[at(mem_type::rodata)].address;
  CHECK(text % 32 == 0);
  CHECK(f.memory.settings ==
        std::vector<guarded_memory::setting>{{text, 32, permission::rx},
                                             {rodata, 32, permission::r},
                                             {start + 64, 64, permission::rx}});
  CHECK(!m->regions[at(mem_type::init_text)]);
  CHECK(f.memory.in_use() == 64);
  CHECK(m->state == relo::module_state::live);
  relo::symbol<addr> s;
  CHECK(f.loader.find_exported(elf::name{"f"}, true, s) == &*m);
  CHECK(s.address == text + 4);

  CHECK(f.loader.unload(*m) == errc::ok);
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("init memory that shares a region stays") {
  fixture<relo::code_rodata_data> f;
  const auto m = f.loader.load(exporting("f"), {.name = "a"});
  REQUIRE(m);
  CHECK(m->regions[0].bytes.size() == 64);
  CHECK(f.memory.in_use() == 96);
}

TEST_CASE("what is exported already is refused") {
  fixture<relo::core_and_init> f;
  CHECK(f.loader.load(exporting("host_has_this"), {.name = "a"}).error() == errc::duplicate_export);
  CHECK(f.memory.in_use() == 0);
  const auto first = f.loader.load(exporting("f"), {.name = "first"});
  REQUIRE(first);
  const auto used = f.memory.in_use();
  CHECK(f.loader.load(exporting("f"), {.name = "second"}).error() == errc::duplicate_export);
  CHECK(f.memory.in_use() == used);
  CHECK(f.loader.registry().first()->next == nullptr);
  CHECK(f.loader.load(exporting("g"), {.name = "third"}));
}

TEST_CASE("permissions that cannot be set") {
  for (std::size_t fails = 0; fails < 3; ++fails) {
    fixture<relo::region_per_type> f;
    f.memory.fails = fails;
    CHECK(f.loader.load(exporting("f"), {.name = "a"}).error() == errc::protection_failed);
    CHECK(f.memory.in_use() == 0);
    CHECK(f.loader.registry().first() == nullptr);
  }
}

TEST_CASE("parameters are written where data is") {
  using layout = relo::region_per_type;
  decltype(fixture<layout>::loader)::module_type m;
  std::array<unsigned char, 64> bytes{};
  const auto give = [&](relo::mem_type t, std::size_t at) {
    m.regions[static_cast<std::size_t>(t)] = {std::span{bytes}.subspan(at, 16),
                                              start + static_cast<addr>(at)};
  };
  give(relo::mem_type::text, 0);
  give(relo::mem_type::data, 16);
  give(relo::mem_type::rodata, 32);
  CHECK(m.data_at(start + 16, 16).size() == 16);
  CHECK(m.data_at(start + 16, 17).empty());
  CHECK(m.data_at(start, 4).empty());
  CHECK(m.data_at(start + 32, 4).empty());
  CHECK(m.data_at(start + 48, 1).empty());
  CHECK(m.bytes_at(start + 32, 4).size() == 4);
}
