// apply_relocations: every record of every relocation section whose target is loaded.
#pragma once

#include <relo/load_info.hpp>
#include <relo/reloc/apply.hpp>

namespace relo::stages {

/// Quick: words that a known address is added to, of which a module has the most, have a path of
/// their own, at the cost of some flash; where symbols are resolved when they are asked for.
template <bool Quick>
struct basic_apply_relocations {
  static constexpr const char* name = "apply_relocations";
  using undo = nothing_to_undo;
  using needs = facets<facet::memory, facet::values>;
  using gives = facets<facet::relocated>;

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if constexpr (Load::checked_first) {
        if (!load.image.is_relocations(s) || !load.is_loaded(s.sh_info())) continue;
        if (const errc e = apply(
                load, load.image.records_of(s), s.sh_info(),
                [](auto& section, const auto&... record) { return section.apply(record...); });
            e != errc::ok)
          return e;
      } else {
        if (const errc e = check_and_apply(load, i, s); e != errc::ok) return e;
      }
    }
    return errc::ok;
  }

  /// The records that are for one section, which is loaded. `one` applies one of them.
  template <class Load, class Records, class One>
  static constexpr errc apply(Load& load, const Records records, std::uint32_t target, One one) {
    const auto size = load.image.section(target).sh_size();
    unsigned char* const data = load.section_data(target, size);
    using section_type = relocated_section<Load>;
    section_type section{load, data, data == nullptr ? 0 : size, load.section_address(target)};
    const auto refuse = [&](errc e, std::uint32_t n, const auto& r) {
      if constexpr (Load::loader_type::diagnostics_type::keeps_location)
        if (e == errc::unknown_relocation)
          e = told_types<typename whole_machine<typename Load::machine>::type>::find(r.r_type())
                  .reason;
      const bool named = r.r_sym() < load.image.symbols();
      return load.fail(e, {.section = target,
                           .symbol = named ? r.r_sym() : where::none,
                           .relocation = n,
                           .type = r.r_type(),
                           .offset = r.r_offset(),
                           .value = named ? section.refused : r.r_sym(),
                           .advice = advice(load, e, r)});
    };
    // Of a pair that is none, the one is told whose other is missing.
    const errc e = load.image.for_each_relocation(records, [&](std::uint32_t n, const auto& r) {
      const errc told = one(section, records, n, r);
      if (told == errc::ok) return told;
      if constexpr (section_type::pairs)
        if (told == errc::relocation_not_paired && section.first_half.waits)
          return refuse(errc::relocation_not_paired, section.first_half.number,
                        section.first_half.record);
      return refuse(told, n, r);
    });
    if constexpr (section_type::pairs)
      if (e == errc::ok && section.first_half.waits)
        return refuse(errc::relocation_not_paired, section.first_half.number,
                      section.first_half.record);
    return e;
  }

 private:
  /// By itself, it has registers enough.
  static constexpr auto apply_one = [](auto& section, const auto& records, std::uint32_t n,
                                       const auto r) __attribute__((noinline)) {
    if constexpr (Quick)
      if (section.apply_known(r)) return errc::ok;
    return section.apply(records, n, r);
  };

  /// Of an object whose records nobody has looked at yet.
  template <class Load, class Header>
  static constexpr errc check_and_apply(Load& load, std::uint32_t i, const Header& s) {
    if (!load.image.may_be_relocations(s)) return errc::ok;
    if (s.sh_info() >= load.image.sections())
      return load.fail(errc::bad_relocation_section, in_section(i, s.sh_info()));
    if (!load.is_loaded(s.sh_info())) return errc::ok;
    const auto fail = [&](errc code, const auto& at) { return load.fail(code, at); };
    if (const errc e = load.image.check_records(i, s, fail); e != errc::ok) return e;
    if constexpr (Load::names_all && !Load::loader_type::values::all_first)
      return apply_or_name_all(load, s);
    else return apply(load, load.image.records_of(s), s.sh_info(), apply_one);
  }

  template <class Load, class Header>
  static constexpr errc apply_or_name_all(Load& load, const Header& s) {
    std::uint32_t asked = 0;
    const errc e = apply(load, load.image.records_of(s), s.sh_info(),
                         [&](auto& section, const auto& records, std::uint32_t n, const auto& r) {
                           asked = r.r_sym();
                           return apply_one(section, records, n, r);
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
      (void)load.image.for_each_relocation(
          load.image.records_of(s), [&](std::uint32_t, const auto& r) {
            const auto* const row = table::find(r.r_type());
            const std::uint32_t symbol = r.r_sym();
            typename Load::addr value = 0;
            if (row != nullptr && table::kind(*row) == howto_kind::apply &&
                load.is_unasked(load, symbol) &&
                load.symbol_address(symbol, value) == errc::unknown_symbol) {
              load.note_told(symbol);
              (void)load.fail_also(errc::unknown_symbol, errc::unknown_symbol, of_symbol(symbol));
            }
            return errc::ok;
          });
    }
  }

  /// What makes an address fit: of an undefined symbol, which may be anywhere, a word in the GOT;
  /// of the module's own, which may be anywhere itself, a distance. And why a type is refused.
  template <class Load, class Record>
  static constexpr const char* advice([[maybe_unused]] Load& load, [[maybe_unused]] errc e,
                                      [[maybe_unused]] const Record& r) noexcept {
    using machine = typename Load::machine;
    if constexpr (Load::loader_type::diagnostics_type::keeps_location)
      if (e == errc::relocation_not_supported)
        return told_types<typename whole_machine<machine>::type>::find(r.r_type()).why;
    if (e != errc::relocation_overflow) return "";
    // Which rows are branches, that no flag has go another way, is known by their veneers.
    if constexpr (uses_got<machine> && uses_veneers<machine> &&
                  Load::loader_type::diagnostics_type::keeps_location)
      for (const howto& h : machine::howtos) {
        if (h.type != r.r_type() || h.where.bytes < 4 ||
            h.value != expression{.s = 1, .a = 1, .p = h.value.p})
          continue;
        if (load.image.symbol_section(r.r_sym(), load.image.symbol(r.r_sym())) == elf::shn::undef)
          return "too far away for code compiled without -fPIC: compile with -fPIC";
        if (h.value.p == 0) return "compile it with -fPIE or -fPIC";
      }
    return "";
  }
};
using apply_relocations = basic_apply_relocations<false>;
using quick_apply_relocations = basic_apply_relocations<true>;

}  // namespace relo::stages
