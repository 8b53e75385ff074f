// The modules of a loader: their slots, their order, and who uses whom.
#pragma once

#include <relo/lock/readers.hpp>
#include <relo/module.hpp>
#include <relo/module/module_index.hpp>

namespace relo {

namespace detail {

/// What is known of a registry's modules beside themselves, by slot.
template <class Module, std::size_t Capacity, readable Readers, class Index>
struct registry_index {
  struct slot {
    Module* previous = nullptr;  ///< in the list
    std::uint32_t next_free = 0, name = 0, exports = 0;
    bool indexed = false;  ///< its exports are
  };
  std::array<slot, Capacity> slots{};
  std::uint32_t used = 0, free = 0;  ///< slots that ever were, and the first of those that are free
  Module* last = nullptr;
  Module* fresh =
      nullptr;  ///< the first whose exports are not in the index, nor are those after it
  std::size_t fresh_count = 0, unnamed = 0;  ///< of the latter: whose names are not
  hash_tries<typename Index::nodes, Readers> tries{};
  std::uint32_t names = 0, exports = 0;  ///< roots
};
template <class Module, std::size_t Capacity, readable Readers, class Index>
  requires(!Index::any)
struct registry_index<Module, Capacity, Readers, Index> {};

}  // namespace detail

/// Readers may walk the list, ask for states and find at any time; all else is the writer's.
///
/// With an index it finds a module by its name, and the first that exports a name, in one look-up,
/// and nothing that it does takes longer when there are more modules; but that of the modules that
/// came last a few may be walked through, so that who has few modules pays for no index.
template <class Module, std::size_t Capacity, readable Readers = no_readers,
          module_index Index = no_index>
class registry {
 public:
  /// A free slot, named; null if there is none. The module is not in the list yet.
  constexpr Module* acquire() noexcept {
    Module* m = nullptr;
    if constexpr (Index::any) {
      if (index_.free != 0) {
        m = &slots_[index_.free - 1];
        index_.free = known(*m).next_free;
      } else if (index_.used != Capacity) {
        m = &slots_[index_.used++];
      }
      if (m != nullptr) m->state = module_state::unformed;
      return m;
    } else {
      for (Module& one : slots_)
        if (one.state == module_state::none) {
          one.state = module_state::unformed;
          return &one;
        }
      return nullptr;
    }
  }
  /// No reader looks at it any more.
  constexpr void release(Module& m) noexcept {
    m = Module{};
    if constexpr (Index::any)
      known(m).next_free = std::exchange(index_.free, static_cast<std::uint32_t>(slot_of(m) + 1));
  }

  /// A slot below Capacity, whether there is a module in it or not.
  constexpr Module& operator[](std::size_t slot) noexcept { return slots_[slot]; }

  constexpr void add(Module& m) noexcept {
    if constexpr (Index::any) {
      auto& k = known(m);
      k.previous = std::exchange(index_.last, &m);
      if (m.name.c_str()[0] != '\0') {
        if (index_.tries.room(1))
          k.name = index_.tries.insert(index_.names, index_.tries.hash(elf::name{m.name.c_str()}),
                                       static_cast<std::uint32_t>(slot_of(m)));
        else ++index_.unnamed;
      }
      Readers::store(k.previous == nullptr ? first_ : k.previous->next, &m);
      if (index_.fresh_count++ == 0) Readers::store(index_.fresh, &m);
    } else {
      Module** end = &first_;
      while (*end != nullptr) end = &(*end)->next;
      Readers::store(*end, &m);
    }
  }
  /// The module itself still leads on to the next, for who is just there. Kernel: list_del_rcu().
  [[gnu::noinline]] constexpr void remove(Module& m) noexcept {
    if constexpr (Index::any) {
      auto& k = known(m);
      Readers::store(k.previous == nullptr ? first_ : k.previous->next, m.next);
      (m.next == nullptr ? index_.last : known(*m.next).previous) = k.previous;
      if (k.name != 0) index_.tries.remove(index_.names, k.name);
      else if (m.name.c_str()[0] != '\0') --index_.unnamed;
      if (!k.indexed) {
        --index_.fresh_count;
        if (index_.fresh == &m) Readers::store(index_.fresh, m.next);
      }
      for (std::uint32_t i = k.exports; i != 0;) {
        const std::uint32_t next = index_.tries.own(i);
        index_.tries.remove(index_.exports, i);
        i = next;
      }
      k = {};
    } else {
      for (Module** at = &first_; *at != nullptr; at = &(*at)->next)
        if (*at == &m) {
          Readers::store(*at, m.next);
          return;
        }
    }
  }

  /// Indexes what the modules export that came first, if there are more than a few that are not
  /// indexed: for_each(module, f) calls f(name) for each export. Between loads.
  template <class ForEach>
  constexpr void index_exports([[maybe_unused]] ForEach for_each) {
    if constexpr (Index::any)
      while (index_.fresh_count > most_fresh && state(*index_.fresh) != module_state::unformed) {
        Module& m = *index_.fresh;
        if (!is_local(m)) {
          std::size_t count = 0;
          for_each(m, [&](const auto&) { ++count; });
          if (!index_.tries.room(count)) return;
          for_each(m, [&](const auto& name) {
            if (count == 0) return;
            --count;
            const std::uint32_t i = index_.tries.insert(index_.exports, index_.tries.hash(name),
                                                        static_cast<std::uint32_t>(slot_of(m)));
            if (i != 0) index_.tries.own(i) = std::exchange(known(m).exports, i);
          });
        }
        known(m).indexed = true;
        --index_.fresh_count;
        Readers::store(index_.fresh, m.next);
      }
  }

