#include <relo/symbol/export_table.hpp>
#include <relo/symbol/hashed_symbols.hpp>
#include <relo/symbol/symbol_values.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using addr = std::uint64_t;

int twice(int x) { return 2 * x; }
void nothing() {}
int variable = 7;

constexpr auto native =
    relo::exports(relo::exported{"variable", &variable}, relo::exported{"nothing", &nothing},
                  relo::exported{"twice", &twice});
constexpr auto for_gpl = relo::gpl_exports(relo::exported{"secret", &twice});

constexpr relo::symbol_values values{
    std::array<relo::symbol_value<addr>, 3>{{{"c", 3}, {"a", 1}, {"b", 2}}}};

template <class Table>
constexpr addr lookup(const Table& table, const char* name, bool gpl_ok = true) {
  relo::symbol<addr> s{0xdead, {}};
  return table.find(relo::elf::name{name}, gpl_ok, s) ? s.address : 0;
}

static_assert(lookup(values, "a") == 1 && lookup(values, "b") == 2 && lookup(values, "c") == 3);
static_assert(lookup(values, "") == 0 && lookup(values, "aa") == 0 && lookup(values, "d") == 0);
static_assert(sizeof(*native.begin()) == 2 * sizeof(void*));

}  // namespace

TEST_CASE("a table of native symbols is sorted and finds each") {
  CHECK(std::is_sorted(native.begin(), native.end(),
                       [](auto& a, auto& b) { return std::string(a.name) < b.name; }));
  CHECK(lookup(native, "twice") == reinterpret_cast<std::uintptr_t>(&twice));
  CHECK(lookup(native, "nothing") == reinterpret_cast<std::uintptr_t>(&nothing));
  CHECK(lookup(native, "variable") == reinterpret_cast<std::uintptr_t>(&variable));
  CHECK(lookup(native, "twic") == 0);
}

TEST_CASE("GPL-only symbols exist for GPL-compatible modules only, and the next table is asked") {
  CHECK(lookup(for_gpl, "secret", true) != 0);
  CHECK(lookup(for_gpl, "secret", false) == 0);
  constexpr relo::symbol_values fallback{std::array<relo::symbol_value<addr>, 1>{{{"secret", 99}}}};
  const relo::symbols chain{for_gpl, fallback};
  CHECK(lookup(chain, "secret", false) == 99);
  CHECK(lookup(chain, "secret", true) == reinterpret_cast<std::uintptr_t>(&twice));
}

TEST_CASE("first table first") {
  constexpr relo::symbol_values first{std::array<relo::symbol_value<addr>, 1>{{{"b", 22}}}};
  const relo::symbols chain{first, values};
  CHECK(lookup(chain, "b") == 22);
  CHECK(lookup(chain, "c") == 3);
  CHECK(lookup(relo::symbols<>{}, "b") == 0);
}

TEST_CASE("every search agrees with every other, on tables of many sizes") {
  for (const std::size_t n : {0U, 1U, 2U, 3U, 17U, 1000U}) {
    CAPTURE(n);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < n; ++i)
      names.push_back("symbol_" + std::string(i % 23, 'x') + std::to_string(i * 7919));
    std::sort(names.begin(), names.end());
    std::vector<relo::symbol_value<addr>> table;
    for (std::size_t i = 0; i < n; ++i) table.push_back({names[i].c_str(), i + 1});

    using hashed_type = relo::hashed_symbols<addr>;
    std::vector<hashed_type::entry> index(hashed_type::entries_for(n));
    const hashed_type hashed{table, index};
    const relo::sorted_symbols<addr> sorted{table};

    using request = relo::symbol_request<relo::elf::name<const char*>, addr>;
    std::vector<std::string> missing(names);
    for (auto& m : missing) m += '_';
    std::vector<request> batch;
    for (std::size_t i = 0; i < n; ++i) {
      batch.push_back({relo::elf::name{names[i].c_str()}, 0, false, {}});
      batch.push_back({relo::elf::name{missing[i].c_str()}, 0, false, {}});
    }
    hashed.find_batch(std::span{batch}, true);

    bool all = true;
    for (std::size_t i = 0; i < n; ++i) {
      all = all && lookup(sorted, names[i].c_str()) == i + 1 &&
            lookup(hashed, names[i].c_str()) == i + 1;
      all =
          all && lookup(sorted, missing[i].c_str()) == 0 && lookup(hashed, missing[i].c_str()) == 0;
      all = all && batch[2 * i].found && batch[2 * i].result.address == i + 1 &&
            !batch[2 * i + 1].found;
    }
    CHECK(all);
  }
}

TEST_CASE("a hash is the same in a constant expression") {
  constexpr auto hash = [](const char* s) { return relo::hash_name(relo::elf::name{s}); };
  constexpr std::uint32_t known[] = {hash(""), hash("memcpy"), hash("exactly8"),
                                     hash("__x86_return_thunk")};
  volatile std::size_t i = 0;
  for (const char* s : {"", "memcpy", "exactly8", "__x86_return_thunk"}) {
    CHECK(hash(s) == known[i]);
    i = i + 1;
  }
}
