// What is found by name: tables of exports and parameters, the entry points. Costs a walk over
// the sections and one over the global functions, and needs section names.
#pragma once

#include <relo/layout/classify.hpp>
#include <relo/micro/load_info.hpp>
#include <relo/module/params.hpp>

namespace relo::micro {

/// For classifiers that go by names.
struct check_section_names {
  static constexpr const char* name = "check_section_names";

  template <class Load>
  constexpr errc run(Load& load) const {
    return load.image.check_section_names(
        [&](errc code, const where& at) { return load.fail(code, at); });
  }
};

struct find_module_sections {
  static constexpr const char* name = "find_module_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    constexpr bool has_names = Load::loader_type::pipeline_type::has("check_section_names");
    if constexpr (!has_names)
      if (const errc e = check_section_names{}.run(load); e != errc::ok) return e;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      if (load.section_address(i) == load.not_loaded) continue;
      const auto s = load.image.section(i);
      const auto called = load.image.section_name(s);
      // 60 bytes on a Cortex-M3, from those who have them for names before, too.
      if constexpr (has_names)
        if (is_init_fragment(called, s.sh_flags(), s.sh_size()))
          return load.fail(errc::init_fragment, {.section = i});
      if constexpr (Load::has_parameters)
        if (called == "__param") {
          load.index.param = i;
          load.mod->parameters = {load.section_address(i), s.sh_size()};
        }
      if constexpr (Load::sees_sections) load.loader.exports().see(load, i, s, called);
      else if (called == "__ksymtab") load.index.ksymtab = i;
      else if (called == "__ksymtab_gpl") load.index.ksymtab_gpl = i;
    }
    if constexpr (!Load::sees_sections) load.loader.exports().find_tables(load);
    return find_entry_points(load);
  }

 private:
  template <class Load>
  static constexpr errc find_entry_points(Load& load) {
    using entry = typename Load::loader_type::entry_points;
    if constexpr (entry::any)
      for (std::uint32_t i = load.image.first_global(); i < load.image.symbols(); ++i) {
        const auto s = load.image.symbol(i);
        if (s.type() != elf::stt::func || s.st_shndx() == elf::shn::undef) continue;
        const auto called = load.image.symbol_name(s);
        errc e = errc::ok;
        if (called == entry::init) e = load.symbol_address(i, load.mod->init);
        if (called == entry::exit) e = load.symbol_address(i, load.mod->exit);
        if (e != errc::ok) return load.fail(e, {.symbol = i});
      }
    return errc::ok;
  }
};

/// Once relocated, tables of exports are checked and made searchable.
struct post_relocation {
  static constexpr const char* name = "post_relocation";

  template <class Load>
  constexpr errc run(Load& load) const {
    const errc e = load.loader.exports().finish(load);
    return e == errc::ok ? e : load.fail(e);
  }
};

struct parse_args {
  static constexpr const char* name = "parse_args";

  template <class Load>
  constexpr errc run(Load& load) const {
    const std::size_t length = elf::name{load.options.args}.size();
    if (length == 0) return errc::ok;
    return relo::parse_args(
        load, load.args,
        load.mod->bytes_at(load.args, static_cast<typename Load::addr>(length + 1)));
  }
};

}  // namespace relo::micro