  /// The first in load order that f(module) takes, of the formed modules that may export the name;
  /// null if it takes none.
  template <class Name, class F>
  [[gnu::always_inline]] constexpr Module* find_exporter([[maybe_unused]] const Name& name,
                                                         F&& f) const {
    Module* m = nullptr;
    if constexpr (Index::any) {
      // First: what is indexed meanwhile is met twice, not missed.
      m = Readers::load(index_.fresh);
      const auto hash = index_.tries.hash(name);
      for (auto i = index_.tries.first(index_.exports, hash); i != 0; i = index_.tries.next(i))
        if (Module& one = slot(index_.tries.number(i)); is_shared(one) && f(one)) return &one;
    } else {
      m = first();
    }
    for (; m != nullptr; m = next(*m))
      if (is_shared(*m) && f(*m)) return m;
    return nullptr;
  }

  /// The listed module of that name, in any state, or null. Kernel: find_module_all().
  template <class Name>
  constexpr Module* find(const Name& name) const noexcept {
    if constexpr (Index::any) {
      const auto hash = index_.tries.hash(name);
      for (auto i = index_.tries.first(index_.names, hash); i != 0; i = index_.tries.next(i))
        if (Module& m = slot(index_.tries.number(i)); name == m.name.c_str()) return &m;
      if (index_.unnamed == 0) return nullptr;
    }
    for (Module* m = first(); m != nullptr; m = next(*m))
      if (name == m->name.c_str()) return m;
    return nullptr;
  }

  /// Listed modules in load order: for (Module* m = first(); m; m = next(*m)).
  constexpr Module* first() const noexcept { return Readers::load(first_); }
  static constexpr Module* next(const Module& m) noexcept { return Readers::load(m.next); }
  /// The one that was listed last, or null.
  constexpr Module* last() const noexcept {
    if constexpr (Index::any) {
      return index_.last;
    } else {
      Module* m = first_;
      while (m != nullptr && m->next != nullptr) m = m->next;
      return m;
    }
  }

  static constexpr module_state state(const Module& m) noexcept { return Readers::load(m.state); }
  /// Of a listed module.
  static constexpr void set_state(Module& m, module_state s) noexcept {
    Readers::store(m.state, s);
  }

  /// `user` needs `used` from now on; asking again changes nothing. Kernel: ref_module().
  constexpr void use(Module& user, Module& used) noexcept {
    const std::size_t slot = slot_of(used);
    if (has(user, slot)) return;
    user.uses[word_of(slot)] |= bit_of(slot);
    ++used.references;
  }
  constexpr bool uses(const Module& user, const Module& used) const noexcept {
    return has(user, slot_of(used));
  }
  /// `user` needs nobody any more. Kernel: module_unload_free().
  constexpr void unuse_all(Module& user) noexcept {
    if constexpr (Index::any) {
      for (std::size_t word = 0; word < user.uses.size(); ++word)
        for (std::uint32_t bits = user.uses[word]; bits != 0; bits &= bits - 1)
          --slots_[32 * word + static_cast<std::size_t>(std::countr_zero(bits))].references;
    } else {
      for (std::size_t slot = 0; slot < Capacity; ++slot)
        if (has(user, slot)) --slots_[slot].references;
    }
    user.uses = {};
  }

 private:
  /// So many modules are walked through before any is indexed.
  static constexpr std::size_t most_fresh = 8;

  constexpr auto& known(const Module& m) noexcept { return index_.slots[slot_of(m)]; }
  /// As first() gives it: who may read the list may have its modules.
  constexpr Module& slot(std::size_t i) const noexcept { return const_cast<Module&>(slots_[i]); }

  static constexpr bool is_shared(const Module& m) noexcept {
    return !is_local(m) && state(m) != module_state::unformed;
  }

  static constexpr bool has(const Module& user, std::size_t slot) noexcept {
    return (user.uses[word_of(slot)] & bit_of(slot)) != 0;
  }
  /// Where module::uses has a slot. A small machine's modules have one word.
  static constexpr std::size_t word_of(std::size_t slot) noexcept {
    return Capacity <= 32 ? 0 : slot / 32;
  }
  static constexpr std::uint32_t bit_of(std::size_t slot) noexcept {
    return std::uint32_t{1} << (Capacity <= 32 ? slot : slot % 32);
  }
  constexpr std::size_t slot_of(const Module& m) const noexcept {
    return static_cast<std::size_t>(&m - slots_.data());
  }

  std::array<Module, Capacity> slots_{};
  Module* first_ = nullptr;
  [[no_unique_address]] detail::registry_index<Module, Capacity, Readers, Index> index_{};
};

}  // namespace relo
