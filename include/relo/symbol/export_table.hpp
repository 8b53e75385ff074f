// Tables of a program's own symbols, sorted and checked at compile time.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/symbol/symbol.hpp>

#include <array>
#include <concepts>

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

/// any_pointer of the types that occur, each once: a table of many names has few.
template <class Union, class... Pointers>
struct distinct : std::type_identity<Union> {};
template <class... Seen, class Pointer, class... Rest>
struct distinct<any_pointer<Seen...>, Pointer, Rest...>
    : std::conditional_t<(std::same_as<Seen, Pointer> || ...),
                         distinct<any_pointer<Seen...>, Rest...>,
                         distinct<any_pointer<Seen..., Pointer>, Rest...>> {};

/// Nothing is known of an export but its name and its address.
struct no_detail {};

// Not constexpr on purpose: reaching one of these in a constant expression is the error.
inline void two_exports_have_the_same_name() {}
inline void the_address_of_an_exported_object_is_no_constant() {}

/// The address that a pointer holds; it has none yet in a constant expression.
template <class... Pointers>
constexpr std::uintptr_t address_held_by(const any_pointer<Pointers...>& pointer) noexcept {
  if (std::is_constant_evaluated()) the_address_of_an_exported_object_is_no_constant();
  std::uintptr_t address;
  static_assert(sizeof address == sizeof pointer);
  __builtin_memcpy(&address, &pointer, sizeof address);
  return address;
}
/// A number is one.
template <std::integral Number>
constexpr Number address_held_by(const any_pointer<Number>& number) noexcept {
  return number.first;
}

/// Sorts by order(entry, entry), as strcmp; of two that are equal it calls refuse().
template <class Entry, std::size_t N, class Order>
constexpr void sort_entries(std::array<Entry, N>& entries, Order order, void (*refuse)()) {
  heap_sort(
      N, [&](std::size_t i, std::size_t k) { return order(entries[i], entries[k]) < 0; },
      [&](std::size_t i, std::size_t k) {
        const Entry moved = entries[k];
        entries[k] = entries[i];
        entries[i] = moved;
      });
  for (std::size_t i = 1; i < N; ++i)
    if (order(entries[i - 1], entries[i]) == 0) refuse();
}

/// Sorts by name and refuses equal names.
template <class Entry, std::size_t N>
constexpr void sort_by_name(std::array<Entry, N>& entries) {
  sort_entries(
      entries, [](const Entry& a, const Entry& b) { return elf::name{a.name}.compare(b.name); },
      two_exports_have_the_same_name);
}

}  // namespace detail

/// A name and the function or object it stands for, as an argument of exports().
template <class Pointer>
struct exported {
  const char* name;
  Pointer pointer;
  constexpr exported(const char* n, Pointer p) noexcept : name(n), pointer(p) {}
};

/// A sorted table of native symbols: {name, pointer}, two words each; with a Detail, what its
/// tell(out) has to say besides about a symbol that was found.
template <export_kind Kind, std::size_t N, class Pointer, class Detail = detail::no_detail>
class export_table {
 public:
  struct entry {
    const char* name;
    Pointer pointer;
    [[no_unique_address]] Detail detail{};
  };
  explicit consteval export_table(std::array<entry, N> entries) : entries_(entries) {
    detail::sort_by_name(entries_);
  }

  template <class Name, class Symbol>
  constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    using addr = decltype(out.address);
    if (!visible(Kind, gpl_ok)) return false;
    const std::size_t at =
        binary_search(N, [&](std::size_t i) { return name.compare(entries_[i].name); });
    if (at == N) return false;
    static_cast<symbol<addr>&>(out) = {
        static_cast<addr>(detail::address_held_by(entries_[at].pointer)), Kind};
    if constexpr (requires { entries_[at].detail.tell(out); }) entries_[at].detail.tell(out);
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
  using pointer = typename detail::distinct<detail::any_pointer<>, Pointers...>::type;
  using table = export_table<Kind, sizeof...(e), pointer>;
  return table{
      std::array<typename table::entry, sizeof...(e)>{typename table::entry{e.name, e.pointer}...}};
}

/// The same for GPL-compatible modules only, as EXPORT_SYMBOL_GPL.
template <class... Pointers>
consteval auto gpl_exports(exported<Pointers>... e) {
  return exports<export_kind::gpl>(e...);
}

}  // namespace relo
