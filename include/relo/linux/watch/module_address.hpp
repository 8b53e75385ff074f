// Which module an address is in.
#pragma once

#include <relo/layout/regions.hpp>
#include <relo/module.hpp>

namespace relo::kmod {

/// The formed module that an address is in the memory of, that of its init only until it has run;
/// or null. The caller has loader.reading() or the lock. Kernel: __module_address().
template <class Loader>
constexpr typename Loader::module_type* module_address(const Loader& loader,
                                                       typename Loader::addr address) noexcept {
  using layout = typename Loader::layout;
  const auto& registry = loader.registry();
  for (auto* m = registry.first(); m != nullptr; m = registry.next(*m)) {
    const module_state state = registry.state(*m);
    if (state == module_state::unformed) continue;
    for (std::size_t r = 0; r < layout::regions; ++r) {
      // Init memory may be on its way back to where it came from.
      if (Loader::readers_type::any && state != module_state::coming && is_init_only<layout>(r))
        continue;
      const auto& region = m->regions[r];
      if (address >= region.address && address - region.address < region.bytes.size()) return m;
    }
  }
  return nullptr;
}

}  // namespace relo::kmod
