// A large symbol table, searched by hash, many names at a time.
#pragma once

#include <relo/symbol/hash.hpp>
#include <relo/symbol/symbol_values.hpp>

namespace relo {

/// An index over a table of symbols, in any order and of any size, by open addressing. Looking
/// up a batch overlaps the cache misses of its names, which is what a search in a large table
/// waits for.
template <class Addr, export_kind Kind = export_kind::plain>
class hashed_symbols {
 public:
  struct entry {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  ///< of the symbol, from 1; 0: free
  };

  /// Entries that an index of n symbols needs: a power of two, at most half full.
  static constexpr std::size_t entries_for(std::size_t n) noexcept {
    return std::bit_ceil(2 * n + 1);
  }

  /// Fills `index`, of entries_for(table.size()) entries. Both spans outlive this. Of two equal
  /// names the first counts.
  constexpr hashed_symbols(std::span<const symbol_value<Addr>> table,
                           std::span<entry> index) noexcept
      : table_(table), index_(index) {
    for (entry& e : index_) e = {};
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::uint32_t hash = hash_name(elf::name{table[i].name});
      std::size_t at = hash & mask();
      while (index_[at].number != 0) at = (at + 1) & mask();
      index_[at] = {hash, static_cast<std::uint32_t>(i + 1)};
    }
  }

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
      prefetch(&index_[hashes[i] & mask()]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      candidates[i] = probe(hashes[i] & mask(), hashes[i]);
      if (candidates[i] < table_.size()) prefetch(&table_[candidates[i]]);
    }
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (candidates[i] < table_.size()) prefetch(table_[candidates[i]].name);
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (!batch[i].found && candidates[i] < table_.size())
        batch[i].found = find_hashed(batch[i].name, hashes[i], batch[i].result);
  }

 private:
  constexpr std::size_t mask() const noexcept { return index_.size() - 1; }
  static constexpr void prefetch(const void* p) noexcept {
    if (!std::is_constant_evaluated()) __builtin_prefetch(p);
  }
  /// Number, from 0, of the first symbol with that hash at or after an entry; a huge one if none.
  constexpr std::uint32_t probe(std::size_t at, std::uint32_t hash) const noexcept {
    while (index_[at].number != 0 && index_[at].hash != hash) at = (at + 1) & mask();
    return index_[at].number - 1;
  }
  template <class Name>
  constexpr bool find_hashed(const Name& name, std::uint32_t hash,
                             symbol<Addr>& out) const noexcept {
    for (std::size_t at = hash & mask(); index_[at].number != 0; at = (at + 1) & mask()) {
      if (index_[at].hash != hash) continue;
      const symbol_value<Addr>& s = table_[index_[at].number - 1];
      if (!(name == s.name)) continue;
      out = {s.value, Kind};
      return true;
    }
    return false;
  }

  std::span<const symbol_value<Addr>> table_;
  std::span<entry> index_;
};

}  // namespace relo
