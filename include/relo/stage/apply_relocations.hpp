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
      if (!load.image.is_relocations(s)) continue;
      const std::uint32_t target = s.sh_info();
      const auto at = load.place_of(target);
      if (at.type == mem_type::in_image) continue;

      relocated_section<Load> section{load, load.bytes_at(at, load.image.section(target).sh_size()),
                                      load.address_of(at)};
      const errc e = load.image.for_each_relocation(s, [&](std::uint32_t n, const auto& r) {
        const errc code = section.apply(r);
        if (code == errc::ok) return code;
        const bool named = r.r_sym() < load.image.symbols();
        return load.fail(code, {.section = target,
                                .symbol = named ? r.r_sym() : where::none,
                                .relocation = n,
                                .type = r.r_type(),
                                .offset = r.r_offset(),
                                .value = named ? section.refused : r.r_sym()});
      });
      if (e != errc::ok) return e;
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
