// Tables of symbols whose addresses are numbers: another machine's, a symbol file's, a
// constant expression's.
#pragma once

#include <relo/symbol/export_table.hpp>

namespace relo {

template <class Addr>
struct symbol_value {
  const char* name;
  Addr value;
};

/// A view of a table sorted by name (as strcmp). The table outlives the view.
template <class Addr, export_kind Kind = export_kind::plain>
class sorted_symbols {
 public:
  explicit constexpr sorted_symbols(std::span<const symbol_value<Addr>> table) noexcept
      : table_(table) {}

  template <class Name>
  constexpr bool find(const Name& name, bool gpl_ok, symbol<Addr>& out) const noexcept {
    if (!visible(Kind, gpl_ok)) return false;
    const symbol_value<Addr>* e = binary_search(table_.data(), table_.size(), name);
    if (e == nullptr) return false;
    out = {e->value, Kind};
    return true;
  }
  template <class Request>
  constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
    if (visible(Kind, gpl_ok))
      binary_search_batch(table_.data(), table_.size(), batch,
                          [](Request& r, const symbol_value<Addr>& e) {
                            r.found = true;
                            r.result = {e.value, Kind};
                          });
  }

 private:
  std::span<const symbol_value<Addr>> table_;
};

/// A table that holds its entries, sorted at compile time:
/// constexpr relo::symbol_values table{std::array<relo::symbol_value<Addr>, N>{{{"memcpy", 0x1000},
/// ...}}};
template <class Addr, std::size_t N, export_kind Kind = export_kind::plain>
class symbol_values {
 public:
  explicit constexpr symbol_values(std::array<symbol_value<Addr>, N> entries) : entries_(entries) {
    detail::sort_by_name(entries_);
  }
  template <class Name>
  constexpr bool find(const Name& name, bool gpl_ok, symbol<Addr>& out) const noexcept {
    return sorted_symbols<Addr, Kind>{entries_}.find(name, gpl_ok, out);
  }

 private:
  std::array<symbol_value<Addr>, N> entries_;
};

}  // namespace relo
