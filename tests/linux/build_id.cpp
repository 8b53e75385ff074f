#include "kernel_object.hpp"

#include <doctest/doctest.h>

using namespace kernel_test;

namespace {

bytes note(std::uint32_t name_size, std::uint32_t size, std::uint32_t type, const std::string& name,
           const bytes& content) {
  bytes out = kernel_object::words<std::uint32_t>({name_size, size, type});
  const auto append = [&](const auto& all) {
    out.insert(out.end(), all.begin(), all.end());
    while (out.size() % 4 != 0) out.push_back(0);
  };
  append(name);
  append(content);
  return out;
}
const bytes content(20, 0xab);
bytes build_id_note() { return note(4, 20, 3, {"GNU\0", 4}, content); }

bool parse(const bytes& notes, kmod::build_id& out) {
  const auto copy = std::make_unique<unsigned char[]>(notes.size());
  std::copy(notes.begin(), notes.end(), copy.get());
  return kmod::parse_build_id<std::endian::little>(
      std::span<const unsigned char>{copy.get(), notes.size()}, out);
}

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("a build ID among notes") {
  kmod::build_id id{};
  CHECK(parse(build_id_note(), id));
  CHECK(std::equal(id.begin(), id.end(), content.begin()));
  // Another's note, a property of the GNU's, one without a name.
  for (const bytes& first : {note(6, 3, 3, {"Linux\0", 6}, {1, 2, 3}),
                             note(4, 16, 5, {"GNU\0", 4}, bytes(16)), note(0, 0, 3, "", {})}) {
    id = {};
    CHECK(parse(first + build_id_note(), id));
    CHECK(id[19] == 0xab);
  }
  SUBCASE("shorter than SHA-1's: zeros follow") {
    CHECK(parse(note(4, 8, 3, {"GNU\0", 4}, bytes(8, 0xcd)), id));
    CHECK(id[7] == 0xcd);
    CHECK(id[8] == 0);
  }
}

TEST_CASE("what is no build ID") {
  kmod::build_id id{};
  CHECK_FALSE(parse({}, id));
  for (const bytes& notes :
       {note(4, 20, 4, {"GNU\0", 4}, content), note(4, 20, 3, {"GNX\0", 4}, content),
        note(5, 20, 3, {"GNU\0\0", 5}, content), note(4, 0, 3, {"GNU\0", 4}, {}),
        note(4, 21, 3, {"GNU\0", 4}, bytes(21)), note(0xffff'fffc, 20, 3, {"GNU\0", 4}, content),
        note(4, 0xffff'ffff, 3, {"GNU\0", 4}, content),
        note(0xffff'fff8, 0xffff'fff8, 3, {"GNU\0", 4}, content)})
    CHECK_FALSE(parse(notes, id));
  const bytes whole = build_id_note();
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, id));
}

TEST_CASE_TEMPLATE("a module's build ID is the first of its loaded notes", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  o.add({".note.left", elf::sht::note, 0, note(4, 20, 3, {"GNU\0", 4}, bytes(20, 1))});
  o.add({".note.Linux", elf::sht::note, o.constant, note(6, 1, 0, {"Linux\0", 6}, {7})});
  o.add({".note.gnu.build-id", elf::sht::note, o.constant, build_id_note()});
  o.add({".note.later", elf::sht::note, o.constant, note(4, 20, 3, {"GNU\0", 4}, bytes(20, 2))});
  REQUIRE(kernel.load(o) == errc::ok);
  CHECK(kernel.last->build_id[0] == 0xab);
}
