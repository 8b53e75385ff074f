// elf_validity_check: the object is what it says, in every number; check_section_names: its part.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct elf_validity_check {
  static constexpr const char* name = "elf_validity_check";
  using undo = nothing_to_undo;
  using gives = facets<facet::image>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using machine = typename Load::machine;
    const errc e = load.image.check(
        machine::machine, [&](errc code, const auto& at) { return load.fail(code, at); },
        large_common<machine>);
    if (e != errc::ok) return e;
    return machine::accepts(load.image.flags())
               ? errc::ok
               : load.fail(errc::wrong_flags, about(load.image.flags()));
  }
};

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
          [&](errc code, const auto& at) { return load.fail(code, at); });
  }
};

}  // namespace relo::stages
