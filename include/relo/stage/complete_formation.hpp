// complete_formation: exports are unique, permissions are set, others may find the module.
#pragma once

#include <relo/stage/protect.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::stages {

struct complete_formation {
  static constexpr const char* name = "complete_formation";
  static constexpr bool acts = true;
  using needs = facets<facet::memory>;
  using gives = facets<facet::formed>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = verify_exported_symbols(load); e != errc::ok) return e;
    return form(load);
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().set_state(m, module_state::unformed);
  }

 protected:
  template <class Load>
  static constexpr errc form(Load& load) {
    for (std::size_t a = 0; a < Load::module_type::areas; ++a)
      if (!protect(load.loader, *load.mod, a, false)) return load.fail(errc::protection_failed);
    load.loader.registry().set_state(*load.mod, module_state::coming);
    return errc::ok;
  }

  /// Nobody exports what the module does, neither the host nor a module; if it is seen at all.
  template <class Load>
  static constexpr errc verify_exported_symbols(Load& load) {
    if constexpr (!Load::loader_type::exports_type::unique) return errc::ok;
    else {
      if (is_local(*load.mod)) return errc::ok;
      return load.loader.exports().template for_each<Load::byte_order>(
          *load.mod, [&](const auto& exported) {
            symbol<typename Load::addr> other;
            const bool twice = load.loader.find_exported(exported, true, other) != nullptr ||
                               load.loader.host_symbols().find(exported, true, other);
            return twice ? load.fail(errc::duplicate_export, {}, exported) : errc::ok;
          });
    }
  }
};

}  // namespace relo::stages
