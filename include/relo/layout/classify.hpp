// Which memory type a section belongs to.
#pragma once

#include <relo/elf/constants.hpp>
#include <relo/elf/name.hpp>
#include <relo/layout/mem_type.hpp>

namespace relo {

namespace role {
struct classifier;
}

/// A section classifier: mem_type classify(name, sh_flags, sh_type), a function of these three
/// alone. mem_type::in_image drops the section.
template <class C>
concept classifier = requires(const C c, elf::name<const char*> name) {
  { c.classify(name, std::uint64_t{}, std::uint32_t{}) } -> std::same_as<mem_type>;
};

/// The kernel's rules (__layout_sections() and its masks, module_init_layout_section(),
/// rewrite_section_headers()), and one of every linker's: .data.rel.ro is written by
/// relocation only. So are the tables that relo/plugin makes, which compilers call writable in
/// position-independent code.
struct by_flags_and_name {
  using role = role::classifier;

  template <class Name>
  constexpr mem_type classify(const Name& name, std::uint64_t flags, std::uint32_t) const noexcept {
    if ((flags & elf::shf::alloc) == 0 || name == ".modinfo" || name == "__versions")
      return mem_type::in_image;
    const bool init = name.starts_with(".init");
    if ((flags & elf::shf::execinstr) != 0) return init ? mem_type::init_text : mem_type::text;
    if ((flags & elf::shf::write) == 0) return init ? mem_type::init_rodata : mem_type::rodata;
    if (init) return mem_type::init_data;
    if (name.starts_with(".data..ro_after_init") || name == "__jump_table")
      return mem_type::ro_after_init;
    if (name.starts_with(".data.rel.ro") || name.starts_with("__ksymtab") || name == "__param")
      return mem_type::rodata;
    return mem_type::data;
  }
};

}  // namespace relo
