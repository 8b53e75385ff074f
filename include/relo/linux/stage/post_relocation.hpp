// post_relocation: what can be made of the module only now that it is relocated.
#pragma once

#include <relo/linux/load_info.hpp>

namespace relo::kmod::stages {

struct post_relocation {
  static constexpr const char* name = "post_relocation";

  template <class Load>
  constexpr errc run(Load&) const {
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
