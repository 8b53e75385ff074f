// What a small machine refuses, as it would go wrong there without a word.
#include <relo/micro/load_module.hpp>
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <utility>
#include <vector>

namespace {

namespace elf = relo::elf;
using relo::errc;
using format = std::conditional_t<sizeof(void*) == 8, elf::elf64le, elf::elf32le>;
using toy = relo::only<robust::toy<format, true>, "R_TOY_ADDRESS", "R_TOY_NONE">;
using object = robust::object<format>;
using addr = relo::native_addr;

errc loaded(object o) {
  relo::static_arena<4096> memory;
  relo::loader loader{toy{},
                      memory,
                      relo::one_region{},
                      relo::dont_run{},
                      relo::scratch<addr, 64>{},
                      relo::ksymtab_exports{},
                      relo::micro::modules<2, 16>{},
                      relo::micro::load_named_module};
  const auto image = o.finish();
  return loader.load(relo::elf::contiguous{std::span{image}}).error();
}

object with_section(const char* name, std::uint32_t flags, std::vector<unsigned char> contents) {
  object o{toy::machine};
  o.add_section({.name = name, .flags = elf::shf::alloc | flags, .contents = std::move(contents)});
  return o;
}

TEST_CASE("a piece of the function _init or _fini is no function") {
  constexpr std::uint32_t code = elf::shf::execinstr;
  CHECK(loaded(with_section(".init", code, {1, 2})) == errc::init_fragment);
  CHECK(loaded(with_section(".fini", code, {1, 2})) == errc::init_fragment);
  CHECK(loaded(with_section(".init", code, {})) == errc::ok);
  CHECK(loaded(with_section(".init", 0, {1, 2})) == errc::ok);
  CHECK(loaded(with_section(".init.text", code, {1, 2})) == errc::ok);
}

}  // namespace
