// A large symbol table, searched by hash, many names at a time.
#pragma once

#include <relo/symbol/name_index.hpp>
#include <relo/symbol/symbol_values.hpp>

namespace relo {

/// A table of symbols with a name_index over it. Looking up a batch overlaps the cache misses of
/// its names, which is what a search in a large table waits for.
template <class Addr, export_kind Kind = export_kind::plain>
class hashed_symbols {
 public:
  using entry = name_index::entry;

  /// Entries that an index of n symbols needs.
  static constexpr std::size_t entries_for(std::size_t n) noexcept {
    return name_index::entries_for(n);
  }

  /// Fills `index`, of entries_for(table.size()) entries. Both spans outlive this. Of two equal
  /// names the first counts.
  constexpr hashed_symbols(std::span<const symbol_value<Addr>> table,
                           std::span<entry> index) noexcept
      : table_(table), index_(table.size(), index, names_of(table)) {}

  template <class Name>
  constexpr bool find(const Name& name, bool gpl_ok, symbol<Addr>& out) const noexcept {
    return visible(Kind, gpl_ok) && find_hashed(name, hash_name(name), out);
  }

  template <class Request>
  constexpr void find_batch(std::span<Request> batch, bool gpl_ok) const noexcept {
    if (!visible(Kind, gpl_ok)) return;
    constexpr std::size_t most = 16;
    for (; batch.size() > most; batch = batch.subspan(most)) find_batch(batch.first(most), gpl_ok);
    std::uint32_t hashes[most]{};
    std::uint32_t candidates[most]{};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      hashes[i] = hash_name(batch[i].name);
      prefetch(index_.first(hashes[i]));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      candidates[i] = index_.candidate(hashes[i]);
      if (candidates[i] < table_.size()) prefetch(&table_[candidates[i]]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (candidates[i] < table_.size()) prefetch(table_[candidates[i]].name);
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (!batch[i].found && (candidates[i] < table_.size() || index_.sorted()))
        batch[i].found = find_hashed(batch[i].name, hashes[i], batch[i].result);
  }

 private:
  static constexpr void prefetch(const void* p) noexcept {
    if (!std::is_constant_evaluated()) __builtin_prefetch(p);
  }
  static constexpr auto names_of(std::span<const symbol_value<Addr>> table) noexcept {
    return [table](std::size_t i) { return table[i].name; };
  }
  template <class Name>
  constexpr bool find_hashed(const Name& name, std::uint32_t hash,
                             symbol<Addr>& out) const noexcept {
    const std::uint32_t at = index_.find(name, hash, names_of(table_));
    if (at == name_index::none) return false;
    out = {table_[at].value, Kind};
    return true;
  }

  std::span<const symbol_value<Addr>> table_;
  name_index index_;
};

}  // namespace relo
