// keep_image: the module knows where its object is, if that stays there.
#pragma once

#include <relo/micro/load_info.hpp>

namespace relo::micro {

/// For modules that ask for it (KeepImage), and objects that are relo::in_place.
struct keep_image {
  static constexpr const char* name = "keep_image";

  template <class Load>
  constexpr errc run([[maybe_unused]] Load& load) const {
    if constexpr (Load::loader_type::modules_type::keep_image &&
                  requires { load.image.source().address_at(0); }) {
      const auto& source = load.image.source();
      if constexpr (requires { source.is_in_place(); })
        if (!source.is_in_place()) return errc::ok;
      const void* const first = source.data();
      load.mod->image = {{static_cast<const unsigned char*>(first), source.size()},
                         source.address_at(0)};
    }
    return errc::ok;
  }
};

}  // namespace relo::micro
