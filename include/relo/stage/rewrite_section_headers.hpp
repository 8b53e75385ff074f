// rewrite_section_headers: each section has a word that says where it is. So far none is anywhere
// but in the image; layout_sections says where it will be in the module.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct rewrite_section_headers {
  static constexpr const char* name = "rewrite_section_headers";
  using undo = nothing_to_undo;
  static constexpr bool reads = false;
  using needs = facets<facet::image>;
  using gives = facets<facet::places>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = load.take_places(load); e != errc::ok) return e;
    // For exports that want to have the addresses later on, see module::section_address().
    if constexpr (Load::keeps_table) {
      using addr = typename Load::addr;
      constexpr std::size_t area = Load::module_type::table_region;
      load.sizes[area] = static_cast<addr>(load.image.sections() * sizeof(addr));
      load.alignments[area] = sizeof(addr);
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
