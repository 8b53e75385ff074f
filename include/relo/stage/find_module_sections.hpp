// find_module_sections: what the module is run by: tables that are found by name, and where all
// symbols are not looked at anyway, the entry points.
#pragma once

#include <relo/stage/elf_validity_check.hpp>

namespace relo::stages {

struct find_module_sections {
  static constexpr const char* name = "find_module_sections";
  using undo = nothing_to_undo;
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    auto& exports = load.loader.exports();
    constexpr bool sees = requires(std::uint32_t i) {
      exports.see(load, i, load.image.section(i), load.image.section_name(load.image.section(i)));
    };
    if (std::is_constant_evaluated()) {  // what a slot has of a module is lost to g++ 12 then
      if constexpr (Load::has_parameters) load.mod->parameters = {};
      if constexpr (sees) load.mod->exports = {};
    }
    if constexpr (Load::has_parameters || sees) {
      if constexpr (!Load::knows_names)
        if (const errc e = check_section_names{}.run(load); e != errc::ok) return e;
      for (std::uint32_t i = load.first_table; i < load.image.sections(); ++i) {
        if (!load.is_loaded(i)) continue;
        const auto s = load.image.section(i);
        const auto called = load.image.section_name(s);
        if constexpr (Load::has_parameters)
          if (called == "__param") load.mod->parameters = {load.section_address(i), s.sh_size()};
        if constexpr (sees) exports.see(load, i, s, called);
      }
    }
    if constexpr (requires { exports.find_tables(load); }) exports.find_tables(load);
    if constexpr (!Load::loader_type::values::all_first && Load::loader_type::entry_points::any)
      return find_entry_points(load);
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr errc find_entry_points(Load& load) {
    using entry = typename Load::loader_type::entry_points;
    for (std::uint32_t i = load.image.first_global(); i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      if (s.type() != elf::stt::func || s.st_shndx() == elf::shn::undef) continue;
      const auto called = load.image.symbol_name(s);
      errc e = errc::ok;
      if (called == entry::init) e = load.symbol_address(i, load.mod->init);
      if (called == entry::exit) e = load.symbol_address(i, load.mod->exit);
      if (e != errc::ok) return load.fail(e, of_symbol(i));
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
