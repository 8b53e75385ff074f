// How a small machine finds sections by their names.
#include "../robust/guarded.hpp"
#include "small.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace small;

/// Notes where it was read from.
struct noting_reader : robust::checked_reader {
  std::vector<std::size_t> offsets{};

  bool read(std::size_t offset, std::span<unsigned char> to) {
    offsets.push_back(offset);
    return checked_reader::read(offset, to);
  }
};

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
    noting_reader reader{{file}};
    CHECK(loaded(elf::streamed{reader}, stages) == errc::ok);
    return std::ranges::count(reader.offsets, last);
  };
  CHECK(looks(relo::load_small_named_module) == 1);
  CHECK(looks(relo::load_small_named_module | relo::drop<"check_section_names">) == 1);
}
