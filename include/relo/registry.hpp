// The modules of a loader: their slots, their order, and who uses whom.
#pragma once

#include <relo/module.hpp>
#include <relo/readers.hpp>

namespace relo {

/// Readers may walk the list and ask for states at any time; all else is the writer's.
template <class Module, std::size_t Capacity, readable Readers = no_readers>
class registry {
 public:
  /// A free slot, named; null if there is none. The module is not in the list yet.
  constexpr Module* acquire() noexcept {
    for (Module& m : slots_)
      if (m.state == module_state::none) {
        m.state = module_state::unformed;
        return &m;
      }
    return nullptr;
  }
  /// No reader looks at it any more.
  constexpr void release(Module& m) noexcept { m = Module{}; }

  /// A slot below Capacity, whether there is a module in it or not.
  constexpr Module& operator[](std::size_t slot) noexcept { return slots_[slot]; }

  constexpr void add(Module& m) noexcept {
    Module** end = &first_;
    while (*end != nullptr) end = &(*end)->next;
    Readers::store(*end, &m);
  }
  /// The module itself still leads on to the next, for who is just there. Kernel: list_del_rcu().
  [[gnu::noinline]] constexpr void remove(Module& m) noexcept {
    for (Module** at = &first_; *at != nullptr; at = &(*at)->next)
      if (*at == &m) {
        Readers::store(*at, m.next);
        return;
      }
  }

  /// The listed module of that name, in any state, or null. Kernel: find_module_all().
  template <class Name>
  constexpr Module* find(const Name& name) const noexcept {
    for (Module* m = first(); m != nullptr; m = next(*m))
      if (name == m->name.c_str()) return m;
    return nullptr;
  }

  /// Listed modules in load order: for (Module* m = first(); m; m = next(*m)).
  constexpr Module* first() const noexcept { return Readers::load(first_); }
  static constexpr Module* next(const Module& m) noexcept { return Readers::load(m.next); }

  static constexpr module_state state(const Module& m) noexcept { return Readers::load(m.state); }
  /// Of a listed module.
  static constexpr void set_state(Module& m, module_state s) noexcept {
    Readers::store(m.state, s);
  }

  /// `user` needs `used` from now on; asking again changes nothing. Kernel: ref_module().
  constexpr void use(Module& user, Module& used) noexcept {
    const std::size_t slot = slot_of(used);
    const std::uint32_t bit = std::uint32_t{1} << (slot % 32);
    if ((user.uses[slot / 32] & bit) != 0) return;
    user.uses[slot / 32] |= bit;
    ++used.references;
  }
  constexpr bool uses(const Module& user, const Module& used) const noexcept {
    return has(user, slot_of(used));
  }
  /// `user` needs nobody any more. Kernel: module_unload_free().
  constexpr void unuse_all(Module& user) noexcept {
    for (std::size_t slot = 0; slot < Capacity; ++slot)
      if (has(user, slot)) --slots_[slot].references;
    user.uses = {};
  }

 private:
  static constexpr bool has(const Module& user, std::size_t slot) noexcept {
    return (user.uses[slot / 32] >> (slot % 32) & 1U) != 0;
  }
  constexpr std::size_t slot_of(const Module& m) const noexcept {
    return static_cast<std::size_t>(&m - slots_.data());
  }

  std::array<Module, Capacity> slots_{};
  Module* first_ = nullptr;
};

}  // namespace relo
