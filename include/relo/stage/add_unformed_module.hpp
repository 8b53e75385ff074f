// add_unformed_module: the name is taken from here on; nobody can use the module yet. A module
// without a name has none to take, and is spoken of by reference.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct add_unformed_module {
  static constexpr const char* name = "add_unformed_module";

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
  }
};

}  // namespace relo::stages
