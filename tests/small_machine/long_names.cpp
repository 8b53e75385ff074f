// Names longer than a window of a streamed source: found by all their letters; or where there is no
// code for that, refused, with how long they are.
#include "small.hpp"

#include <relo/module/linear_ksymtab_exports.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace small;
using bytes = std::vector<unsigned char>;
constexpr std::size_t lengths[] = {62, 63, 64, 100, 128, 300, 1000};

struct medium {
  bytes file;
  std::size_t size() const { return file.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return true;
  }
};

/// As C++ has them: what differs stands at the end.
std::string long_name(std::size_t length, char last = 'v') {
  return "_Z" + std::string(length - 3, 'n') + last;
}

/// A word of data for each name, with its address.
bytes user(const std::vector<object::symbol>& names) {
  object o{toy::machine};
  const auto data = o.add_section({.name = ".data",
                                   .flags = elf::shf::alloc | elf::shf::write,
                                   .contents = bytes(names.size() * word)});
  std::vector<object::relocation> records;
  for (const auto& s : names)
    records.push_back({static_cast<addr>(records.size() * word), o.add_symbol(s), toy::absolute});
  o.relocate(data, records);
  return o.finish();
}

/// Exports a byte of its data by EXPORT_SYMBOL.
bytes exporter(const std::string& called) {
  object o{toy::machine};
  const auto data = o.add_section(
      {.name = ".data", .flags = elf::shf::alloc | elf::shf::write, .contents = {1, 2}});
  bytes letters(called.begin(), called.end());
  letters.push_back(0);
  const auto strings = o.add_section({.name = "__ksymtab_strings", .contents = letters});
  const auto table =
      o.add_section({.name = "__ksymtab", .contents = bytes(3 * word), .align = word});
  const auto name = o.add_symbol({.name = "", .section = strings});
  const auto value = o.add_symbol({.name = called, .section = data, .value = 1});
  o.relocate(table, {{0, value, toy::absolute}, {word, name, toy::absolute}});
  return o.finish();
}

/// Offers that name.
struct names {
  std::string offered = "nothing";
  template <class Name>
  bool find(const Name& called, bool, relo::symbol<addr>& out) const {
    if (called.compare(offered.c_str()) != 0) return false;
    out.address = 0x1234;
    return true;
  }
};

template <bool ShortNames>
struct fixture {
  names host{};
  relo::static_arena<8192> memory;
  relo::symbols<names> symbols{host};
  relo::scratch<addr, 200> words{};
  elf::windows<64, ShortNames> windows;
  relo::loader<toy, relo::static_arena<8192>&, relo::symbols<names>&, relo::scratch<addr, 200>&,
               relo::one_region, relo::dont_run, relo::linear_ksymtab_exports,
               relo::small_machine<4, 16>, relo::located<1200>, stages>
      loader{toy{},
             memory,
             symbols,
             words,
             relo::one_region{},
             relo::dont_run{},
             relo::linear_ksymtab_exports{},
             relo::small_machine<4, 16>{},
             relo::located<1200>{},
             stages{relo::load_small_named_module}};

  auto load(const bytes& file, const char* called) {
    medium m{file};
    return loader.load(elf::streamed{m, windows}, {.name = called});
  }
  std::string said_of(const bytes& file) {
    const auto before = memory.in_use();
    if (load(file, "m")) return "";
    CHECK(memory.in_use() == before);
    const std::string said = loader.diagnostics().describe().c_str();
    const auto place = said.find(": .data"), symbol = said.find(", symbol");
    return place == said.npos ? said : said.substr(0, place) + ':' + said.substr(symbol + 1);
  }
  /// The word that a module's data begins with.
  template <class Module>
  addr first_word(const Module& m) {
    return relo::read_int<addr, format::byte_order>(m.regions[0].bytes.data());
  }
};

TEST_CASE("are found in the host's table and in modules") {
  for (const std::size_t length : lengths) {
    CAPTURE(length);
    for (const unsigned bind : {elf::stb::global, elf::stb::weak}) {
      fixture<false> f;
      f.host.offered = long_name(length);
      const auto m = f.load(user({{.name = f.host.offered, .bind = bind}}), "m");
      REQUIRE(m);
      CHECK(f.first_word(*m) == 0x1234);
    }
    fixture<false> f;
    const auto other = f.load(exporter(long_name(length, 'w')), "other");
    const auto one = f.load(exporter(long_name(length)), "one");
    REQUIRE(other);
    REQUIRE(one);
    const auto m = f.load(user({{.name = long_name(length)}}), "user");
    REQUIRE(m);
    CHECK(f.first_word(*m) == one->regions[0].address + 1);
    CHECK(one->references == 1);
    CHECK(other->references == 0);
    CHECK(f.said_of(exporter(long_name(length))) ==
          "complete_formation: exports a symbol that is exported already: '" + long_name(length) +
              "'");
  }
}

TEST_CASE("are told whole where nobody has them") {
  for (const std::size_t length : lengths) {
    CAPTURE(length);
    fixture<false> f;
    f.host.offered = long_name(length, 'w');
    CHECK(f.said_of(user({{.name = long_name(length)}, {.name = long_name(length) + "v"}})) ==
          "apply_relocations: unknown symbol: symbols '" + long_name(length) + "', '" +
              long_name(length) + "v'");
    CHECK(f.said_of(user({{.name = long_name(length), .bind = elf::stb::weak}})) == "");
  }
}

TEST_CASE("are refused where there is no code for them, weak ones too") {
  for (const std::size_t length : lengths)
    for (const unsigned bind : {elf::stb::global, elf::stb::weak}) {
      CAPTURE(length);
      fixture<true> f;
      f.host.offered = long_name(length);
      const std::string said = f.said_of(user({{.name = long_name(length), .bind = bind}}));
      if (length <= 62) {
        CHECK(said == "");
        continue;
      }
      CHECK(said ==
            "apply_relocations: symbol's name is longer than a window through which the object is "
            "read: symbol '" +
                long_name(length) + "', " + (length < 1000 ? std::to_string(length) : "1,000") +
                " characters wanted, 62 there");
      CHECK(f.loader.diagnostics().code() == errc::symbol_name_too_long);
    }
}

TEST_CASE("are nobody's concern in symbols that no relocation names") {
  fixture<true> f;
  CHECK(f.load(exporter(long_name(300)), "exporter"));
  CHECK(f.said_of(user({{.name = long_name(62)}})) ==
        "apply_relocations: unknown symbol: symbol '" + long_name(62) + "'");
}

}  // namespace
