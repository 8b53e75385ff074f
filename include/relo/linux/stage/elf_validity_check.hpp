// elf_validity_check, setup_load_info; since 6.4 in one, elf_validity_cache_copy: the file is what
// it says as far as the kernel asks, in its order and its words.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod::stages {

namespace detail {

inline constexpr const char* this_module = ".gnu.linkonce.this_module";

/// The header, the section table, the section names and each section's place in the file. Calls
/// section(i, header) for those that have one.
template <class Load, class F>
constexpr errc check_elf(Load& load, F&& section) {
  using machine = typename Load::machine;
  using image = typename Load::image_type;
  using addr = typename Load::addr;
  const auto refuse = [&](errc e, const where& at, const auto&... words) {
    if constexpr (Load::traits::says_what_it_refuses) load.printk(words...);
    return load.fail(e, at);
  };
  auto& im = load.image;
  const std::size_t length = im.source().size();
  if (length < image::header_record::size)
    return refuse(errc::truncated_header, {.value = length}, "Invalid ELF header len ", length);
  const auto h = im.header();
  for (std::size_t i = 0; i < 4; ++i)
    if (h.e_ident(i) != static_cast<unsigned char>("\x7f"
                                                   "ELF"[i]))
      return refuse(errc::bad_magic, {},
                    "Invalid ELF header magic: != \x7f"
                    "ELF");
  if (h.e_type() != elf::et_rel)
    return refuse(errc::not_relocatable, {.value = h.e_type()},
                  "Invalid ELF header type: ", h.e_type(), " != ", elf::et_rel);
  if (h.e_machine() != machine::machine)
    return refuse(errc::wrong_machine, {.value = h.e_machine()},
                  "Invalid architecture in ELF header: ", h.e_machine());
  if (h.e_shentsize() != image::section_header::size)
    return refuse(errc::bad_section_entry_size, {.value = h.e_shentsize()},
                  "Invalid ELF section header size");
  const std::uint32_t count = h.e_shnum();
  const addr shoff = h.e_shoff();
  if (shoff >= length || std::size_t{count} * image::section_header::size > length - shoff)
    return refuse(errc::section_table_out_of_file, {.value = shoff},
                  "Invalid ELF section header overflow");
  im.set_sections(shoff, count);

  const std::uint32_t names = h.e_shstrndx();
  if (names == elf::shn::undef || names >= count)
    return refuse(errc::bad_section_name_table, {.value = names},
                  "Invalid ELF section name index: ", names, " || e_shstrndx (", names,
                  ") >= e_shnum (", count, ")");
  const auto strings = im.section(names);
  if (!im.within_file(strings.sh_offset(), strings.sh_size()))
    return refuse(errc::bad_section_name_table, {.value = names}, "Invalid ELF section hdr(type ",
                  strings.sh_type(), ")");
  if (strings.sh_size() == 0)
    return refuse(errc::bad_section_name_table, {.value = names}, "empty section name table");
  if (static_cast<unsigned char>(im.source().data()[strings.sh_offset() + strings.sh_size() - 1]) !=
      0)
    return refuse(errc::bad_section_name_table, {.value = names},
                  "ELF Spec violation: section name table isn't null terminated");
  im.set_section_names(strings.sh_offset());

  const auto first = im.section(0);
  if (first.sh_type() != elf::sht::null || first.sh_size() != 0 || first.sh_addr() != 0)
    return refuse(errc::section_0_not_null, {.section = 0, .value = first.sh_type()},
                  "ELF Spec violation: section 0 type(", dec{static_cast<int>(first.sh_type())},
                  ")!=SH_NULL or non-zero len or addr");

  for (std::uint32_t i = 1; i < count; ++i) {
    const auto s = im.section(i);
    const std::uint32_t type = s.sh_type();
    if (type == elf::sht::null || type == elf::sht::nobits) continue;
    if (type == elf::sht::symtab && (s.sh_link() == elf::shn::undef || s.sh_link() >= count))
      return refuse(errc::bad_symbol_strings, {.section = i, .value = s.sh_link()},
                    "Invalid ELF sh_link!=SHN_UNDEF(", dec{static_cast<int>(s.sh_link())},
                    ") or (sh_link(", dec{static_cast<int>(s.sh_link())}, ") >= hdr->e_shnum(",
                    count, ")");
    if (!im.within_file(s.sh_offset(), s.sh_size()))
      return refuse(errc::section_out_of_file, {.section = i, .value = s.sh_size()},
                    "Invalid ELF section in module (section ", i, " type ", type, ")");
    section(i, s);
    if ((s.sh_flags() & elf::shf::alloc) != 0 && s.sh_name() >= strings.sh_size())
      return refuse(errc::section_name_out_of_range, {.section = i, .value = s.sh_name()},
                    "Invalid ELF section name in module (section ", i, " type ", type, ")");
  }
  // Sooner or later the kernel compares every section's name with those that it knows.
  for (std::uint32_t i = 0; i < count; ++i)
    if (const auto s = im.section(i); !im.has_name(s))
      return load.fail(errc::section_name_out_of_range, in_section(i, s.sh_name()));
  return errc::ok;
}

template <class Load>
constexpr errc no_symbols(Load& load) {
  load.printk(load.early_name(), ": module has no symbols (stripped?)");
  return load.fail(errc::no_symbol_table);
}

/// A symbol table that is no multiple of symbols long makes the kernel write beyond its memory.
template <class Load>
constexpr errc take_symbols(Load& load, std::uint32_t index) {
  const auto s = load.image.section(index);
  if (s.sh_size() % Load::image_type::symbol_record::size != 0 ||
      !load.image.within_file(s.sh_offset(), s.sh_size()))
    return load.fail(errc::bad_symbol_table, in_section(index, s.sh_size()));
  if (s.sh_link() >= load.image.sections())
    return load.fail(errc::bad_symbol_strings, in_section(index, s.sh_link()));
  load.index.sym = index;
  load.index.str = s.sh_link();
  load.image.set_symbols(index, s);
  return errc::ok;
}

/// A module to load into, under the name that its struct module has. Kernel: info->mod.
template <class Load>
constexpr errc take_module(Load& load, std::uint32_t index) {
  using addr = typename Load::addr;
  // enum module_state state; struct list_head list; char name[MODULE_NAME_LEN];
  constexpr addr name_at = align_up(addr{4}, sizeof(addr)) + 2 * sizeof(addr);
  constexpr std::size_t name_length = 64 - sizeof(addr);
  const auto s = load.image.section(index);
  // What is smaller than the name is no struct module of any kernel; what is smaller than this
  // kernel's would have it write into its neighbours.
  if (s.sh_type() == elf::sht::nobits || !load.image.within_file(s.sh_offset(), s.sh_size()) ||
      s.sh_size() < name_at + name_length || s.sh_size() < load.settings().module_size)
    return load.fail(error::bad_this_module, in_section(index, s.sh_size()));
  load.index.mod = index;
  const auto name = load.image.name_at(s.sh_offset(), name_at);
  if (!load.named) {
    load.name = name;
    load.note_name();
  }

  load.mod = load.loader.registry().acquire();
  if (load.mod == nullptr) return load.too_many_modules();
  text<name_length> called;
  called << name;
  load.mod->name = elf::name{called.c_str()};

  if (!load.has_flag(init_flags::ignore_modversions)) load.index.vers = load.find_sec("__versions");
  load.index.pcpu = load.find_sec(".data..percpu");
  load.mod->sig_ok = load.sig_ok;
  return errc::ok;
}

}  // namespace detail

