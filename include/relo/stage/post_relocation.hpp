// post_relocation: tables that are made of relocated contents.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct post_relocation {
  static constexpr const char* name = "post_relocation";
  using undo = nothing_to_undo;
  using needs = facets<facet::relocated>;
  using gives = facets<facet::exports>;

  template <class Load>
  constexpr errc run(Load& load) const {
    const errc e = load.loader.exports().finish(load);  // kernel: add_kallsyms
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::stages
