// complete_formation: exports are unique, permissions are set, others may find the module.
#pragma once

#include <relo/stage/complete_formation.hpp>

namespace relo::micro {

/// Memory that has permissions sets them in its granularity: sizes and alignments are multiples of
/// it. Nothing, and no code, where it has none.
struct round_regions {
  static constexpr const char* name = "round_regions";

  template <class Load>
  constexpr errc run([[maybe_unused]] Load& load) const {
    constexpr auto granularity = Load::loader_type::memory_type::granularity;
    if constexpr (granularity > 1)
      for (std::size_t r = 0; r < Load::layout::regions; ++r) {
        if (load.next[r] == 0) continue;
        if (!checked_append(load.next[r], granularity, 0)) return load.fail(errc::module_too_large);
        if (load.alignments[r] < granularity) load.alignments[r] = granularity;
      }
    return errc::ok;
  }
};

/// A region has one permission: what its first memory type wants. So where memory has permissions,
/// the layout gives types that differ in theirs different regions.
struct complete_formation : stages::complete_formation {
  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = verify_exported_symbols(load); e != errc::ok) return e;
    if constexpr (Load::loader_type::memory_type::granularity > 1)
      for (std::size_t r = 0; r < Load::layout::regions; ++r) {
        const auto& region = load.mod->regions[r];
        if (region &&
            !load.loader.memory().protect(region, permission_of(Load::layout::first_of(r), false)))
          return load.fail(errc::protection_failed);
      }
    load.mod->state = module_state::coming;
    return errc::ok;
  }
};

}  // namespace relo::micro
