// setup_load_info: find the sections that have a meaning, and the module's name; take a slot.
#pragma once

#include <relo/module/export_policy.hpp>
#include <relo/module/modinfo.hpp>
#include <relo/stage/elf_validity_check.hpp>
#include <relo/stage/named_sections.hpp>

namespace relo::stages {

struct setup_load_info {
  static constexpr const char* name = "setup_load_info";
  static constexpr bool makes_module = true;
  using needs = facets<facet::image>;
  using gives = facets<facet::module>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using modules = typename Load::loader_type::modules_type;
    constexpr bool counts = Load::loader_type::values::all_first,
                   reads = modules::named_by_modinfo || Load::loader_type::reads_licence;
    if constexpr (counts || reads) {
      if constexpr (!Load::knows_names)
        if (const errc e = check_section_names{}.run(load); e != errc::ok) return e;
      for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
        const auto s = load.image.section(i);
        if constexpr (counts)
          if (detail::is_named(load, s)) ++load.named_count;
        if (reads && s.sh_type() != elf::sht::null && s.sh_type() != elf::sht::nobits &&
            load.image.section_name(s) == ".modinfo")
          if constexpr (reads) load.index.modinfo = i;
      }
    }
    if constexpr (modules::named_by_modinfo) {
      text<longest_name<Load>> called;
      if (!get_modinfo(load, load.index.modinfo, "name", called) && load.options.name != nullptr)
        called << load.options.name;
      return acquire(load, elf::name{called.c_str()});
    } else if constexpr (modules::named) {
      return acquire(load, elf::name{load.options.name == nullptr ? "" : load.options.name});
    } else {
      return acquire(load, elf::name{""});
    }
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().release(m);
  }

 private:
  template <class Load, class Name>
  static constexpr errc acquire(Load& load, [[maybe_unused]] const Name& called) {
    constexpr std::size_t most = Load::module_type::name_size;
    constexpr bool named = Load::loader_type::modules_type::named;
    if constexpr (named)
      if (const std::size_t size = called.size(); size >= most)
        return load.fail(errc::name_too_long, {.value = size, .limit = most - 1}, called);
    load.mod = load.loader.registry().acquire();
    if (load.mod == nullptr) return load.too_many_modules();
    if constexpr (named) load.mod->name = called;
    if constexpr (requires { load.mod->local; })
      load.mod->local =
          load.options.local || exports_are_local<typename Load::loader_type::exports_type>;
    return errc::ok;
  }

  /// One character more than a module's name may have, to notice what does not fit; or as much as
  /// the diagnostics have room for.
  template <class Load>
  static constexpr std::size_t longest_name = [] {
    using diagnostics = typename Load::loader_type::diagnostics_type;
    constexpr std::size_t least = Load::module_type::name_size + 1,
                          told = kept_name_size<diagnostics> + 1;
    return diagnostics::keeps_location && told > least ? told : least;
  }();
};

}  // namespace relo::stages
