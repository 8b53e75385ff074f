// The modules of a loader: their slots, their order, and who uses whom.
#pragma once

#include <relo/module.hpp>

namespace relo {

template <class Module, std::size_t Capacity>
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
  constexpr void release(Module& m) noexcept { m = Module{}; }

  /// A slot below Capacity, whether there is a module in it or not.
  constexpr Module& operator[](std::size_t slot) noexcept { return slots_[slot]; }

  constexpr void add(Module& m) noexcept {
    Module** end = &first_;
    while (*end != nullptr) end = &(*end)->next;
    *end = &m;
  }
  constexpr void remove(Module& m) noexcept {
    for (Module** at = &first_; *at != nullptr; at = &(*at)->next)
      if (*at == &m) {
        *at = m.next;
        m.next = nullptr;
        return;
      }
  }

  /// The listed module of that name, in any state, or null. Kernel: find_module_all().
  template <class Name>
  constexpr Module* find(const Name& name) const noexcept {
    for (Module* m = first_; m != nullptr; m = m->next)
      if (name == m->name.c_str()) return m;
    return nullptr;
  }

  /// Listed modules in load order: for (Module* m = first(); m; m = m->next).
  constexpr Module* first() const noexcept { return first_; }

  /// `user` needs `used` from now on; asking again changes nothing. Kernel: ref_module().
  constexpr void use(Module& user, Module& used) noexcept {
    const std::size_t slot = slot_of(used);
    const std::uint32_t bit = std::uint32_t{1} << (slot % 32);
    if ((user.uses[slot / 32] & bit) != 0) return;
    user.uses[slot / 32] |= bit;
    ++used.references;
  }
  constexpr bool uses(const Module& user, const Module& used) const noexcept {
    const std::size_t slot = slot_of(used);
    return (user.uses[slot / 32] >> (slot % 32) & 1U) != 0;
  }
  /// `user` needs nobody any more. Kernel: module_unload_free().
  constexpr void unuse_all(Module& user) noexcept {
    for (Module& m : slots_)
      if (m.state != module_state::none && uses(user, m)) --m.references;
    user.uses = {};
  }

 private:
  constexpr std::size_t slot_of(const Module& m) const noexcept {
    return static_cast<std::size_t>(&m - slots_.data());
  }

  std::array<Module, Capacity> slots_{};
  Module* first_ = nullptr;
};

}  // namespace relo
