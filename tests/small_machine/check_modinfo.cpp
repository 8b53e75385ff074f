// For whom a small machine's modules find what is exported for GPL-compatible modules only.
#include <relo/module/linear_ksymtab_exports.hpp>
#include <relo/relo.hpp>
#include <relo/small_machine.hpp>
#include <relo/stage/check_modinfo.hpp>

#include <doctest/doctest.h>

#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

namespace elf = relo::elf;
using relo::errc;
using format = std::conditional_t<sizeof(void*) == 8, elf::elf64le, elf::elf32le>;
using toy = relo::only<robust::toy<format, true>, "R_TOY_ADDRESS", "R_TOY_NONE">;
using object = robust::object<format>;
using addr = relo::native_addr;
using bytes = std::vector<unsigned char>;
constexpr std::size_t word = sizeof(addr);

int host_number = 1;
constexpr auto plain = relo::exports(relo::exported{"host_plain", &host_number});
constexpr auto gpl = relo::gpl_exports(relo::exported{"host_gpl", &host_number});
constexpr relo::symbols host{plain, gpl};

bytes letters(const std::string& text) {
  bytes out(text.begin(), text.end());
  out.push_back(0);
  return out;
}

/// Exports module_plain and module_gpl.
bytes exporter() {
  object o{toy::machine};
  const auto data =
      o.add_section({.name = ".data", .flags = elf::shf::alloc | elf::shf::write, .contents = {1}});
  for (const auto* kind : {"plain", "gpl"}) {
    const std::string called = std::string("module_") + kind;
    const auto strings = o.add_section({.name = "__ksymtab_strings", .contents = letters(called)});
    const auto table =
        o.add_section({.name = called == "module_gpl" ? "__ksymtab_gpl" : "__ksymtab",
                       .contents = bytes(3 * word),
                       .align = word});
    const auto name = o.add_symbol({.name = "", .section = strings});
    const auto value = o.add_symbol({.name = called, .section = data});
    o.relocate(table, {{0, value, toy::absolute}, {word, name, toy::absolute}});
  }
  return o.finish();
}

/// Uses a symbol, and says that of itself.
bytes user(const std::string& symbol, const std::string& says) {
  object o{toy::machine};
  if (!says.empty())
    o.add_section({.name = ".modinfo",
                   .flags = 0,
                   .contents = letters(std::string("author=me\0", 10) + says)});
  const auto data = o.add_section(
      {.name = ".data", .flags = elf::shf::alloc | elf::shf::write, .contents = bytes(word)});
  o.relocate(data, {{0, o.add_symbol({.name = symbol}), toy::absolute}});
  return o.finish();
}

struct medium {
  const bytes& file;
  std::size_t size() const { return file.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return true;
  }
};

/// Which of the four symbols a module gets that says that.
template <class Exports, class Stages>
std::string got(const std::string& says, Exports exports, Stages stages) {
  std::string all;
  for (const bool streamed : {false, true}) {
    relo::static_arena<4096> memory;
    relo::scratch<addr, 64> words;
    relo::loader loader{toy{},
                        memory,
                        words,
                        host,
                        relo::one_region{},
                        relo::dont_run{},
                        exports,
                        relo::small_machine<3, 16>{},
                        stages};
    REQUIRE(loader.load(exporter(), {.name = "exporter"}));
    std::string found;
    for (const char* symbol : {"host_plain", "host_gpl", "module_plain", "module_gpl"}) {
      const bytes file = user(symbol, says);
      medium m{file};
      const auto loaded = streamed ? loader.load(elf::streamed{m}, {.name = "user"})
                                   : loader.load(file, {.name = "user"});
      CHECK((loaded.error() == errc::ok || loaded.error() == errc::unknown_symbol));
      if (!loaded) continue;
      found += found.empty() ? symbol : std::string(" ") + symbol;
      REQUIRE(loader.unload(*loaded) == errc::ok);
    }
    if (streamed) CHECK(found == all);
    all = found;
  }
  return all;
}

const std::string all = "host_plain host_gpl module_plain module_gpl",
                  plain_ones = "host_plain module_plain";

template <class Exports>
void check(Exports exports) {
  const auto with = relo::load_small_named_module |
                    relo::insert_after<"find_module_sections">(relo::stages::check_modinfo{});
  for (const char* licence : {"license=GPL", "license=GPL v2", "license=Dual MIT/GPL"}) {
    CAPTURE(licence);
    CHECK(got(licence, exports, with) == all);
  }
  for (const char* licence : {"", "license=Proprietary", "license=GPL v3, or so",
                              "license=", "licence=GPL", "description=license=GPL"}) {
    CAPTURE(licence);
    CHECK(got(licence, exports, with) == plain_ones);
    CHECK(got(licence, exports, relo::load_small_named_module) == all);
  }
}

TEST_CASE("with check_modinfo, for those alone; else for all") {
  check(relo::linear_ksymtab_exports{});
  check(relo::ksymtab_exports{});
}

/// Counts what it is warned of.
struct counting : relo::code_only {
  int warnings = 0;
  void warn(errc e) noexcept { warnings += e == errc::gpl_future_symbol; }
};

TEST_CASE("whoever uses what will be for those alone is warned") {
  static constexpr auto future =
      relo::exports<relo::export_kind::gpl_future>(relo::exported{"host_future", &host_number});
  counting diagnostics;
  relo::static_arena<4096> memory;
  relo::scratch<addr, 64> words;
  relo::loader loader{toy{},
                      memory,
                      words,
                      relo::symbols{future},
                      relo::one_region{},
                      relo::dont_run{},
                      diagnostics,
                      relo::linear_ksymtab_exports{},
                      relo::small_machine<2, 16>{},
                      relo::load_small_named_module | relo::insert_after<"find_module_sections">(
                                                          relo::stages::check_modinfo{})};
  const auto warnings = [&](const char* licence) {
    diagnostics.warnings = 0;
    const auto module = loader.load(user("host_future", licence), {.name = "user"});
    REQUIRE(module);
    REQUIRE(loader.unload(*module) == errc::ok);
    return diagnostics.warnings;
  };
  CHECK(warnings("license=GPL") == 0);
  CHECK(warnings("license=Proprietary") == 1);
  CHECK(warnings("") == 1);
}

}  // namespace
