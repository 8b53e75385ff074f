// layout_commons: variables without a section get a place in the module's data.
#pragma once

#include <relo/load/resolve.hpp>
#include <relo/load_info.hpp>

namespace relo::stages {

/// Makes room for common symbols, which without this stage are refused: what C compilers make of
/// variables with -fcommon, and of OpenMP's locks always. They are zeros. Where symbols are
/// resolved when they are asked for, symbols are gone through again when a relocation first asks
/// for a common one, and whenever one asks for one that has no word of scratch memory. On a small
/// machine:
///
///     constexpr auto with_commons = relo::load_small_module |
///         relo::insert_after<"layout_sections">(relo::stages::layout_commons{});
struct layout_commons {
  static constexpr const char* name = "layout_commons";
  using undo = nothing_to_undo;
  using needs = facets<facet::places>;
  using gives = facets<facet::commons>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    constexpr bool all_first = Load::loader_type::values::all_first;
    if constexpr (all_first) {
      if (load.image.commons() == 0) return errc::ok;
      load.values = load.loader.scratch().take(load.image.symbols());
      if (load.values.size() != load.image.symbols()) return load.out_of_scratch(0);
    } else {
      load.commons = load.sizes[Load::module_type::area_of(mem_type::data)];
    }
    return for_each_common(load, [&]([[maybe_unused]] std::uint32_t i, addr size, addr align) {
      typename Load::place_type at;
      const errc e = load.reserve(mem_type::data, size, align, at);
      // For simplify_symbols.
      if constexpr (all_first)
        if (e == errc::ok) load.values[i] = at.offset;
      return e;
    });
  }
};

}  // namespace relo::stages
