// layout_and_allocate: what may not be together is refused, per-CPU data goes elsewhere, sections
// and symbol tables get their places.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod::stages {

/// What a machine does to sections before they have a place, if it does.
struct module_frob_arch_sections {
  static constexpr const char* name = "module_frob_arch_sections";
  using needs = facets<facet::places>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (requires { Load::machine::module_frob_arch_sections(load); })
      return Load::machine::module_frob_arch_sections(load);
    return errc::ok;
  }
};

struct module_enforce_rwx_sections {
  static constexpr const char* name = "module_enforce_rwx_sections";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!load.settings().strict_module_rwx) return errc::ok;
    constexpr std::uint32_t both = elf::shf::write | elf::shf::execinstr;
    for (std::uint32_t i = 0; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if ((s.sh_flags() & both) != both) continue;
      load.printk(load.mod->name, ": section ", load.image.section_name(s), " (index ", i,
                  ") has invalid WRITE|EXEC flags");
      return load.fail(errc::writable_and_executable, in_section(i));
    }
    return errc::ok;
  }
};

/// The kernel's masks over sections in file order: first those that stay, then those of init.
struct layout_sections {
  static constexpr const char* name = "layout_sections";
  using needs = facets<facet::places>;
  using gives = facets<facet::layout>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    const std::uint32_t sealed[] = {load.find_sec(".data..ro_after_init"),
                                    load.find_sec("__jump_table")};
    for (const bool init : {false, true})
      for (const mask& m : masks)
        for (std::uint32_t i = 0; i < load.image.sections(); ++i) {
          const auto s = load.image.section(i);
          auto flags = load.flags_of(i, s);
          if (i != 0 && (i == sealed[0] || i == sealed[1])) flags |= ro_after_init;
          if ((flags & m.all) != m.all || (flags & m.none) != 0 || load.is_loaded(i) ||
              load.image.section_name(s).starts_with(".init") != init)
            continue;
          if (const errc e = load.place_section(i, init ? m.init : m.core); e != errc::ok) return e;
        }
    return errc::ok;
  }

 private:
  static constexpr std::uint32_t ro_after_init = 0x00200000;  // SHF_RO_AFTER_INIT
  struct mask {
    std::uint32_t all, none;
    mem_type core, init;
  };
  // SHF_ARCH_SMALL, the fifth, is no flag of the machines here.
  static constexpr mask masks[] = {
      {elf::shf::execinstr | elf::shf::alloc, 0, mem_type::text, mem_type::init_text},
      {elf::shf::alloc, elf::shf::write, mem_type::rodata, mem_type::init_rodata},
      {ro_after_init | elf::shf::alloc, 0, mem_type::ro_after_init, mem_type::init_data},
      {elf::shf::write | elf::shf::alloc, 0, mem_type::data, mem_type::init_data},
  };
};

/// Room for the symbols: all of them among the init memory, and those that stay, for kallsyms.
struct layout_symtab {
  static constexpr const char* name = "layout_symtab";
  using needs = facets<facet::layout>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    using symbol_record = typename Load::image_type::symbol_record;
    auto& to = load.kallsyms;
    const auto symbols = load.image.section(load.index.sym);
    load.finish_region(mem_type::data);
    load.finish_region(mem_type::init_data);
    if (const errc e = load.place_section(load.index.sym, mem_type::init_data); e != errc::ok)
      return e;

    addr names = 0;
    for (std::uint32_t i = 0; i < load.image.symbols(); ++i)
      if (load.is_core_symbol(i)) {
        names = static_cast<addr>(names + load.image.symbol_name(load.image.symbol(i)).size() + 1);
        ++to.core_symbols;
      }
    const auto reserve = [&](mem_type type, addr size, addr align, place<addr>& at) {
      const errc e = load.reserve(type, size, align, at);
      return e == errc::ok ? e : load.fail(e, in_section(load.index.sym, size));
    };
    const addr count = to.core_symbols;
    if (const errc e = reserve(mem_type::data, count * static_cast<addr>(symbol_record::size),
                               symbols.sh_addralign(), to.core_symtab);
        e != errc::ok)
      return e;
    if (const errc e = reserve(mem_type::data, names, 1, to.core_strtab); e != errc::ok) return e;
    if (const errc e = reserve(mem_type::data, count, 1, to.core_typetab); e != errc::ok) return e;

    if (const errc e = load.place_section(load.index.str, mem_type::init_data); e != errc::ok)
      return e;
    // struct mod_kallsyms: symtab, num_symtab, strtab, typetab.
    if (const errc e =
            reserve(mem_type::init_data, 4 * sizeof(addr), sizeof(addr), to.mod_kallsyms);
        e != errc::ok)
      return e;
    return reserve(mem_type::init_data, load.image.symbols(), 1, to.typetab);
  }
};

}  // namespace relo::kmod::stages
