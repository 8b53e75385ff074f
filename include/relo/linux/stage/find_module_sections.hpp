// find_module_sections: the tables within the module that the kernel runs it by.
#pragma once

#include <relo/linux/exports.hpp>
#include <relo/linux/load_info.hpp>
#include <relo/linux/stage/early_mod_check.hpp>

namespace relo::kmod::stages {

struct find_module_sections {
  static constexpr const char* name = "find_module_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    load.mod->parameters = load.section_objs("__param");
    load.loader.exports().find_tables(load);
    load.mod->extable = load.section_objs("__ex_table");
    if (!load.section_objs("__obsparm").empty())
      load.printk(load.mod->name, ": Ignoring obsolete parameters");
    return errc::ok;
  }
};

/// Exports without CRCs, where the kernel has CRCs, would have to be forced. Kernel: up to 6.3 a
/// part of check_module_license_and_versions().
struct check_export_symbol_versions {
  static constexpr const char* name = "check_export_symbol_versions";

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::release != generation::v6_12) {
      const bool was_proprietary = load.kernel().tainted.test(taint::proprietary_module);
      detail::taint_by_name(load, was_proprietary);
    }
    if (!load.settings().modversions) return errc::ok;
    for (const auto& table : load.mod->exports.tables)
      if (!table.symbols.empty() && table.crcs.address == 0)
        return load.try_to_force_load("no versions for exported symbols")
                   ? errc::ok
                   : load.fail(errc::not_forced);
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
