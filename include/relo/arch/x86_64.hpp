// x86-64. System V ABI, AMD64 Architecture Processor Supplement, section 4.4.
//
// What is odd about it:
//  - Elf64_Rela only; the addend stands in the record, never in the place.
//  - Most references are 32 bits wide: PC-relative ones reach 2 GiB either way, R_X86_64_32 the
//    low and 32S (kernel code model) the low and high 2 GiB. Where a module is placed decides
//    whether it can be relocated at all.
//  - A branch to a function is PLT32, whether or not the compiler knew the function near; PC32
//    may be data. So only PLT32 may be answered by a veneer.
//  - P is the place, not the end of the instruction: compilers put the difference in A.
//  - GOTPCRELX marks instructions that a linker may rewrite to avoid the GOT slot. A loader
//    need not, and this one leaves code as it was compiled. CODE_n_GOTPCRELX are the same in
//    instructions of APX that begin n bytes before the field.
//  - GOT32, GOT64 and GOTPLT64 are relative to the GOT; code that uses them finds the GOT
//    through GOTPC32 or GOTPC64, whose symbol is _GLOBAL_OFFSET_TABLE_.
//  - SIZE32 and SIZE64 know the size of what the object defines; tables of symbols have none, so
//    that of an undefined symbol is 0, as it is for a symbol that GNU ld was given a value for.
//  - The overflow checks are GNU ld's: 16, PC16 and 8 take signed and unsigned values alike.
#pragma once

#include <relo/reloc/machine.hpp>

