// module_enforce_rwx_sections: no section is both written and executed.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct module_enforce_rwx_sections {
  static constexpr const char* name = "module_enforce_rwx_sections";
  using undo = nothing_to_undo;
  using needs = facets<facet::image>;
  using gives = facets<facet::pure_code>;

  template <class Load>
  constexpr errc run(Load& load) const {
    constexpr std::uint32_t both = elf::shf::write | elf::shf::execinstr;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if ((load.image.section(i).sh_flags() & both) == both)
        return load.fail(errc::writable_and_executable, in_section(i));
    return errc::ok;
  }
};

}  // namespace relo::stages
