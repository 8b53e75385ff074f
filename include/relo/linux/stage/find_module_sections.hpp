// find_module_sections: the tables within the module that the kernel runs it by.
#pragma once

#include <relo/linux/policy/exports.hpp>
#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/stage/early_mod_check.hpp>

namespace relo::kmod::stages {

struct find_module_sections {
  static constexpr const char* name = "find_module_sections";
  using needs = facets<facet::memory>;
  using undo = nothing_to_undo;
  using gives = facets<facet::parameters>;

  template <class Load>
  constexpr errc run(Load& load) const {
    load.mod->parameters = load.section_objs("__param");
    load.loader.exports().find_tables(load);
    for (std::size_t t = 0; t < module_tables; ++t)
      load.mod->tables[t] = table_sections[t].loaded ? load.section_objs(table_sections[t].name)
                                                     : in_image(load, table_sections[t].name);
    if (const errc e = find_constructors(load); e != errc::ok) return e;
    if (load.find_sec("__obsparm") != 0)
      load.printk(load.mod->name, ": Ignoring obsolete parameters");
    return errc::ok;
  }

 private:
  /// Without CONFIG_CONSTRUCTORS, there are none.
  template <class Load>
  static constexpr errc find_constructors(Load& load) {
    auto& ctors = load.mod->tables[static_cast<std::size_t>(module_table::ctors)];
    const std::uint32_t old = load.find_sec(".ctors"), array = load.find_sec(".init_array");
    if (!load.settings().constructors) {
      ctors = {};
    } else if (old == 0) {
      ctors = load.section_objs(".init_array");
    } else if (array != 0) {
      load.printk(load.mod->name, ": has both .ctors and .init_array.");
      return load.fail(error::several_constructor_tables, in_section(array));
    }
    return errc::ok;
  }

  /// Kernel: any_section_objs().
  template <class Load>
  static constexpr extent<typename Load::addr> in_image(Load& load, const char* called) {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (load.image.section_name(s) == called) return {s.sh_offset(), s.sh_size()};
    }
    return {};
  }
};

/// Exports without CRCs, where the kernel has CRCs, would have to be forced. Kernel: up to 6.3 a
/// part of check_module_license_and_versions().
struct check_export_symbol_versions {
  static constexpr const char* name = "check_export_symbol_versions";
  using needs = facets<facet::memory>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::traits::taints_by_name_late) {
      const bool was_proprietary = load.kernel().tainted.test(taint::proprietary_module);
      detail::taint_by_name(load, was_proprietary);
    }
    if (!load.settings().modversions) return errc::ok;
    for (const auto& table : load.mod->exports.tables)
      if (!table.symbols.empty() && table.crcs.address == 0)
        return load.try_to_force_load("no versions for exported symbols")
                   ? errc::ok
                   : load.fail(error::not_forced);
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
