// The same object through a source that is read in pieces: the same module, byte for byte.
#include "host.hpp"

#include <algorithm>

namespace {

/// A medium that counts what it is asked for.
struct medium {
  std::span<const unsigned char> bytes;
  std::size_t reads = 0, largest = 0;
  bool broken = false;

  std::size_t size() const { return bytes.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) {
    ++reads;
    if (broken || offset > bytes.size() || to.size() > bytes.size() - offset) return false;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return true;
  }
};

template <class Source>
std::vector<unsigned char> load(const Source& source, relo::errc expected = relo::errc::ok) {
  std::vector<unsigned char> bytes(1 << 16);
  relo::buffer<std::uint64_t> memory{bytes, 0x400000};
  constexpr relo::symbol_values imports{
      std::array<relo::symbol_value<std::uint64_t>, 5>{{{"host_add", 0x500000},
                                                        {"host_variable", 0x500100},
                                                        {"event", 0x500200},
                                                        {"init_result", 0x500300},
                                                        {"__cxa_atexit", 0x500400}}}};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{imports}, relo::dont_run{}};
  const auto m = loader.load(source, {.name = "streamed"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  CHECK(m.error() == expected);
  if (!m) CHECK(memory.in_use() == 0);
  return bytes;
}

}  // namespace

TEST_CASE("streamed equals contiguous") {
  for (const char* path :
       {OBJECT_plain, OBJECT_pic, OBJECT_split, OBJECT_lifecycle, OBJECT_classes, OBJECT_common}) {
    CAPTURE(std::string(path));
    const relo::host::file object{path};
    medium m{object.bytes()};
    const auto whole = load(relo::elf::contiguous{object.bytes()});
    CHECK(load(relo::elf::streamed{m}) == whole);
    CHECK(load(relo::elf::streamed<medium, 256>{m}) == whole);
    // An aligned source reads words as words.
    REQUIRE(reinterpret_cast<std::uintptr_t>(object.bytes().data()) % 8 == 0);
    CHECK(load(relo::elf::contiguous<unsigned char, 8>{object.bytes()}) == whole);
  }
}

TEST_CASE("a medium that fails is an error") {
  const relo::host::file object{OBJECT_plain};
  medium m{object.bytes()};
  m.broken = true;
  load(relo::elf::streamed{m}, relo::errc::read_failed);
}
