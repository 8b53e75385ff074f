// apply_relocations: as the kernel's, and never outside the section that is relocated.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/stage/apply_relocations.hpp>

namespace relo::kmod::stages {

struct apply_relocations {
  static constexpr const char* name = "apply_relocations";
  using needs = facets<facet::memory, facet::values>;
  using gives = facets<facet::relocated>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      const std::uint32_t target = s.sh_info(), type = s.sh_type();
      if (target >= load.image.sections() || !load.is_loaded(target)) continue;
      if ((s.sh_flags() & rela_livepatch) != 0) {
        if (const errc e = check_livepatch(load, i, s); e != errc::ok) return e;
        continue;
      }
      if (type != elf::sht::rel && type != elf::sht::rela) continue;
      if (!load.image.is_relocations(s)) {
        load.printk("module ", load.mod->name, ": REL", type == elf::sht::rela ? "A" : "",
                    " relocation unsupported");
        return load.fail(errc::wrong_relocation_kind, in_section(i));
      }
      if (!load.image.within_file(s.sh_offset(), s.sh_size()))
        return load.fail(errc::section_out_of_file, in_section(i, s.sh_size()));
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

  /// They are named ".klp.rela.<object>.<section>". Kernel: klp_apply_section_relocs().
  template <class Load, class Header>
  static constexpr errc check_livepatch(Load& load, std::uint32_t i, const Header& s) {
    constexpr const char* prefix = ".klp.rela.";
    constexpr std::size_t length = 10;
    const auto called = load.image.section_name(s);
    if (!load.settings().livepatch ||
        (called.starts_with(prefix) && called[length] != '.' && called[length] != '\0'))
      return errc::ok;
    load.printk("livepatch: section ", called, " has an incorrectly formatted name");
    return load.fail(error::refused_by_livepatch, in_section(i));
  }

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
