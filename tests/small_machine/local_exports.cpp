// Plugins that all export one name, each found by who knows the module; on small machines, and in
// general.
#include "small.hpp"

#include <relo/module/image_exports.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace small;
using source = elf::contiguous<unsigned char>;

/// Exports plugin_run, a byte of that value; and says so by EXPORT_SYMBOL.
std::vector<unsigned char> plugin(unsigned char value) {
  object o{toy::machine};
  const auto data = o.add_section(
      {.name = ".data", .flags = elf::shf::alloc | elf::shf::write, .contents = {0, value}});
  const std::string called = "plugin_run";
  const auto strings = o.add_section(
      {.name = "__ksymtab_strings",
       .contents = {reinterpret_cast<const unsigned char*>(called.c_str()),
                    reinterpret_cast<const unsigned char*>(called.c_str()) + called.size() + 1}});
  const auto table = o.add_section(
      {.name = "__ksymtab", .contents = std::vector<unsigned char>(3 * word), .align = word});
  const auto name = o.add_symbol({.name = "", .section = strings});
  const auto run = o.add_symbol({.name = called, .section = data, .value = 1});
  o.relocate(table, {{0, run, toy::absolute}, {word, name, toy::absolute}});
  return o.finish();
}

/// Uses somebody's.
std::vector<unsigned char> user() {
  object o{toy::machine};
  const auto data = o.add_section({.name = ".data",
                                   .flags = elf::shf::alloc | elf::shf::write,
                                   .contents = std::vector<unsigned char>(word)});
  o.relocate(data, {{0, o.add_symbol({.name = "plugin_run"}), toy::absolute}});
  return o.finish();
}

template <class T>
T copy(const T& policy) {
  return policy;
}

template <class... Policies>
void check(Policies... policies) {
  relo::static_arena<4096> memory;
  relo::scratch<addr, 200> words;
  relo::loader loader{toy{}, memory, words, relo::one_region{}, std::move(policies)...};
  const auto first_object = plugin(1), second_object = plugin(2), third_object = user();
  const auto first = loader.load(source{std::span{first_object}}, {.name = "first"});
  const auto second = loader.load(source{std::span{second_object}}, {.name = "second"});
  REQUIRE(first);
  REQUIRE(second);
  const auto run = [&](const auto& m) {
    const unsigned char* const p = loader.template find<unsigned char>(m, "plugin_run");
    return p == nullptr ? -1 : *p;
  };
  CHECK(run(*first) == 1);
  CHECK(run(*second) == 2);
  CHECK(loader.template find<unsigned char>(*second, "plugin") == nullptr);

  CHECK(loader.template find<unsigned char>("plugin_run") == nullptr);
  CHECK(loader.load(source{std::span{third_object}}, {.name = "user"}).error() ==
        errc::unknown_symbol);
  CHECK(first->references == 0);

  CHECK(loader.unload(*first) == errc::ok);
  CHECK(run(*second) == 2);
  CHECK(loader.load(source{std::span{first_object}}, {.name = "first"}));
}

constexpr relo::small_machine<4, 16> small_modules{};

TEST_CASE("plugins that export one name, on a small machine") {
  const auto& stages = relo::load_small_named_module;
  check(relo::local_exports<relo::linear_ksymtab_exports>{}, copy(small_modules), copy(stages));
  check(relo::local_exports<relo::ksymtab_exports>{}, copy(small_modules), copy(stages));
  check(relo::local_exports<relo::image_exports<source>>{}, copy(small_modules),
        stages | relo::drop<"post_relocation">);
}

TEST_CASE("plugins that export one name") {
  check(relo::local_exports<relo::ksymtab_exports>{});
  check(relo::local_exports{});
  check(relo::local_exports{}, relo::shared_definitions{});
  check(relo::local_exports{}, relo::modules<40>{}, relo::fixed_index<200>{});
}

}  // namespace
