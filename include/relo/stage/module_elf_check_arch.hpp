// module_elf_check_arch: whether the code is for this processor and its calling convention, by the
// build attributes that the object has. (Kernel: each architecture's own check of the file.)
#pragma once

#include <relo/elf/attributes.hpp>
#include <relo/load_info.hpp>

namespace relo::stages {

/// Of an object without attributes nothing is known, and it is taken. A machine whose objects have
/// none has nothing to do here, and no code; a loader that has no flash for it drops the stage.
struct module_elf_check_arch {
  static constexpr const char* name = "module_elf_check_arch";
  using undo = nothing_to_undo;
  using needs = facets<facet::image>;
  using gives = facets<facet::processor>;

  template <class Load>
  constexpr errc run([[maybe_unused]] Load& load) const {
    if constexpr (has_attributes<typename Load::machine>) return check(load);
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr errc check(Load& load) {
    using machine = typename Load::machine;
    typename machine::template attributes<machine> seen;
    // Sections that are the same bytes of the file are not read a thousand times.
    std::size_t left = load.image.source().size();
    for (std::uint32_t i = load.image.first_special(); i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (s.sh_type() != elf::sht::attributes ||
          !load.image.within_file(s.sh_offset(), s.sh_size()))
        continue;
      const elf::attribute_section all{i, static_cast<std::size_t>(s.sh_offset()),
                                       static_cast<std::size_t>(s.sh_size())};
      if (all.size > left) return load.fail(errc::bad_attributes, in_section(i));
      left -= all.size;
      if (const errc e = read(load, all, seen); e != errc::ok) return e;
    }
    if constexpr (requires { seen.looks_at_symbols(); })
      if (seen.looks_at_symbols()) {
        for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
          const auto s = load.image.symbol(i);
          const std::uint32_t in = load.image.symbol_section(i, s);
          if (in == elf::shn::undef || in >= load.image.sections()) continue;
          if (const errc e = seen.see_symbol(s.type(), s.st_value(), load.image.symbol_name(s));
              e != errc::ok)
            return load.fail(e, {.section = in, .symbol = i});
        }
      }
    return errc::ok;
  }

  /// What was refused is told by its name where errors have words.
  template <class Load, class Attributes>
  static constexpr errc read(Load& load, const elf::attribute_section& s, Attributes& seen) {
    errc e = elf::read_attributes<Load::byte_order>(load.image.source(), s, seen);
    if (e == errc::ok) e = seen.verdict(load.image.flags());
    if (e == errc::ok) return e;
    if constexpr (Load::loader_type::diagnostics_type::keeps_location)
      return load.fail(e,
                       {.section = s.number, .value = e == errc::bad_attributes ? 0 : seen.value()},
                       elf::name{e == errc::bad_attributes ? "" : seen.refused()});
    else return load.fail(e);
  }
};

}  // namespace relo::stages
