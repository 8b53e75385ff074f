// apply_relocations: relocation sections are checked where they are used.
#pragma once

#include <relo/micro/load_info.hpp>
#include <relo/stage/apply_relocations.hpp>

namespace relo::micro {

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
      if (const errc e =
              stages::apply_relocations::apply(load, load.image.records_of(s), s.sh_info(), one);
          e != errc::ok)
        return e;
    }
    return errc::ok;
  }
};
using apply_relocations = basic_apply_relocations<false>;
using quick_apply_relocations = basic_apply_relocations<true>;

}  // namespace relo::micro
