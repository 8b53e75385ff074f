// apply_relocations: as the kernel's, and never outside the section that is relocated.
#pragma once

#include <relo/linux/load_info.hpp>
#include <relo/reloc/apply.hpp>

namespace relo::kmod::stages {

struct apply_relocations {
  static constexpr const char* name = "apply_relocations";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      const std::uint32_t target = s.sh_info(), type = s.sh_type();
      if (target >= load.image.sections() || !load.is_loaded(target)) continue;
      if ((s.sh_flags() & rela_livepatch) != 0) continue;
      if (type != elf::sht::rel && type != elf::sht::rela) continue;
      if (!load.image.is_relocations(s)) {
        load.printk("module ", load.mod->name, ": REL", type == elf::sht::rela ? "A" : "",
                    " relocation unsupported");
        return load.fail(errc::wrong_relocation_kind, {.section = i});
      }
      if (const errc e = apply(load, s, target); e != errc::ok) return e;
    }
    return errc::ok;
  }

 private:
  /// SHF_RELA_LIVEPATCH: applied by livepatch, when the object is there that it patches.
  static constexpr std::uint32_t rela_livepatch = 0x00100000;

  template <class Load, class Section>
  static constexpr errc apply(Load& load, const Section& records, std::uint32_t target) {
    using machine = typename Load::machine;
    const auto size = load.image.section(target).sh_size();
    unsigned char* const data = load.section_data(target, size);
    relocated_section<Load> section{load, data, data == nullptr ? 0 : size,
                                    load.section_address(target)};
    return load.image.for_each_relocation(records, [&](std::uint32_t n, const auto& r) {
      errc e = machine::check_place(load, section, r);
      if (e == errc::ok) e = section.apply(records, n, r);
      if (e == errc::ok || machine::overlooks(load, section, r, e)) return errc::ok;
      machine::explain(load, section, r, e);
      const bool named = r.r_sym() < load.image.symbols();
      return load.fail(e, {.section = target,
                           .symbol = named ? r.r_sym() : where::none,
                           .relocation = n,
                           .type = r.r_type(),
                           .offset = r.r_offset(),
                           .value = named ? section.refused : r.r_sym()});
    });
  }
};

}  // namespace relo::kmod::stages
