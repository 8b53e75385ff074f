// layout_symtab: room for the symbols that stay resident, as the export policy wants it.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct layout_symtab {
  static constexpr const char* name = "layout_symtab";

  template <class Load>
  constexpr errc run(Load& load) const {
    const errc e = load.loader.exports().layout(load);
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::stages
