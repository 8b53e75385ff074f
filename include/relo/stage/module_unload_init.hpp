// module_unload_init: from here on the module may come to use others; undone, it uses none
// (kernel: module_unload_free).
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct module_unload_init {
  static constexpr const char* name = "module_unload_init";
  using needs = facets<facet::module>;
  static constexpr bool reads = false;

  template <class Load>
  constexpr errc run(Load&) const {
    return errc::ok;  // as a slot is acquired, it uses none
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().unuse_all(m);
  }
};

}  // namespace relo::stages
