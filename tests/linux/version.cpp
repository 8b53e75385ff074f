// __versions: which record counts, and what it takes to find it.
#include <relo/host/heap_scratch.hpp>
#include <relo/linux/record/version.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

namespace elf = relo::elf;
using addr = std::uint64_t;

std::size_t looks = 0;  // at a name of a record

/// As much of a load as versions are checked with: a file that is __versions, and a NUL behind it.
struct load_of {
  using addr = std::uint64_t;
  static constexpr std::endian byte_order = std::endian::little;
  struct header {
    addr size;
    addr sh_offset() const { return 0; }
    addr sh_size() const { return size; }
  };
  struct file {
    std::vector<unsigned char> bytes{};
    header section(std::uint32_t) const { return {bytes.size() - 1}; }
    bool within_file(addr, addr size) const { return size < bytes.size(); }
    auto name_at(addr start, addr offset) const {
      ++looks;
      return elf::name{bytes.data() + start + offset};
    }
    const std::vector<unsigned char>& source() const { return bytes; }
  };
  struct {
    std::uint32_t vers = 1;
  } index{};
  struct {
    bool modversions = true, missing_crc_refused = true;
  } rules{};
  struct {
    relo::host::heap_scratch<addr> words{};
    auto& scratch() { return words; }
  } loader{};
  file image{};
  std::span<addr> versions_by_name{};
  const char* name = "m";

  const auto& settings() const { return rules; }
  bool try_to_force_load(const auto&) const { return false; }
  void printk(const auto&...) const {}

  void add(std::uint32_t crc, const std::string& called) {
    const std::size_t at = image.bytes.empty() ? 0 : image.bytes.size() - 1;
    image.bytes.resize(at + 65);
    relo::write_int<byte_order>(&image.bytes[at], addr{crc});
    std::copy(called.begin(), called.end(), image.bytes.begin() + static_cast<long>(at) + 8);
  }
  bool has(const std::string& called, std::uint32_t crc) {
    relo::kmod::kernel_symbol<addr> found;
    found.has_crc = true;
    found.crc = crc;
    return check_version(*this, elf::name{called.c_str()}, found);
  }
};

}  // namespace

TEST_CASE("the first record of a name counts, however many there are") {
  for (const std::uint32_t count : {3U, 64U, 65U, 500U}) {
    load_of load;
    for (std::uint32_t i = 0; i < count; ++i)
      load.add(i, "symbol_" + std::to_string(i * 7919 % count));
    for (std::uint32_t i = 0; i < count; ++i) load.add(count + i, "symbol_" + std::to_string(i));
    for (const bool sorted : {false, true}) {
      if (sorted) relo::kmod::modversions<load_of>{load}.sort();
      for (std::uint32_t i = 0; i < count; ++i) {
        CHECK(load.has("symbol_" + std::to_string(i * 7919 % count), i));
        CHECK_FALSE(load.has("symbol_" + std::to_string(i), count + i));
      }
      CHECK_FALSE(load.has("symbol_", 0));
      CHECK_FALSE(load.has("zzz", 0));
    }
  }
}

TEST_CASE("records are found by halves") {
  constexpr std::uint32_t count = 4096, bits = 12;
  load_of load;
  for (std::uint32_t i = 0; i < count; ++i) load.add(i, "symbol_" + std::to_string(i));
  looks = 0;
  relo::kmod::modversions<load_of>{load}.sort();
  for (std::uint32_t i = 0; i < count; ++i) CHECK(load.has("symbol_" + std::to_string(i), i));
  // A heap takes four looks a level: two comparisons of two names.
  CHECK(looks <= count * (4 * bits + bits + 4));
}

TEST_CASE("a name that does not end in its record") {
  load_of load;
  for (std::uint32_t i = 0; i < 2000; ++i) load.add(0x6161'6161, std::string(56, 'a'));
  for (std::size_t at = 4; at + 64 < load.image.bytes.size(); at += 64)
    std::fill_n(load.image.bytes.begin() + static_cast<long>(at), 4,
                static_cast<unsigned char>('a'));
  relo::kmod::modversions<load_of>{load}.sort();
  // The last one does: the file's NUL is behind it.
  CHECK(load.has(std::string(56, 'a'), 0x6161'6161));
  CHECK_FALSE(load.has("a", 0x6161'6161));
}
