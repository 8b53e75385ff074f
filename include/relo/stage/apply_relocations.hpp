// apply_relocations: every record of every relocation section whose target is loaded.
#pragma once

#include <relo/reloc/apply.hpp>

namespace relo::stages {

struct apply_relocations {
  static constexpr const char* name = "apply_relocations";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (load.image.is_relocations(s) && load.is_loaded(s.sh_info()))
        if (const errc e = apply(
                load, load.image.records_of(s), s.sh_info(),
                [](auto& section, const auto&... record) { return section.apply(record...); });
            e != errc::ok)
          return e;
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

}  // namespace relo::stages
