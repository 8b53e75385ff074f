// apply_relocations: as the kernel's, and never outside the section that is relocated.
#pragma once

#include <relo/linux/load_info.hpp>
#include <relo/stage/apply_relocations.hpp>

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
      const errc e = relo::stages::apply_relocations::apply(
          load, load.image.records_of(s), target,
          [&](auto& section, const auto& records, std::uint32_t n, const auto& r) {
            return apply(load, section, records, n, r);
          });
      if (e != errc::ok) return e;
    }
    return errc::ok;
  }

 private:
  /// SHF_RELA_LIVEPATCH: applied by livepatch, when the object is there that it patches.
  static constexpr std::uint32_t rela_livepatch = 0x00100000;

  template <class Load, class Section, class Records, class Record>
  static constexpr errc apply(Load& load, Section& section, const Records& records, std::uint32_t n,
                              const Record& r) {
    using machine = typename Load::machine;
    errc e = machine::check_place(load, section, r);
    if (e == errc::ok) e = section.apply(records, n, r);
    if (e == errc::ok || machine::overlooks(load, section, r, e)) return errc::ok;
    machine::explain(load, section, r, e);
    return e;
  }
};

}  // namespace relo::kmod::stages
