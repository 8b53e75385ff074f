// Constants of the ELF gABI that a loader of relocatable objects reads. They carry the gABI's
// names in lower case, in the namespace of their prefix (SHT_NOBITS is sht::nobits), because
// <elf.h> defines the upper-case spellings as macros and a user may include both.
#pragma once

#include <cstdint>

namespace relo::elf {

enum class elf_class : unsigned char { elf32 = 1, elf64 = 2 };  // EI_CLASS
enum class elf_data : unsigned char { lsb = 1, msb = 2 };       // EI_DATA

inline constexpr std::uint16_t et_rel = 1;
inline constexpr unsigned char ev_current = 1;

namespace em {  // e_machine
inline constexpr std::uint16_t i386 = 3, arm = 40, x86_64 = 62, riscv = 243;
}

namespace sht {  // sh_type
inline constexpr std::uint32_t null = 0, progbits = 1, symtab = 2, strtab = 3, rela = 4, note = 7,
                               nobits = 8, rel = 9, init_array = 14, fini_array = 15,
                               preinit_array = 16, group = 17, symtab_shndx = 18, relr = 19,
                               loos = 0x60000000, hios = 0x6fffffff;
/// Up to symtab_shndx they are those of the gABI that an object may have: relocations are rel and
/// rela. Of the types after it, these hold relocations, too; crel is a proposal to the gABI, and
/// has the number that LLVM gives it until then.
inline constexpr std::uint32_t crel = 0x40000014, android_rel = 0x60000001,
                               android_rela = 0x60000002, android_relr = 0x6fffff00;
/// SHT_ARM_ATTRIBUTES, SHT_RISCV_ATTRIBUTES.
inline constexpr std::uint32_t attributes = 0x70000003;
}  // namespace sht

namespace shf {  // sh_flags
inline constexpr std::uint32_t write = 1, alloc = 2, execinstr = 4, os_nonconforming = 0x100,
                               tls = 0x400, compressed = 0x800, maskos = 0x0ff00000,
                               exclude = 0x80000000;
}

namespace shn {  // st_shndx
inline constexpr std::uint32_t undef = 0, loreserve = 0xff00, abs = 0xfff1, common = 0xfff2,
                               xindex = 0xffff;
}

namespace stb {  // ELF_ST_BIND(st_info)
inline constexpr unsigned local = 0, global = 1, weak = 2, gnu_unique = 10;
}

namespace stv {  // ELF_ST_VISIBILITY(st_other)
inline constexpr unsigned normal = 0, internal = 1, hidden = 2, protected_ = 3;
}
/// Whether other modules may use a symbol of that st_other.
constexpr bool visible(unsigned st_other) noexcept {
  const unsigned v = st_other & 3;
  return v == stv::normal || v == stv::protected_;
}

namespace stt {  // ELF_ST_TYPE(st_info)
inline constexpr unsigned notype = 0, object = 1, func = 2, section = 3, file = 4, common = 5,
                          tls = 6, gnu_ifunc = 10;
}

/// The name of a type of sections that are relocations; "" if it is none that is known.
constexpr const char* relocation_section_type(std::uint32_t sh_type) noexcept {
  switch (sh_type) {
    case sht::rel: return "SHT_REL";
    case sht::rela: return "SHT_RELA";
    case sht::relr: return "SHT_RELR";
    case sht::crel: return "SHT_CREL";
    case sht::android_rel: return "SHT_ANDROID_REL";
    case sht::android_rela: return "SHT_ANDROID_RELA";
    case sht::android_relr: return "SHT_ANDROID_RELR";
    default: return "";
  }
}

}  // namespace relo::elf
