// module_sig_check in a loader's pipeline. openssl made the keys and the signatures.
#include "../../../examples/firmware/auth/module_sig_check.hpp"

#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using relo::errc;
using bytes = std::vector<unsigned char>;

constexpr example::public_key ours{
#include "ours.inc"
};

/// Sees the file as the stages after module_sig_check do.
struct note_size {
  static constexpr const char* name = "note_size";
  using undo = relo::nothing_to_undo;
  static inline std::size_t seen = 0;
  template <class Load>
  errc run(Load& load) const {
    seen = load.image.source().size();
    return errc::ok;
  }
};

constexpr auto checked =
    relo::load_module |
    relo::insert_before<"elf_validity_check">(example::module_sig_check<ours>{}) |
    relo::insert_before<"elf_validity_check">(note_size{});

bytes read(const std::string& name) {
  std::ifstream in{RELO_OBJECTS "/" + name, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A medium that is read in pieces, and fails after some of them.
struct medium {
  bytes contents;
  std::size_t reads_left = ~std::size_t{0};
  std::size_t largest = 0;

  std::size_t size() const { return contents.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) {
    REQUIRE(offset <= size());
    REQUIRE(to.size() <= size() - offset);
    if (reads_left-- == 0) return false;
    largest = std::max(largest, to.size());
    std::memcpy(to.data(), contents.data() + offset, to.size());
    return true;
  }
};

/// Loads, and says how that ended; a module that was loaded works, and one that was not has left
/// nothing.
template <class Object>
errc load(const Object& object, std::string* why = nullptr) {
  std::array<unsigned char, 4096> room{};
  relo::buffer<std::uint64_t> memory{room, 0x10000};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::dont_run{}, checked};
  note_size::seen = 0;
  const auto module = loader.load(object, {.name = "signed"});
  if (why != nullptr) *why = loader.diagnostics().describe().c_str();
  CHECK(bool(module) == (loader.registry().first() != nullptr));
  if (!module) {
    CHECK(room == std::array<unsigned char, 4096>{});
    return module.error();
  }
  relo::symbol<std::uint64_t> answer;
  CHECK(loader.find_in(*module, relo::elf::name{"answer"}, true, answer));
  return loader.unload(*module);
}

}  // namespace

TEST_CASE("a signed object loads, without its signature") {
  const bytes plain = read("object.o"), good = read("signed.o");
  REQUIRE(good.size() == plain.size() + 80);
  CHECK(load(good) == errc::ok);
  CHECK(note_size::seen == plain.size());

  medium m{good};
  CHECK(load(relo::elf::streamed{m}) == errc::ok);
  CHECK(note_size::seen == plain.size());
}

TEST_CASE("an object that is not signed is refused before it is looked at") {
  std::string why;
  CHECK(load(read("object.o"), &why) == errc::not_authentic);
  CHECK(why == "module_sig_check: signature missing or wrong");
  CHECK(note_size::seen == 0);
  CHECK(load(bytes{}) == errc::not_authentic);
  CHECK(load(read("signed_text.o"), &why) == errc::bad_magic);
  CHECK(load(read("ours.inc"), &why) == errc::not_authentic);
}

TEST_CASE("an object that another key signed is refused") {
  CHECK(load(read("signed_by_other.o")) == errc::not_authentic);
  // Nor is the signature of one object good for another.
  bytes mixed = read("signed_text.o");
  const bytes good = read("signed.o");
  std::copy(good.end() - 80, good.end(), mixed.end() - 80);
  CHECK(load(mixed) == errc::not_authentic);
}

TEST_CASE("one bit changed, anywhere") {
  bytes object = read("signed.o");
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * object.size(); ++bit) {
    object[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
    refused += load(object) == errc::not_authentic ? 1 : 0;
    object[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
  }
  CHECK(refused == 8 * object.size());
  CHECK(load(object) == errc::ok);
}

TEST_CASE("one byte less or more") {
  const bytes good = read("signed.o");
  for (std::size_t size = 0; size < good.size(); ++size)
    REQUIRE(load(bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))) ==
            errc::not_authentic);
  for (const std::size_t at : {std::size_t{0}, good.size() - 80, good.size() - 16, good.size()}) {
    bytes longer = good;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), 0);
    CHECK(load(longer) == errc::not_authentic);
  }
}

TEST_CASE("a medium that fails while the signature is checked, or afterwards") {
  const bytes good = read("signed.o");
  for (std::size_t reads = 0; reads < 2 + (good.size() - 80 + 63) / 64 + 3; ++reads) {
    medium m{good, reads};
    REQUIRE(load(relo::elf::streamed{m}) == errc::read_failed);
  }
  // Until it is known to be authentic, no read is larger than a window.
  bytes bad = good;
  bad[100] ^= 1;
  medium m{bad};
  CHECK(load(relo::elf::streamed{m}) == errc::not_authentic);
  CHECK(m.largest <= 64);
}
