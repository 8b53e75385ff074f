// Which memory type a section belongs to.
#pragma once

#include <relo/base/name.hpp>
#include <relo/base/role.hpp>
#include <relo/elf/constants.hpp>
#include <relo/layout/mem_type.hpp>

namespace relo {

/// What sections are.
///  - classify(name, sh_flags, sh_type) is the memory type of a section, or mem_type::in_image for
///    one that is not loaded. It depends on these three alone, for it is asked of a section more
///    than once. `name` is an elf::name of any storage.
template <class C>
concept classifier = requires(const C c, elf::name<const char*> name) {
  { c.classify(name, std::uint64_t{}, std::uint32_t{}) } -> std::same_as<mem_type>;
};

/// Code in .init or .fini is a piece of the function _init or _fini, which only a linker puts
/// together: its beginning is in crti.o, its end in crtn.o (gABI, Special Sections).
template <class Name>
constexpr bool is_init_fragment(const Name& name, std::uint64_t flags,
                                std::uint64_t size) noexcept {
  return (flags & elf::shf::execinstr) != 0 && size != 0 && (name == ".init" || name == ".fini");
}

/// By the flags of a section; and by its name where relo/plugin's headers say more by it: what is
/// returned after init, and what is sealed then. Names that merely begin like those are the
/// program's own, and mean nothing. (The kernel takes all that begins with .init for returned:
/// relo/linux/ has its own rules.)
///
/// What is called writable, but is written by relocation only, is read-only: .data.rel.ro, as every
/// linker has it, and constants that compilers call writable in position-independent code.
struct by_flags_and_name {
  using role = role::classifier;

  template <class Name>
  constexpr mem_type classify(const Name& name, std::uint64_t flags, std::uint32_t) const noexcept {
    if ((flags & elf::shf::alloc) == 0 || name == ".modinfo") return mem_type::in_image;
    const bool init = name == ".init.text" || name == ".init.data" || name == ".init.rodata";
    if ((flags & elf::shf::execinstr) != 0) return init ? mem_type::init_text : mem_type::text;
    if ((flags & elf::shf::write) == 0 || is_relocated_only(name))
      return init ? mem_type::init_rodata : mem_type::rodata;
    if (init) return mem_type::init_data;
    return name == ".data..ro_after_init" ? mem_type::ro_after_init : mem_type::data;
  }

 private:
  template <class Name>
  static constexpr bool is_relocated_only(const Name& name) noexcept {
    constexpr elf::name linkers{".data.rel.ro"};
    return (name.starts_with(".data.rel.ro") &&
            (name[linkers.size()] == '\0' || name[linkers.size()] == '.')) ||
           name == ".init.rodata" || name == "__param" || name == "__ksymtab" ||
           name == "__ksymtab_gpl";
  }
};

}  // namespace relo
