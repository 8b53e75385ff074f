// layout_symtab: room for the symbols that stay resident, as the export policy wants it.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct layout_symtab {
  static constexpr const char* name = "layout_symtab";
  using undo = nothing_to_undo;
  using needs = facets<facet::places>;

  template <class Load>
  constexpr errc run(Load& load) const {
    errc e = errc::ok;
    if constexpr (requires { load.loader.exports().layout(load); })
      e = load.loader.exports().layout(load);
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::stages
