// apply_relocations: relocation sections are checked where they are used.
#pragma once

#include <relo/micro/load_info.hpp>
#include <relo/stage/apply_relocations.hpp>

namespace relo::micro {

/// Symbols are resolved when a relocation asks for them; with this stage, what no loader can
/// resolve is refused as by the general one's: indirect functions, thread-local symbols, and those
/// of a module that goes.
struct simplify_symbols {
  static constexpr const char* name = "simplify_symbols";
  static constexpr bool reads = false;

  template <class Load>
  constexpr errc run(Load&) const {
    return errc::ok;
  }
};

/// Quick: words that a known address is added to, of which a module has the most, have a path of
/// their own, at the cost of some flash.
template <bool Quick>
struct basic_apply_relocations {
  static constexpr const char* name = "apply_relocations";

  /// By itself, it has registers enough.
  static constexpr auto one = [](auto& section, const auto& records, std::uint32_t n, const auto r)
                                  __attribute__((noinline)) {
                                    if (Quick && section.apply_known(r)) return errc::ok;
                                    return section.apply(records, n, r);
                                  };

  template <class Load>
  constexpr errc run(Load& load) const {
    const auto fail = [&](errc code, const where& at) { return load.fail(code, at); };
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!load.image.may_be_relocations(s)) continue;
      if (s.sh_info() >= load.image.sections())
        return load.fail(errc::bad_relocation_section, {.section = i, .value = s.sh_info()});
      if (load.section_address(s.sh_info()) == load.not_loaded) continue;
      if (const errc e = load.image.check_records(i, s, fail); e != errc::ok) return e;
      if constexpr (Load::names_all) {
        if (const errc e = apply_or_name_all(load, s); e != errc::ok) return e;
      } else if (const errc e = stages::apply_relocations::apply(load, load.image.records_of(s),
                                                                 s.sh_info(), one);
                 e != errc::ok) {
        return e;
      }
    }
    return errc::ok;
  }

 private:
  template <class Load, class Header>
  static constexpr errc apply_or_name_all(Load& load, const Header& s) {
    std::uint32_t asked = 0;
    const errc e = stages::apply_relocations::apply(
        load, load.image.records_of(s), s.sh_info(),
        [&](auto& section, const auto& records, std::uint32_t n, const auto& r) {
          asked = r.r_sym();
          return one(section, records, n, r);
        });
    if (e == errc::unknown_symbol) {
      load.note_told(asked);
      name_others(load);
    }
    return e;
  }

  /// Once a symbol is unknown, tells which others are that relocations ask for.
  template <class Load>
  static constexpr void name_others(Load& load) {
    using table = howto_table<typename Load::machine>;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!load.image.is_relocations(s) || !load.is_loaded(s.sh_info()) ||
          load.image.check_records(i, s, [](errc e, const where&) { return e; }) != errc::ok)
        continue;
      (void)load.image.for_each_relocation(load.image.records_of(s), [&](std::uint32_t,
                                                                         const auto& r) {
        const auto* const row = table::find(r.r_type());
        const std::uint32_t symbol = r.r_sym();
        typename Load::addr value = 0;
        if (row != nullptr && table::kind(*row) == howto_kind::apply && load.is_unasked(symbol) &&
            load.symbol_address(symbol, value) == errc::unknown_symbol) {
          load.note_told(symbol);
          (void)load.fail_also(errc::unknown_symbol, errc::unknown_symbol, {.symbol = symbol});
        }
        return errc::ok;
      });
    }
  }
};
using apply_relocations = basic_apply_relocations<false>;
using quick_apply_relocations = basic_apply_relocations<true>;

}  // namespace relo::micro
