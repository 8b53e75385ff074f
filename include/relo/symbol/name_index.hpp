// The names of a table, found by hash; whatever the names are, no search looks at many of them.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/symbol/hash.hpp>

namespace relo {

/// An index over the names of a table, in any order and of any size, by open addressing. Who
/// chooses the names may choose such as collide: where an entry would be far from where its hash
/// leads, or more than a few hashes would be equal, the index is the names' order instead. So a
/// search is one of `far` entries and `few` names at most, or by halves; and no secret is needed
/// for that, which a constant expression has not.
///
/// The caller says what number i is called: name_of(i), i < size, a pointer to a NUL-terminated
/// name, the same each time.
class name_index {
 public:
  struct entry {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  ///< in the table, from 1; 0: free
  };
  static constexpr std::uint32_t none = 0xffff'ffff;

  /// Entries that an index of n names needs: a power of two, at most half full.
  static constexpr std::size_t entries_for(std::size_t n) noexcept {
    return std::bit_ceil(2 * n + 1);
  }

  constexpr name_index() noexcept = default;
  /// Fills `entries`, entries_for(size) of them, which outlive this. Of two equal names the first
  /// counts.
  template <class NameOf>
  constexpr name_index(std::size_t size, std::span<entry> entries, NameOf name_of) noexcept
      : entries_(entries) {
    for (entry& e : entries_) e = {};
    bool near = true;
    for (std::size_t i = 0; near && i < size; ++i)
      near = insert(i, hash_name(elf::name{name_of(i)}));
    if (!near) sort(size, name_of);
  }

  /// The number, from 0, of the table's first of that name and hash; none if there is none.
  template <class Name, class NameOf>
  constexpr std::uint32_t find(const Name& name, std::uint32_t hash,
                               NameOf name_of) const noexcept {
    if (sorted_ != 0) return find_sorted(name, name_of);
    for (std::size_t at = hash & mask(), steps = 0; !ends(at, steps);
         at = (at + 1) & mask(), ++steps)
      if (entries_[at].hash == hash && name == name_of(entries_[at].number - 1))
        return entries_[at].number - 1;
    return none;
  }

  /// What find() looks at first, to be fetched before; and the number that it may come to, or none.
  constexpr const entry* first(std::uint32_t hash) const noexcept {
    return &entries_[hash & mask()];
  }
  constexpr std::uint32_t candidate(std::uint32_t hash) const noexcept {
    if (sorted_ != 0) return none;
    for (std::size_t at = hash & mask(), steps = 0; !ends(at, steps);
         at = (at + 1) & mask(), ++steps)
      if (entries_[at].hash == hash) return entries_[at].number - 1;
    return none;
  }
  /// Whether that is in the names' order, and there are no candidates.
  constexpr bool sorted() const noexcept { return sorted_ != 0; }

 private:
  // Of hashes that nobody chose, half as many entries as there are places, the chance that one of a
  // million is that far from its own is less than 1 in 10^15.
  static constexpr std::size_t far = 256, few = 8;

  constexpr std::size_t mask() const noexcept { return entries_.size() - 1; }
  constexpr bool ends(std::size_t at, std::size_t steps) const noexcept {
    return entries_[at].number == 0 || steps > far;
  }

  constexpr bool insert(std::size_t i, std::uint32_t hash) noexcept {
    std::size_t at = hash & mask(), equal = 0;
    for (std::size_t steps = 0; entries_[at].number != 0; at = (at + 1) & mask()) {
      equal += entries_[at].hash == hash ? 1 : 0;
      if (++steps > far || equal > few) return false;
    }
    entries_[at] = {hash, static_cast<std::uint32_t>(i + 1)};
    return true;
  }

  template <class NameOf>
  constexpr void sort(std::size_t size, NameOf name_of) noexcept {
    sorted_ = size;
    for (std::size_t i = 0; i < size; ++i) entries_[i].number = static_cast<std::uint32_t>(i + 1);
    const auto number = [this](std::size_t i) { return entries_[i].number - 1; };
    heap_sort(
        size,
        [&](std::size_t i, std::size_t k) {
          const int order = elf::name{name_of(number(i))}.compare(name_of(number(k)));
          return order != 0 ? order < 0 : number(i) < number(k);
        },
        [this](std::size_t i, std::size_t k) {
          const entry moved = entries_[k];
          entries_[k] = entries_[i];
          entries_[i] = moved;
        });
  }
  template <class Name, class NameOf>
  constexpr std::uint32_t find_sorted(const Name& name, NameOf name_of) const noexcept {
    std::size_t first = 0;
    for (std::size_t last = sorted_; first != last;) {
      const std::size_t middle = (first + last) / 2;
      if (name.compare(name_of(entries_[middle].number - 1)) > 0) first = middle + 1;
      else last = middle;
    }
    if (first == sorted_ || !(name == name_of(entries_[first].number - 1))) return none;
    return entries_[first].number - 1;
  }

  std::span<entry> entries_{};
  std::size_t sorted_ = 0;  ///< how many are in the names' order; 0: they are where hashes lead
};

}  // namespace relo
