// setup_load_info: find the sections that have a meaning, and the module's name; take a slot.
#pragma once

#include <relo/module/export_policy.hpp>
#include <relo/module/modinfo.hpp>
#include <relo/stage/named_sections.hpp>

namespace relo::stages {

struct setup_load_info {
  static constexpr const char* name = "setup_load_info";
  static constexpr bool makes_module = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      const auto called = load.image.section_name(s);
      if (detail::is_named(load, s)) ++load.index.named;
      if (s.sh_type() == elf::sht::null || s.sh_type() == elf::sht::nobits) continue;
      if (called == ".modinfo") load.index.modinfo = i;
      else if (called == "__param") load.index.param = i;
      else if (called == "__ksymtab") load.index.ksymtab = i;
      else if (called == "__ksymtab_gpl") load.index.ksymtab_gpl = i;
    }

    constexpr std::size_t most = Load::module_type::name_size;
    text<longest_name<Load>> called;
    if (!get_modinfo(load, load.index.modinfo, "name", called) && load.options.name != nullptr)
      called << load.options.name;
    if (called.size() >= most)
      return load.fail(errc::name_too_long, {.value = called.size(), .limit = most - 1},
                       elf::name{called.c_str()});

    load.mod = load.loader.registry().acquire();
    if (load.mod == nullptr) return load.too_many_modules();
    load.mod->name << called.c_str();
    load.mod->local =
        load.options.local || exports_are_local<typename Load::loader_type::exports_type>;
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().release(m);
  }

 private:
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
