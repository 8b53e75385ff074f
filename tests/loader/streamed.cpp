// The same object through a source that is read in pieces: the same module, byte for byte.
#include "host.hpp"

#include <relo/symbol/hashed_symbols.hpp>

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
  for (const char* path : {OBJECT_plain, OBJECT_pic, OBJECT_split, OBJECT_lifecycle, OBJECT_classes,
                           OBJECT_common, OBJECT_gathered}) {
    CAPTURE(std::string(path));
    const relo::host::file object{path};
    medium m{object.bytes()};
    const auto whole = load(relo::elf::contiguous{object.bytes()});
    CHECK(load(relo::elf::streamed{m}) == whole);
    CHECK(load(relo::elf::streamed<medium, 256>{m}) == whole);
    const auto by_blocks = [&](auto windows) { return load(relo::elf::streamed{m, windows}); };
    CHECK(by_blocks(relo::elf::windows<64, false, 64>{}) == whole);
    CHECK(by_blocks(relo::elf::windows<64, false, 100>{}) == whole);
    CHECK(by_blocks(relo::elf::windows<128, true, 512>{}) == whole);
    // An aligned source reads words as words.
    REQUIRE(reinterpret_cast<std::uintptr_t>(object.bytes().data()) % 8 == 0);
    CHECK(load(relo::elf::contiguous<unsigned char, 8>{object.bytes()}) == whole);
  }
}

namespace {

/// A name of that length, and two that differ from it in the last character, or are longer by it.
std::array<std::string, 3> long_names(std::size_t length) {
  const std::string name(length - 1, 'n');
  return {name + 'x', name + 'y', name + "xx"};
}

}  // namespace

TEST_CASE("names of any length are found, and told whole") {
  for (const std::size_t length : {62U, 63U, 64U, 127U, 128U, 200U, 300U}) {
    CAPTURE(length);
    const auto names = long_names(length);
    std::string define = ".data\n", use = ".data\n";
    std::vector<relo::symbol_value<std::uint64_t>> table;
    for (std::uint64_t i = 0; i < 3; ++i) {
      define += ".globl " + names[i] + "\n" + names[i] + ": .quad " + std::to_string(i) + "\n";
      use += ".globl to" + std::to_string(i) + "\nto" + std::to_string(i) + ": .quad " + names[i] +
             "\n";
      table.push_back({names[i].c_str(), 100 + i});
    }
    std::swap(table[1], table[2]);  // sorted
    const auto defining = host::assembled(define), using_them = host::assembled(use);
    const relo::sorted_symbols sorted{std::span<const relo::symbol_value<std::uint64_t>>{table}};
    std::vector<relo::hashed_symbols<std::uint64_t>::entry> index(
        relo::hashed_symbols<std::uint64_t>::entries_for(table.size()));
    const relo::hashed_symbols<std::uint64_t> hashed{table, index};
    medium definer{defining}, user{using_them};

    const auto each = [&](auto&& load) {
      relo::host::pages memory;
      const auto from_table = [&](const auto& symbols) {
        relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{symbols}};
        load(loader, using_them, user, "user");
        for (std::uint64_t i = 0; i < 3; ++i)
          CHECK(*loader.template find<std::uint64_t>(("to" + std::to_string(i)).c_str()) ==
                100 + i);
      };
      from_table(sorted);
      from_table(hashed);

      relo::loader loader{relo::arch::x86_64{}, memory, relo::located<1024>{}};
      CHECK_FALSE(bool(loader.load(using_them)));
      const std::string told = loader.diagnostics().describe().c_str();
      CHECK(told == "simplify_symbols: unknown symbol: symbols '" + names[0] + "', '" + names[1] +
                        "', '" + names[2] + "'");
      CHECK_FALSE(bool(loader.load(relo::elf::streamed{user})));
      CHECK(told == loader.diagnostics().describe().c_str());

      load(loader, defining, definer, "definer");
      load(loader, using_them, user, "user");
      for (std::uint64_t i = 0; i < 3; ++i) {
        CHECK(*loader.find<std::uint64_t>(names[i].c_str()) == i);
        CHECK(**loader.find<std::uint64_t*>(("to" + std::to_string(i)).c_str()) == i);
      }
    };
    each([](auto& loader, const auto& bytes, medium&, const char* name) {
      REQUIRE(loader.load(bytes, {.name = name}));
    });
    each([](auto& loader, const auto&, medium& m, const char* name) {
      REQUIRE(loader.load(relo::elf::streamed{m}, {.name = name}));
    });
    each([](auto& loader, const auto&, medium& m, const char* name) {
      static relo::elf::windows<64> windows;
      REQUIRE(loader.load(relo::elf::streamed{m, windows}, {.name = name}));
    });
  }
}

TEST_CASE("a name that never ends, as a medium says, ends with the file") {
  const auto object = host::assembled("call " + std::string(200, 'n') + "\n");
  // The string table's last byte was a NUL when that was looked at. Then all is the name.
  struct endless : medium {
    bool begun = false;
    bool read(std::size_t offset, std::span<unsigned char> to) {
      const bool done = medium::read(offset, to);
      begun = begun || to[0] == 'n';
      if (begun) std::fill(to.begin(), to.end(), static_cast<unsigned char>('n'));
      return done;
    }
  } m{{object}};
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory};
  CHECK_FALSE(bool(loader.load(relo::elf::streamed{m})));
  CHECK(memory.in_use() == 0);
}

TEST_CASE("a medium that fails is an error") {
  const relo::host::file object{OBJECT_plain};
  medium m{object.bytes()};
  m.broken = true;
  load(relo::elf::streamed{m}, relo::errc::read_failed);
}
