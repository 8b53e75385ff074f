// check_modinfo: what the module says of itself. Here, its licence: no licence is a proprietary
// one.
#pragma once

#include <relo/load_info.hpp>
#include <relo/module/modinfo.hpp>

namespace relo::stages {

/// With this stage, what gpl_exports() and EXPORT_SYMBOL_GPL name is for modules alone whose
/// MODULE_LICENSE is compatible with the GPL; to others it is unknown. Without it nobody reads
/// licences, and all is for all. On a small machine:
///
///     constexpr auto with_licences = relo::load_small_named_module |
///         relo::insert_after<"setup_load_info">(relo::stages::check_modinfo{});
struct check_modinfo {
  static constexpr const char* name = "check_modinfo";
  using undo = nothing_to_undo;
  using needs = facets<facet::module>;
  using gives = facets<facet::licence>;

  template <class Load>
  constexpr errc run(Load& load) const {
    text<32> license;
    load.gpl_compatible = get_modinfo(load, load.index.modinfo, "license", license) &&
                          license_is_gpl_compatible(license.c_str());
    return errc::ok;
  }
};

}  // namespace relo::stages
