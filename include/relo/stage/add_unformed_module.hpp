// add_unformed_module: the name is taken from here on; nobody can use the module yet. A module
// without a name has none to take, and is spoken of by reference.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct add_unformed_module {
  static constexpr const char* name = "add_unformed_module";
  using needs = facets<facet::module>;
  static constexpr bool reads = false;

  template <class Load>
  constexpr errc run(Load& load) const {
    const elf::name called{load.mod->name.c_str()};
    if (!called.empty() && load.loader.registry().find(called) != nullptr)
      return load.fail(errc::already_loaded, {}, called);
    load.loader.registry().add(*load.mod);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().remove(m);
    // Who found it before may look at it until now: its memory and tables are as they were.
    loader.readers().synchronize();
  }
};

}  // namespace relo::stages
