// A medium that is read in blocks: what a reader behind the cache sees, and how many blocks a load
// costs.
#include <relo/elf/block_cache.hpp>

#include "../small_machine/small.hpp"

#include <relo/module/linear_ksymtab_exports.hpp>

#include <algorithm>
#include <random>

namespace {

using bytes = std::vector<unsigned char>;

constexpr unsigned char letter(std::size_t i) {
  return static_cast<unsigned char>(i * 37 + i / 256);
}

/// Hands out whole blocks of 512 bytes only, and counts them; refuses the block `bad`.
struct card {
  bytes file;
  std::size_t bad = ~std::size_t{0};
  mutable std::size_t reads = 0, blocks = 0;

  std::size_t size() const { return file.size(); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    CHECK(offset % 512 == 0);
    const bool to_the_end = offset + to.size() == file.size();
    CHECK((to.size() % 512 == 0 || to_the_end));
    ++reads;
    blocks += (to.size() + 511) / 512;
    if (bad >= offset / 512 && bad < (offset + to.size() + 511) / 512) return false;
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    return true;
  }
};

bytes letters(std::size_t n) {
  bytes all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = letter(i);
  return all;
}

TEST_CASE("every piece of a file is what it is without a cache") {
  const card medium{letters(5000)};
  relo::elf::blocks<512, 3> kept;
  const relo::elf::block_cache cache{medium, kept};
  CHECK(cache.size() == 5000);
  std::minstd_rand random{1};
  for (int i = 0; i < 20000; ++i) {
    const std::size_t offset = random() % 5001, n = random() % (5001 - offset);
    bytes piece(i % 4 == 0 ? n : std::min<std::size_t>(n, 64));
    REQUIRE(cache.read(offset, piece));
    REQUIRE(std::equal(piece.begin(), piece.end(),
                       medium.file.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
}

TEST_CASE("a file has no bytes behind its end, nor before it") {
  const card medium{letters(1000)};
  relo::elf::blocks<512, 1> kept;
  const relo::elf::block_cache cache{medium, kept};
  bytes piece(10);
  CHECK(cache.read(990, piece));
  CHECK_FALSE(cache.read(991, piece));
  CHECK_FALSE(cache.read(1001, piece));
  CHECK_FALSE(cache.read(~std::size_t{0}, piece));
  CHECK_FALSE(cache.read(~std::size_t{0} - 4, piece));
  CHECK(cache.read(1000, {}));
}

TEST_CASE("the blocks that were used last are kept") {
  const card medium{letters(4096)};
  relo::elf::blocks<512, 2> kept;
  const relo::elf::block_cache cache{medium, kept};
  bytes piece(16);
  const auto costs = [&](std::size_t offset) {
    const std::size_t before = medium.blocks;
    CHECK(cache.read(offset, piece));
    CHECK(piece[0] == letter(offset));
    return medium.blocks - before;
  };
  CHECK(costs(0) == 1);
  CHECK(costs(1024) == 1);
  CHECK(costs(100) == 0);
  CHECK(costs(2048) == 1);  // instead of that at 1024
  CHECK(costs(200) == 0);
  CHECK(costs(1024) == 1);
  CHECK(costs(1024 + 505) == 1);  // and the next one, instead of that at 0
  CHECK(costs(0) == 1);
  const relo::elf::block_cache another{medium, kept};  // of another file, for all it knows
  CHECK(costs(0) == 1);
}

TEST_CASE("a block that could not be read is not there, and is asked for again") {
  card medium{letters(4096)};
  relo::elf::blocks<512, 2> kept;
  const relo::elf::block_cache cache{medium, kept};
  bytes piece(16), half(2048);
  CHECK(cache.read(0, piece));
  medium.bad = 1;
  CHECK_FALSE(cache.read(600, piece));
  CHECK_FALSE(cache.read(505, piece));
  CHECK_FALSE(cache.read(0, half));
  CHECK(cache.read(0, piece));
  CHECK(piece[5] == letter(5));
  medium.bad = 2;
  CHECK(cache.read(600, piece));
  CHECK(piece[0] == letter(600));
}

constexpr bool in_constant_evaluation() {
  struct reader {
    constexpr std::size_t size() const { return 100; }
    constexpr bool read(std::size_t offset, std::span<unsigned char> to) const {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = letter(offset + i);
      return true;
    }
  };
  const reader medium;
  relo::elf::blocks<16, 2> kept;
  const relo::elf::block_cache cache{medium, kept};
  std::array<unsigned char, 40> piece{};
  if (!cache.read(50, piece)) return false;
  for (std::size_t i = 0; i < piece.size(); ++i)
    if (piece[i] != letter(50 + i)) return false;
  return true;
}
static_assert(in_constant_evaluation());

/// As compilers have it with -ffunction-sections: each function in a section, with relocations in
/// another that name functions of this object and of others.
bytes many_sections(std::size_t functions) {
  using namespace small;
  object o{toy::machine};
  std::minstd_rand random{7};
  const auto number = [](std::size_t i) { return std::to_string(10000 + i); };
  const auto first = static_cast<std::uint32_t>(o.sections.size());
  std::vector<std::uint32_t> symbols;
  for (std::uint32_t i = 0; i < functions; ++i)
    symbols.push_back(o.add_symbol({.name = "function_" + number(i), .section = first + 2 * i}));
  for (std::size_t i = 0; i < functions / 8; ++i)
    symbols.push_back(o.add_symbol({.name = "elsewhere_" + number(i)}));
  for (std::size_t i = 0; i < functions; ++i) {
    const auto in = o.add_section({.name = ".text.function_" + number(i),
                                   .flags = elf::shf::alloc | elf::shf::execinstr,
                                   .contents = bytes(16 * word),
                                   .align = word});
    std::vector<object::relocation> records;
    for (std::size_t k = 0; k < 12; ++k) {
      // A function calls its neighbours, and what the host has.
      const std::size_t callee = k % 3 == 0 ? functions + random() % (functions / 8)
                                            : std::min(i + random() % 16, functions - 1);
      records.push_back({static_cast<addr>(k * word), symbols[callee], toy::absolute});
    }
    o.relocate(in, records);
  }
  return o.finish();
}

/// Has whatever is asked for.
struct all_symbols {
  using role = relo::role::symbols;
  template <class Name, class Symbol>
  constexpr bool find(const Name&, bool, Symbol& out) const noexcept {
    out.address = 0x1000;
    return true;
  }
};

/// What a load from a medium ends with.
template <std::size_t Blocks, class Values, class Card, class Windows>
relo::errc load(const Card& medium, Windows& windows) {
  using namespace small;
  relo::elf::blocks<512, Blocks> kept;
  relo::elf::block_cache cache{medium, kept};
  static relo::static_arena<(1 << 20)> memory;
  static relo::scratch<addr, 20000> words;
  relo::loader loader{toy{},
                      memory,
                      all_symbols{},
                      relo::one_region{},
                      relo::dont_run{},
                      words,
                      relo::linear_ksymtab_exports{},
                      relo::small_machine<1, 16>{},
                      Values{}};
  const auto module = loader.load(relo::elf::streamed{cache, windows}, {.name = "many"});
  if (module) CHECK(loader.unload(*module) == relo::errc::ok);
  CHECK(memory.in_use() == 0);
  return module.error();
}

/// How many blocks the load of an object costs, for each that it has.
template <std::size_t Blocks, class Values = relo::values_when_asked, class Windows>
double blocks_of_load(const bytes& file, Windows& windows) {
  const card medium{file};
  REQUIRE(load<Blocks, Values>(medium, windows) == relo::errc::ok);
  return static_cast<double>(medium.blocks) / static_cast<double>((file.size() + 511) / 512);
}

TEST_CASE("a load costs at most twice the blocks of the file with eight, four times with one") {
  static relo::elf::windows<64> small_pieces;
  static relo::elf::windows<64, false, 512> headers_by_blocks;
  for (const std::size_t functions : {20U, 100U, 700U}) {
    const bytes file = many_sections(functions);
    CAPTURE(functions);
    const double eight = blocks_of_load<8>(file, small_pieces);
    const double one = blocks_of_load<1, relo::values_in_order>(file, headers_by_blocks);
    MESSAGE(functions << " functions, " << file.size() << " bytes: " << eight << " and " << one);
    CHECK(eight <= 2);
    CHECK(eight >= 0.9);  // it was read
    CHECK(one <= 4);
    CHECK(one > eight);
    CHECK(blocks_of_load<1>(file, small_pieces) > one);
  }
}

/// A card of which one byte is another from one read on.
struct lying_card : card {
  std::size_t at = 0, from = 0;
  unsigned bit = 0;
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    const bool done = card::read(offset, to);
    if (reads > from && at - offset < to.size()) to[at - offset] ^= static_cast<unsigned char>(bit);
    return done;
  }
};

TEST_CASE(
    "whatever a byte of a card reads as, from whichever read on, the object is refused or fits") {
  static relo::elf::windows<64, false, 512> windows;
  const bytes file = many_sections(8);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const unsigned bit : {1U, 8U, 128U})
      for (const std::size_t from : {0U, 9U, 18U})
        if (const lying_card medium{{file}, at, from, bit};
            load<1, relo::values_in_order>(medium, windows) != relo::errc::ok)
          ++refused;
  CHECK(refused > 100);
  CHECK(load<1, relo::values_in_order>(card{file}, windows) == relo::errc::ok);
}

}  // namespace
