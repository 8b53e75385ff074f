// Tables of a program's own symbols without their names, sorted and checked at compile time.
#pragma once

#include <relo/symbol/export_table.hpp>
#include <relo/symbol/hash.hpp>

#include <utility>

namespace relo {

namespace detail {

// Not constexpr on purpose, as in export_table.hpp.
inline void two_exports_have_the_same_hash() {}

/// As strcmp.
constexpr int compare(std::uint32_t a, std::uint32_t b) noexcept {
  return a == b ? 0 : a < b ? -1 : 1;
}

}  // namespace detail

/// A sorted table of native symbols without names: {fnv1a(name), pointer}, 8 bytes each on a
/// machine of 32 bits. A name stands for the symbol if it has its hash: so does, once in
/// 2^32 / size() of them, a name that the program does not export. What is certain is that no
/// two exports are mistaken for each other.
///
/// A module may name a symbol by any name of that hash: short_names (in examples/) finds one of
/// at most seven characters for each.
template <export_kind Kind, std::size_t N, class Pointer>
class hashed_export_table {
 public:
  struct entry {
    std::uint32_t hash;
    Pointer pointer;
  };
  explicit consteval hashed_export_table(std::array<entry, N> entries) : entries_(entries) {
    detail::sort_entries(
        entries_, [](const entry& a, const entry& b) { return detail::compare(a.hash, b.hash); },
        detail::two_exports_have_the_same_hash);
  }

  template <class Name, class Addr>
  constexpr bool find(const Name& name, bool gpl_ok, symbol<Addr>& out) const noexcept {
    if (!visible(Kind, gpl_ok)) return false;
    const std::uint32_t hash = fnv1a(name);
    const std::size_t at =
        binary_search(N, [&](std::size_t i) { return detail::compare(hash, entries_[i].hash); });
    if (at == N) return false;
    out = {static_cast<Addr>(detail::address_held_by(entries_[at].pointer)), Kind};
    return true;
  }
  static constexpr std::size_t size() noexcept { return N; }
  constexpr const entry* begin() const noexcept { return entries_.data(); }
  constexpr const entry* end() const noexcept { return entries_.data() + N; }

 private:
  std::array<entry, N> entries_;
};

/// constexpr auto table = relo::hashed_exports(relo::exported{"puts", &std::puts}, ...);
/// Two names of equal hash do not compile.
template <export_kind Kind = export_kind::plain, class... Pointers>
consteval auto hashed_exports(exported<Pointers>... e) {
  using pointer = typename detail::distinct<detail::any_pointer<>, Pointers...>::type;
  using table = hashed_export_table<Kind, sizeof...(e), pointer>;
  return table{std::array<typename table::entry, sizeof...(e)>{
      typename table::entry{fnv1a(elf::name{e.name}), e.pointer}...}};
}

/// Whether all of the names have different hashes, and so can stand in one table:
/// static_assert(relo::distinct_hashes({"puts", "printf"}));
template <std::size_t N>
constexpr bool distinct_hashes(const char* const (&names)[N]) noexcept {
  std::array<std::uint32_t, N> hashes{};
  for (std::size_t i = 0; i < N; ++i) hashes[i] = fnv1a(elf::name{names[i]});
  bool distinct = true;
  heap_sort(
      N, [&](std::size_t i, std::size_t k) { return hashes[i] < hashes[k]; },
      [&](std::size_t i, std::size_t k) { std::swap(hashes[i], hashes[k]); });
  for (std::size_t i = 1; i < N; ++i) distinct = distinct && hashes[i - 1] != hashes[i];
  return distinct;
}

}  // namespace relo
