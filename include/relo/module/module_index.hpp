// By what a registry of many modules finds one in a look-up: its name, and who exports a name.
#pragma once

#include <relo/base/role.hpp>
#include <relo/lock/readers.hpp>
#include <relo/symbol/hash.hpp>

#include <array>
#include <concepts>
#include <utility>

namespace relo {

/// A place in an index, for the policy to keep as many of as it likes; what is in it is the index's
/// own affair.
struct index_node {
  std::uint64_t hash = 0;
  std::array<std::uint32_t, 2> link{};
  std::uint32_t own = 0, back = 0;
};

/// What a registry keeps to find modules by.
///  - any says whether there is an index. Without one, modules are walked through, which costs no
///    memory.
///  - nodes is a type that the registry default-constructs one of.
///     - has(i) says whether there is a node i, and may make it. What is not indexed for want of
///       nodes is walked through.
///     - nodes[i] is that node, which stays where it is.
///     - key() is what names are hashed with. Where those who name symbols are not to be trusted,
///       it is one that they do not know.
/// Examples are no_index, fixed_index and host::heap_index. An exported name takes two nodes at
/// most, and so does a module.
template <class I>
concept module_index = requires {
  { I::any } -> std::convertible_to<bool>;
} && (!I::any || requires(typename I::nodes n, const typename I::nodes& seen, std::uint32_t i) {
                         { n.has(i) } -> std::same_as<bool>;
                         { n[i] } -> std::same_as<index_node&>;
                         { seen[i] } -> std::same_as<const index_node&>;
                         { seen.key() } -> std::convertible_to<std::array<std::uint64_t, 2>>;
                       });

/// Walks: for a few modules.
struct no_index {
  using role = role::index;
  static constexpr bool any = false;
};

/// A fixed number of nodes, and a key that is no secret unless it is made one.
template <std::size_t Nodes, std::uint64_t Key0 = 0, std::uint64_t Key1 = 0>
struct fixed_index {
  using role = role::index;
  static constexpr bool any = true;

  class nodes {
   public:
    constexpr bool has(std::uint32_t i) const noexcept { return i < Nodes; }
    constexpr index_node& operator[](std::uint32_t i) noexcept { return nodes_[i]; }
    constexpr const index_node& operator[](std::uint32_t i) const noexcept { return nodes_[i]; }
    static constexpr std::array<std::uint64_t, 2> key() noexcept { return {Key0, Key1}; }

   private:
    std::array<index_node, Nodes> nodes_{};
  };
};

namespace detail {

/// Numbers found by hashes, in PATRICIA tries: a fork asks for one bit, and all that is below it
/// has those above in common. So a search is as many steps as it takes bits to tell the hashes
/// apart, nothing is ever built anew, and each change is seen by readers when one word is stored.
/// Numbers of one hash are chained in the order they were added in; the last of them is not added
/// again.
///
/// What is taken out stays as it was until insert() is called next, which is after readers that may
/// be there have left.
template <class Nodes, readable Readers>
class hash_tries {
 public:
  using ref = std::uint32_t;  ///< a node's number, from 1; 0: none

  constexpr std::uint64_t hash(const auto& name) const noexcept {
    const auto key = nodes_.key();
    return keyed_hash(name, key[0], key[1]);
  }
  /// Whether n more numbers can be added.
  constexpr bool room(std::size_t n) noexcept {
    n *= 2;
    return n <= free_count_ || nodes_.has(static_cast<ref>(used_ + n - free_count_ - 1));
  }
  /// Adds a number to the trie of that root; what remove() is told afterwards, or 0. There is room.
  constexpr ref insert(ref& root, std::uint64_t hash, std::uint32_t number) noexcept {
    ref near = root;
    while (is_fork(near)) near = at(near).link[side(near, hash)];
    const bool chained = near != 0 && at(near).hash == hash;
    if (chained && at(at(near).back).link[0] == number) return 0;
    const ref leaf = take();
    at(leaf) = {hash, {number, 0}, 0, leaf};
    if (chained) {
      const ref last = std::exchange(at(near).back, leaf);
      at(leaf).back = last;
      Readers::store(at(last).link[1], leaf);
      return leaf;
    }
    if (near == 0) {
      Readers::store(root, leaf);
      return leaf;
    }
    const auto bit = static_cast<ref>(63 - std::countl_zero(at(near).hash ^ hash));
    ref* link = &root;
    while (is_fork(*link) && at(*link).own > bit) link = &at(*link).link[side(*link, hash)];
    const ref fork = take();
    at(fork) = {0, {}, bit, 0};
    at(fork).link[hash >> bit & 1] = leaf;
    at(fork).link[~hash >> bit & 1] = *link;
    Readers::store(*link, fork | fork_mark);
    return leaf;
  }
  constexpr void remove(ref& root, ref leaf) noexcept {
    ref *link = &root, *above = nullptr;
    while (is_fork(*link)) {
      above = link;
      link = &at(*link).link[side(*link, at(leaf).hash)];
    }
    const index_node& gone = at(leaf);
    const ref next = gone.link[1];
    if (*link != leaf) {
      at(next != 0 ? next : *link).back = gone.back;
      Readers::store(at(gone.back).link[1], next);
    } else if (next != 0) {
      at(next).back = gone.back;
      Readers::store(*link, next);
    } else if (above == nullptr) {
      Readers::store(root, ref{0});
    } else {
      const ref fork = *above;
      Readers::store(*above, at(fork).link[link == &at(fork).link[0] ? 1 : 0]);
      give(fork & ~fork_mark);
    }
    give(leaf);
  }

  /// The first that was added of that hash, and the one after it. For readers, too.
  constexpr ref first(const ref& root, std::uint64_t hash) const noexcept {
    ref i = Readers::load(root);
    while (is_fork(i)) i = Readers::load(at(i).link[side(i, hash)]);
    return i != 0 && at(i).hash == hash ? i : 0;
  }
  constexpr ref next(ref leaf) const noexcept { return Readers::load(at(leaf).link[1]); }
  constexpr std::uint32_t number(ref leaf) const noexcept { return at(leaf).link[0]; }
  /// A word that whoever added a number may use.
  constexpr ref& own(ref leaf) noexcept { return at(leaf).own; }

 private:
  static constexpr ref fork_mark = 0x8000'0000;
  static constexpr bool is_fork(ref i) noexcept { return (i & fork_mark) != 0; }
  constexpr index_node& at(ref i) noexcept { return nodes_[(i & ~fork_mark) - 1]; }
  constexpr const index_node& at(ref i) const noexcept { return nodes_[(i & ~fork_mark) - 1]; }
  constexpr std::size_t side(ref fork, std::uint64_t hash) const noexcept {
    return hash >> at(fork).own & 1;
  }

  constexpr ref take() noexcept {
    if (free_ == 0) return ++used_;
    --free_count_;
    return std::exchange(free_, at(free_).back);
  }
  constexpr void give(ref i) noexcept {
    at(i).back = free_;
    free_ = i;
    ++free_count_;
  }

  Nodes nodes_{};
  ref used_ = 0, free_ = 0;
  std::size_t free_count_ = 0;
};

}  // namespace detail

}  // namespace relo
