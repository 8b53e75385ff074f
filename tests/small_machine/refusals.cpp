// What a small machine refuses, as it would go wrong there without a word.
#include "small.hpp"

#include <utility>
#include <vector>

namespace {

using namespace small;

errc loaded_with(const char* name, std::uint32_t flags, std::vector<unsigned char> contents) {
  object o{toy::machine};
  o.add_section({.name = name, .flags = elf::shf::alloc | flags, .contents = std::move(contents)});
  const auto image = o.finish();
  return loaded(elf::contiguous{std::span{image}});
}

TEST_CASE("a piece of the function _init or _fini is no function") {
  constexpr std::uint32_t code = elf::shf::execinstr;
  CHECK(loaded_with(".init", code, {1, 2}) == errc::init_fragment);
  CHECK(loaded_with(".fini", code, {1, 2}) == errc::init_fragment);
  CHECK(loaded_with(".init", code, {}) == errc::ok);
  CHECK(loaded_with(".init", 0, {1, 2}) == errc::ok);
  CHECK(loaded_with(".init.text", code, {1, 2}) == errc::ok);
}

}  // namespace
