// layout_commons: variables without a section get a place in the module's data.
#pragma once

#include <relo/micro/load_info.hpp>

namespace relo::micro {

/// Makes room for common symbols, which without this stage are refused: what C compilers make of
/// variables with -fcommon, and of OpenMP's locks always. They are zeros. The symbols are gone
/// through again when a relocation first asks for one, and whenever one asks for one that has no
/// word of scratch memory.
///
///     constexpr auto with_commons =
///         relo::micro::load_module |
///         relo::insert_after<"layout_sections">(relo::micro::layout_commons{});
struct layout_commons {
  static constexpr const char* name = "layout_commons";

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    load.commons = load.next[Load::commons_region];
    return stages::detail::reserve_commons(load, [&](std::uint32_t, addr size, addr align) {
      addr at = 0;
      return load.append(Load::commons_region, size, align, at) ? errc::ok : errc::module_too_large;
    });
  }
};

}  // namespace relo::micro
