// Tables of a program's own symbols, sorted and checked at compile time.
#pragma once

#include <relo/sort.hpp>
#include <relo/symbol/symbol.hpp>

#include <array>

namespace relo {

namespace detail {

/// A pointer of one of several types. A function's address is no constant integer, so a table
/// of integers would be built at start-up, in RAM; a union of the pointers themselves is
/// sorted by the compiler and lands in .rodata.
template <class... Pointers>
union any_pointer;

template <class First>
union any_pointer<First> {
  First first;
  constexpr any_pointer(First p) noexcept : first(p) {}
};

template <class First, class Second, class... Rest>
union any_pointer<First, Second, Rest...> {
  First first;
  any_pointer<Second, Rest...> rest;
  constexpr any_pointer(First p) noexcept : first(p) {}
  template <class P>
    requires(!std::same_as<P, First>)
  constexpr any_pointer(P p) noexcept : rest(p) {}
};

// Not constexpr on purpose: reaching one of these in a constant expression is the error.
inline void two_exports_have_the_same_name() {}
inline void the_address_of_an_exported_object_is_no_constant() {}

/// Sorts by name and refuses equal names.
template <class Entry, std::size_t N>
constexpr void sort_by_name(std::array<Entry, N>& entries) {
  const auto order = [&](std::size_t i, std::size_t k) {
    return elf::name{entries[i].name}.compare(entries[k].name);
  };
  heap_sort(
      N, [&](std::size_t i, std::size_t k) { return order(i, k) < 0; },
      [&](std::size_t i, std::size_t k) {
        const Entry moved = entries[k];
        entries[k] = entries[i];
        entries[i] = moved;
      });
  for (std::size_t i = 1; i < N; ++i)
    if (order(i - 1, i) == 0) two_exports_have_the_same_name();
}

}  // namespace detail

/// A name and the function or object it stands for, as an argument of exports().
template <class Pointer>
struct exported {
  const char* name;
  Pointer pointer;
  constexpr exported(const char* n, Pointer p) noexcept : name(n), pointer(p) {}
};

/// A sorted table of native symbols: {name, pointer}, two words each.
template <export_kind Kind, std::size_t N, class... Pointers>
class export_table {
 public:
  struct entry {
    const char* name;
    detail::any_pointer<Pointers...> pointer;
  };
  explicit consteval export_table(std::array<entry, N> entries) : entries_(entries) {
    detail::sort_by_name(entries_);
  }

  template <class Name, class Addr>
  constexpr bool find(const Name& name, bool gpl_ok, symbol<Addr>& out) const noexcept {
    if (!visible(Kind, gpl_ok)) return false;
    const entry* e = binary_search(entries_.data(), N, name);
    if (e == nullptr) return false;
    if (std::is_constant_evaluated()) detail::the_address_of_an_exported_object_is_no_constant();
    std::uintptr_t address;
    static_assert(sizeof address == sizeof e->pointer);
    __builtin_memcpy(&address, &e->pointer, sizeof address);
    out = {static_cast<Addr>(address), Kind};
    return true;
  }
  static constexpr std::size_t size() noexcept { return N; }
  constexpr const entry* begin() const noexcept { return entries_.data(); }
  constexpr const entry* end() const noexcept { return entries_.data() + N; }

 private:
  std::array<entry, N> entries_;
};

/// constexpr auto table = relo::exports(relo::exported{"puts", &std::puts}, ...);
/// Two equal names do not compile.
template <export_kind Kind = export_kind::plain, class... Pointers>
consteval auto exports(exported<Pointers>... e) {
  using table = export_table<Kind, sizeof...(e), Pointers...>;
  return table{
      std::array<typename table::entry, sizeof...(e)>{typename table::entry{e.name, e.pointer}...}};
}

/// The same for GPL-compatible modules only, as EXPORT_SYMBOL_GPL.
template <class... Pointers>
consteval auto gpl_exports(exported<Pointers>... e) {
  return exports<export_kind::gpl>(e...);
}

}  // namespace relo
