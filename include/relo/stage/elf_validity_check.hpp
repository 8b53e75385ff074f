// elf_validity_check: the object is what it says, in every number.
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
        machine::machine, [&](errc code, const where& at) { return load.fail(code, at); },
        large_common<machine>);
    if (e != errc::ok) return e;
    return machine::accepts(load.image.flags())
               ? errc::ok
               : load.fail(errc::wrong_flags, about(load.image.flags()));
  }
};

}  // namespace relo::stages
