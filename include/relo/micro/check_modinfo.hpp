// check_modinfo: what the module says of itself. Here, its licence: no licence is a proprietary
// one.
#pragma once

#include <relo/micro/load_info.hpp>
#include <relo/module/modinfo.hpp>

namespace relo::micro {

/// With this stage, what gpl_exports() and EXPORT_SYMBOL_GPL name is for modules alone whose
/// MODULE_LICENSE is compatible with the GPL; to others it is unknown. Without it nobody reads
/// licences, and all is for all. It reads sections' names, and so comes after their check, and
/// before symbols are looked up:
///
///     constexpr auto with_licences =
///         relo::micro::load_named_module |
///         relo::insert_after<"find_module_sections">(relo::micro::check_modinfo{});
struct check_modinfo {
  static constexpr const char* name = "check_modinfo";

  template <class Load>
  constexpr errc run(Load& load) const {
    std::uint32_t modinfo = 0;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (const auto s = load.image.section(i);
          s.sh_type() == elf::sht::progbits && load.image.section_name(s) == ".modinfo")
        modinfo = i;
    text<32> license;
    load.gpl_compatible = get_modinfo(load, modinfo, "license", license) &&
                          license_is_gpl_compatible(license.c_str());
    return errc::ok;
  }
};

}  // namespace relo::micro