namespace relo::arch {

namespace detail {

using namespace terms;
using enum overflow;

// clang-format off
inline constexpr howto x86_64_howtos[] = {
    {2, "R_X86_64_PC32", word32, S + A - P, signed_},
    {4, "R_X86_64_PLT32", word32, L + A - P, signed_},
    {1, "R_X86_64_64", word64, S + A, dont},
    {11, "R_X86_64_32S", word32, S + A, signed_},
    {10, "R_X86_64_32", word32, S + A, unsigned_},
    {24, "R_X86_64_PC64", word64, S + A - P, dont},
    {12, "R_X86_64_16", word16, S + A, bitfield},
    {13, "R_X86_64_PC16", word16, S + A - P, bitfield},
    {14, "R_X86_64_8", word8, S + A, bitfield},
    {15, "R_X86_64_PC8", word8, S + A - P, signed_},
    {9, "R_X86_64_GOTPCREL", word32, G + GOT + A - P, signed_},
    {41, "R_X86_64_GOTPCRELX", word32, G + GOT + A - P, signed_},
    {42, "R_X86_64_REX_GOTPCRELX", word32, G + GOT + A - P, signed_},
    {43, "R_X86_64_CODE_4_GOTPCRELX", word32, G + GOT + A - P, signed_},
    {46, "R_X86_64_CODE_5_GOTPCRELX", word32, G + GOT + A - P, signed_},
    {49, "R_X86_64_CODE_6_GOTPCRELX", word32, G + GOT + A - P, signed_},
    {28, "R_X86_64_GOTPCREL64", word64, G + GOT + A - P, dont},
    {3, "R_X86_64_GOT32", word32, G + A, signed_},
    {27, "R_X86_64_GOT64", word64, G + A, dont},
    {30, "R_X86_64_GOTPLT64", word64, G + A, dont},
    {25, "R_X86_64_GOTOFF64", word64, S + A - GOT, dont},
    {31, "R_X86_64_PLTOFF64", word64, S + A - GOT, dont},
    {26, "R_X86_64_GOTPC32", word32, GOT + A - P, signed_},
    {29, "R_X86_64_GOTPC64", word64, GOT + A - P, dont},
    {32, "R_X86_64_SIZE32", word32, Z + A, unsigned_},
    {33, "R_X86_64_SIZE64", word64, Z + A, dont},
    {39, "R_X86_64_PC32_BND", word32, S + A - P, signed_},
    {40, "R_X86_64_PLT32_BND", word32, L + A - P, signed_},
    {.type = 0, .name = "R_X86_64_NONE", .kind = howto_kind::none},
    {.type = 250, .name = "R_X86_64_GNU_VTINHERIT", .kind = howto_kind::none},
    {.type = 251, .name = "R_X86_64_GNU_VTENTRY", .kind = howto_kind::none},
    {.type = 16, .name = "R_X86_64_DTPMOD64", .kind = howto_kind::tls},
    {.type = 17, .name = "R_X86_64_DTPOFF64", .kind = howto_kind::tls},
    {.type = 18, .name = "R_X86_64_TPOFF64", .kind = howto_kind::tls},
    {.type = 19, .name = "R_X86_64_TLSGD", .kind = howto_kind::tls},
    {.type = 20, .name = "R_X86_64_TLSLD", .kind = howto_kind::tls},
    {.type = 21, .name = "R_X86_64_DTPOFF32", .kind = howto_kind::tls},
    {.type = 22, .name = "R_X86_64_GOTTPOFF", .kind = howto_kind::tls},
    {.type = 23, .name = "R_X86_64_TPOFF32", .kind = howto_kind::tls},
    {.type = 34, .name = "R_X86_64_GOTPC32_TLSDESC", .kind = howto_kind::tls},
    {.type = 35, .name = "R_X86_64_TLSDESC_CALL", .kind = howto_kind::tls},
    {.type = 36, .name = "R_X86_64_TLSDESC", .kind = howto_kind::tls},
    {.type = 44, .name = "R_X86_64_CODE_4_GOTTPOFF", .kind = howto_kind::tls},
    {.type = 45, .name = "R_X86_64_CODE_4_GOTPC32_TLSDESC", .kind = howto_kind::tls},
    {.type = 47, .name = "R_X86_64_CODE_5_GOTTPOFF", .kind = howto_kind::tls},
    {.type = 48, .name = "R_X86_64_CODE_5_GOTPC32_TLSDESC", .kind = howto_kind::tls},
    {.type = 50, .name = "R_X86_64_CODE_6_GOTTPOFF", .kind = howto_kind::tls},
    {.type = 51, .name = "R_X86_64_CODE_6_GOTPC32_TLSDESC", .kind = howto_kind::tls},
    {.type = 5, .name = "R_X86_64_COPY", .kind = howto_kind::dynamic},
    {.type = 6, .name = "R_X86_64_GLOB_DAT", .kind = howto_kind::dynamic},
    {.type = 7, .name = "R_X86_64_JUMP_SLOT", .kind = howto_kind::dynamic},
    {.type = 8, .name = "R_X86_64_RELATIVE", .kind = howto_kind::dynamic},
    {.type = 37, .name = "R_X86_64_IRELATIVE", .kind = howto_kind::dynamic},
    {.type = 38, .name = "R_X86_64_RELATIVE64", .kind = howto_kind::dynamic},
};
// clang-format on

}  // namespace detail

struct x86_64 {
  using role = role::machine;
  using format = elf::elf64le;
  static constexpr std::uint16_t machine = elf::em::x86_64;
  static constexpr bool rela = true;
  static constexpr auto& howtos = detail::x86_64_howtos;
  static constexpr std::size_t got_entry = 8;
  static constexpr std::uint32_t large_common = 0xff02;  // SHN_X86_64_LCOMMON: -mcmodel=medium

  /// The psABI defines no e_flags, and producers set none that matter.
  static constexpr bool accepts(std::uint32_t) noexcept { return true; }

  static constexpr std::size_t veneer_size = 16, veneer_align = 16;
  /// jmp *2(%rip); ud2; .quad target. Any distance, and no register is touched.
  static constexpr void write_veneer(unsigned char* to, std::uint64_t,
                                     std::uint64_t target) noexcept {
    constexpr unsigned char jump[8] = {0xff, 0x25, 0x02, 0x00, 0x00, 0x00, 0x0f, 0x0b};
    copy_bytes(to, jump, sizeof jump);
    write_int<std::endian::little>(to + sizeof jump, target);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint64_t target) noexcept {
    return read_int<std::uint64_t, std::endian::little>(code + 8) == target;
  }
};

/// As the kernel's apply_relocate_add() for x86-64: modules are placed within reach of
/// everything, so there are neither GOT nor veneers.
using x86_64_kernel =
    without_veneers<only<x86_64, "R_X86_64_PC32", "R_X86_64_PLT32", "R_X86_64_64", "R_X86_64_32S",
                         "R_X86_64_32", "R_X86_64_PC64", "R_X86_64_NONE">>;

}  // namespace relo::arch
