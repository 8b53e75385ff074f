// check_modinfo: what the module says of itself. Here, its licence: no licence is a
// proprietary one.
#pragma once

#include <relo/module/modinfo.hpp>

namespace relo::stages {

struct check_modinfo {
  static constexpr const char* name = "check_modinfo";

  template <class Load>
  constexpr errc run(Load& load) const {
    text<32> license;
    load.mod->gpl_compatible = get_modinfo(load, load.index.modinfo, "license", license) &&
                               license_is_gpl_compatible(license.c_str());
    return errc::ok;
  }
};

}  // namespace relo::stages
