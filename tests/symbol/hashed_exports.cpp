#include <relo/symbol/hashed_exports.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace {

using addr = std::uint64_t;

int twice(int x) { return 2 * x; }
void nothing() {}
int variable = 7;

constexpr auto table =
    relo::hashed_exports(relo::exported{"variable", &variable}, relo::exported{"nothing", &nothing},
                         relo::exported{"twice", &twice});
constexpr auto for_gpl =
    relo::hashed_exports<relo::export_kind::gpl>(relo::exported{"secret", &twice});

static_assert(relo::symbol_table<decltype(table), addr>);
static_assert(sizeof(table) ==
              3 * (sizeof(void*) == 4 ? 8 : 16));  // a pointer of 64 bits is aligned

constexpr std::uint32_t hash(const char* s) { return relo::fnv1a(relo::elf::name{s}); }

// Test vectors of the algorithm's authors, and a computation by hand.
static_assert(hash("") == 0x811c9dc5 && hash("a") == 0xe40c292c && hash("foobar") == 0xbf9cf968);
static_assert(hash("\xff") == 0x7a0b824e);  // bytes are unsigned

// A pair that is known to collide, and one that does not.
static_assert(!relo::distinct_hashes({"puts", "costarring", "printf", "liquid"}));
static_assert(relo::distinct_hashes({"puts", "costarring", "printf"}));
static_assert(relo::distinct_hashes({"puts"}));

template <class Table>
constexpr addr lookup(const Table& t, const char* name, bool gpl_ok = true) {
  relo::symbol<addr> s{0xdead, {}};
  return t.find(relo::elf::name{name}, gpl_ok, s) ? s.address : s.address == 0xdead ? 0 : 1;
}

}  // namespace

TEST_CASE("a table without names is sorted by hash and finds each") {
  CHECK(std::is_sorted(table.begin(), table.end(),
                       [](const auto& a, const auto& b) { return a.hash < b.hash; }));
  CHECK(lookup(table, "twice") == reinterpret_cast<std::uintptr_t>(&twice));
  CHECK(lookup(table, "nothing") == reinterpret_cast<std::uintptr_t>(&nothing));
  CHECK(lookup(table, "variable") == reinterpret_cast<std::uintptr_t>(&variable));
  CHECK(lookup(table, "twic") == 0);
  CHECK(lookup(table, "") == 0);
}

TEST_CASE("GPL-only symbols exist for GPL-compatible modules only, and the next table is asked") {
  CHECK(lookup(for_gpl, "secret", true) == reinterpret_cast<std::uintptr_t>(&twice));
  CHECK(lookup(for_gpl, "secret", false) == 0);
  constexpr auto fallback = relo::exports(relo::exported{"secret", &nothing});
  const relo::symbols chain{for_gpl, fallback};
  CHECK(lookup(chain, "secret", false) == reinterpret_cast<std::uintptr_t>(&nothing));
  CHECK(lookup(chain, "secret", true) == reinterpret_cast<std::uintptr_t>(&twice));
}

TEST_CASE("a hash is the same in a constant expression, and of every kind of name") {
  constexpr std::uint32_t known[] = {hash(""), hash("memcpy"), hash("\x80\xff")};
  std::size_t i = 0;
  for (const std::string s : {"", "memcpy", "\x80\xff"}) {
    std::array<char, 64> copy{};
    std::copy(s.begin(), s.end(), copy.begin());
    const auto* const bytes = reinterpret_cast<const unsigned char*>(s.c_str());
    CHECK(hash(s.c_str()) == known[i]);
    CHECK(relo::fnv1a(relo::elf::name<std::array<char, 64>>{copy}) == known[i]);
    CHECK(relo::fnv1a(relo::elf::name<const unsigned char*>{bytes}) == known[i]);
    ++i;
  }
}