/// Up to 6.3.
struct elf_validity_check {
  static constexpr const char* name = "elf_validity_check";
  using gives = facets<facet::image>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    return detail::check_elf(load, [](std::uint32_t, const auto&) {});
  }
};

/// Up to 6.3.
struct setup_load_info {
  static constexpr const char* name = "setup_load_info";
  using needs = facets<facet::image>;
  using gives = facets<facet::module>;
  static constexpr bool makes_module = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    load.index.modinfo = load.find_sec(".modinfo");
    load.find_name();

    std::uint32_t sym = 0;
    for (std::uint32_t i = 1; i < load.image.sections() && sym == 0; ++i)
      if (load.image.section(i).sh_type() == elf::sht::symtab) sym = i;
    if (sym == 0) return detail::no_symbols(load);
    if (const errc e = detail::take_symbols(load, sym); e != errc::ok) return e;

    const std::uint32_t mod = load.find_sec(detail::this_module);
    if (mod == 0) {
      load.printk(load.early_name(), ": No module found in object");
      return load.fail(error::bad_this_module);
    }
    return detail::take_module(load, mod);
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().release(m);
  }
};

/// From 6.4 on: the two before, and what there must be one of.
struct elf_validity_cache_copy {
  static constexpr const char* name = "elf_validity_cache_copy";
  using gives = facets<facet::image, facet::module>;
  static constexpr bool makes_module = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    struct found {
      std::uint32_t count = 0, index = 0;
      constexpr void note(std::uint32_t i) noexcept { ++count, index = i; }
    } symbols, infos, mods;
    const errc e = detail::check_elf(load, [&](std::uint32_t i, const auto& s) {
      if (s.sh_type() == elf::sht::symtab) symbols.note(i);
      const auto called = load.image.section_name(s);
      if (called == detail::this_module) mods.note(i);
      else if (called == ".modinfo") infos.note(i);
    });
    if (e != errc::ok) return e;

    if (infos.count > 1) {
      load.printk("Only one .modinfo section must exist.");
      return load.fail(error::several_modinfo_sections, in_section(infos.index));
    }
    load.index.modinfo = infos.index;
    load.find_name();
    if (symbols.count != 1) return detail::no_symbols(load);
    if (const errc taken = detail::take_symbols(load, symbols.index); taken != errc::ok)
      return taken;

    const auto refuse = [&](const char* why) {
      load.printk("module ", load.early_name(), ": ", why);
      return load.fail(error::bad_this_module, in_section(mods.index));
    };
    if (mods.count != 1) return refuse("Only one .gnu.linkonce.this_module section must exist.");
    const auto s = load.image.section(mods.index);
    if ((s.sh_flags() & elf::shf::alloc) == 0)
      return refuse(".gnu.linkonce.this_module must occupy memory during process execution");
    const std::size_t size = load.settings().module_size;
    if (size != 0 && s.sh_size() != size)
      return refuse(".gnu.linkonce.this_module section size must match the kernel's built struct "
                    "module size at run time");
    return detail::take_module(load, mods.index);
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().release(m);
  }
};

}  // namespace relo::kmod::stages
