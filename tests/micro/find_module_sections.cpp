// How a small machine finds sections by their names.
#include <relo/micro/load_module.hpp>
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "../robust/guarded.hpp"
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

/// Notes where it was read from.
struct noting_reader : robust::checked_reader {
  std::vector<std::size_t> offsets{};

  bool read(std::size_t offset, std::span<unsigned char> to) {
    offsets.push_back(offset);
    return checked_reader::read(offset, to);
  }
};

/// The offsets of the reads by which a loader with those stages loads an object.
template <class Stages>
std::vector<std::size_t> reads_of(const std::vector<unsigned char>& file, const Stages& stages) {
  relo::static_arena<4096> memory;
  relo::loader loader{toy{},
                      memory,
                      relo::one_region{},
                      relo::dont_run{},
                      relo::scratch<addr, 64>{},
                      relo::ksymtab_exports{},
                      relo::micro::modules<2, 16>{},
                      stages};
  noting_reader reader{{file}};
  CHECK(loader.load(elf::streamed{reader}).error() == errc::ok);
  return reader.offsets;
}

}  // namespace

TEST_CASE("the table of section names is checked once") {
  // Its NUL is the table's last byte, so far from the end of the symbols' names that no read has
  // both.
  const std::string called(500, 'x');
  object o{toy::machine};
  o.add_section({.name = called, .contents = {1}});
  const auto file = o.finish();
  const std::size_t last = std::string(file.begin(), file.end()).find(called) + called.size();
  const auto looks = [&](const auto& stages) {
    return std::ranges::count(reads_of(file, stages), last);
  };
  CHECK(looks(relo::micro::load_named_module) == 1);
  CHECK(looks(relo::micro::load_named_module | relo::drop<"check_section_names">) == 1);
}
