// rewrite_section_headers: the first of the two times each section gets an address: where it
// is in the image. layout_sections gives it the second, where it will be in the module.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct rewrite_section_headers {
  static constexpr const char* name = "rewrite_section_headers";

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    const std::uint32_t count = load.image.sections();
    load.places = load.loader.scratch().take(count);
    if (load.places.size() != count) return load.out_of_scratch(0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const addr offset = load.image.section(i).sh_offset();
      load.places[i] = place<addr>{mem_type::in_image, offset & place<addr>::max_offset}.encode();
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
