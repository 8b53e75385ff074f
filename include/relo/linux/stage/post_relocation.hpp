// post_relocation: what can be made of the module only now that it is relocated.
#pragma once

#include <relo/linux/policy/percpu.hpp>
#include <relo/linux/record/extable.hpp>

namespace relo::kmod::stages {

struct post_relocation {
  static constexpr const char* name = "post_relocation";
  using needs = facets<facet::relocated>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    sort_extable<typename Load::loader_type>(*load.mod);
    if (const errc e = percpu_modcopy(load); e != errc::ok) return e;
    if (const errc e = add_kallsyms(load); e != errc::ok) return e;
    if constexpr (requires { Load::machine::module_finalize(load); })
      return Load::machine::module_finalize(load);
    return errc::ok;
  }

 private:
  /// As the file has it: relocations of this section were left out.
  template <class Load>
  static constexpr errc percpu_modcopy(Load& load) {
    auto& mod = *load.mod;
    if (mod.percpu.empty()) return errc::ok;
    const std::uint32_t index = load.index.pcpu;
    const auto s = load.image.section(index);
    // If it has no contents, it was not found to be in the file; the kernel copies what is there.
    if (!load.image.within_file(s.sh_offset(), mod.percpu.size))
      return load.fail(errc::section_out_of_file, in_section(index, s.sh_size()));
    for (unsigned cpu = 0; cpu < load.settings().cpus; ++cpu)
      load.image.source().copy(static_cast<std::size_t>(s.sh_offset()), percpu_bytes(mod, cpu));
    return errc::ok;
  }

  /// Fills in what layout_symtab reserved.
  template <class Load>
  static constexpr errc add_kallsyms(Load& load) {
    using addr = typename Load::addr;
    using record = typename Load::image_type::symbol_record;
    constexpr std::size_t value_at = Load::machine::format::is_64 ? 8 : 4;
    const auto& to = load.kallsyms;
    auto& tables = load.mod->kallsyms;
    const addr count = load.image.symbols();
    const addr core_size = static_cast<addr>(to.core_symbols * record::size);
    const addr names_size = static_cast<addr>(to.core_typetab.offset - to.core_strtab.offset);

    tables.all = {load.section_extent(load.index.sym),
                  load.section_extent(load.index.str),
                  {load.address_of(to.typetab), count}};
    const auto symtab = load.mod->bytes_of(tables.all.symtab);
    if (symtab.size() / record::size < count)
      return load.fail(errc::bad_symbol_table, in_section(load.index.sym, count));
    const auto types = load.bytes_at(to.typetab, count);
    const auto core = load.bytes_at(to.core_symtab, core_size);
    const auto names = load.bytes_at(to.core_strtab, names_size);
    const auto core_types = load.bytes_at(to.core_typetab, to.core_symbols);

    std::size_t kept = 0, name_at = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      unsigned char* const record_at = symtab.data() + std::size_t{i} * record::size;
      if (i != 0) load.write_word(record_at + value_at, load.values[i]);
      types[i] = static_cast<unsigned char>(elf_type(load, i));
      if (!load.is_core_symbol(i)) continue;
      const auto called = load.image.symbol_name(load.image.symbol(i));
      const std::size_t size = called.size() + 1;
      if (kept == to.core_symbols || size > names.size() - name_at) break;
      unsigned char* const copy = core.data() + kept * record::size;
      copy_bytes(copy, record_at, record::size);
      write_int<Load::byte_order>(copy, static_cast<std::uint32_t>(name_at));
      for (std::size_t k = 0; k < size; ++k)
        names[name_at++] = static_cast<unsigned char>(called[k]);
      core_types[kept++] = types[i];
    }
    tables.core = {{load.address_of(to.core_symtab), static_cast<addr>(kept * record::size)},
                   {load.address_of(to.core_strtab), names_size},
                   {load.address_of(to.core_typetab), static_cast<addr>(kept)}};

    const auto header = load.bytes_at(to.mod_kallsyms, 4 * sizeof(addr));
    const addr members[] = {tables.all.symtab.address, count, tables.all.strtab.address,
                            tables.all.typetab.address};
    for (std::size_t i = 0; i < std::size(members); ++i)
      load.write_word(header.data() + i * sizeof(addr), members[i]);
    return errc::ok;
  }

  /// nm(1)'s letter, in lower case.
  template <class Load>
  static constexpr char elf_type(Load& load, std::uint32_t i) {
    const auto s = load.image.symbol(i);
    const std::uint32_t in = s.st_shndx();
    if (s.bind() == elf::stb::weak) return s.type() == elf::stt::object ? 'v' : 'w';
    if (in == elf::shn::undef) return 'U';
    if (in == elf::shn::abs || in == load.index.pcpu) return 'a';
    if (in >= elf::shn::loreserve || in >= load.image.sections()) return '?';
    const auto section = load.image.section(in);
    const auto flags = load.flags_of(in, section);
    const bool nobits = section.sh_type() == elf::sht::nobits;
    // The tables' own sections are loaded, too.
    const bool loaded = (flags & elf::shf::alloc) != 0 || load.is_loaded(in);
    if ((flags & elf::shf::execinstr) != 0) return 't';
    if (loaded && !nobits) return (flags & elf::shf::write) == 0 ? 'r' : 'd';
    if (nobits) return 'b';
    return load.image.section_name(section).starts_with(".debug") ? 'n' : '?';
  }
};

/// The first build ID among the module's notes.
struct init_build_id {
  static constexpr const char* name = "init_build_id";
  using needs = facets<facet::memory>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (load.image.section(i).sh_type() == elf::sht::note && load.is_loaded(i) &&
          parse_build_id<Load::byte_order>(load.mod->bytes_of(load.section_extent(i)),
                                           load.mod->build_id))
        break;
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
