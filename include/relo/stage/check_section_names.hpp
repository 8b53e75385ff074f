// check_section_names: for loaders that go by the names of sections, where nobody has checked yet
// that there are names.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

/// For small machines: classifiers see names only behind this stage. Where all is checked first it
/// has nothing to do.
struct check_section_names {
  static constexpr const char* name = "check_section_names";
  using undo = nothing_to_undo;
  using gives = facets<facet::section_names>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::checked_first) return errc::ok;
    else
      return load.image.check_section_names(
          [&](errc code, const where& at) { return load.fail(code, at); });
  }
};

}  // namespace relo::stages
