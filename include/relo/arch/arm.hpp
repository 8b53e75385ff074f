// ARM, M profile: Thumb code only. ELF for the Arm Architecture (AAELF32), section 4.6.
//
// What is odd about it:
//  - Elf32_Rel: the addend stands in the place, in an instruction's own scattered bits. What is
//    patched twice from one image has two addends; so a module's bytes are copied, then patched.
//  - A 32-bit Thumb instruction is two halfwords, each in the machine's byte order, the first at
//    the lower address. The bit positions below are those of the little-endian word.
//  - Bit 0 of a function's address says Thumb. The psABI's (S + A) | T is S + A here, because
//    st_value, and so S, has that bit. To read a function's code through THM_PC12 is all that
//    would need it cleared.
//  - A branch reaches 16 MiB. Flash and RAM are usually farther apart, so calls from one into the
//    other go through veneers. They may change ip (r12), and these change nothing.
//  - MOVW and MOVT take their addend, 16 bits signed, as it is: MOVT's is not shifted.
//  - TARGET1 is ABS32, and TARGET2, which tables of exceptions have, REL32: as GNU ld for
//    arm-none-eabi has it by default. On Linux it would be GOT_PREL.
//  - NONE names what must be linked in (__aeabi_unwind_cpp_pr0); for a loader, nothing.
//  - Branches to a weak symbol that nobody defines go to 0, or to a veneer that does; a linker
//    makes them NOPs. Compilers do not let them be reached.
//  - LDR.W and ADR.W have a magnitude and a sign. CBZ and 16-bit LDR reach forwards only.
//  - ABS16 and ABS8 take what is 0 or more, as GNU ld does; the psABI's lower bounds, -2^15 and
//    -2^7, are not for addresses.
//  - Types of A32 code, of the static base (RWPI) and ABS32_NOI, REL32_NOI are not here: no
//    compiler for M profile writes them unasked, and an object that has one is refused.
//  - V4BX marks "bx reg" for processors without it; M profile has it, and nothing is done.
#pragma once

#include <relo/reloc/machine.hpp>

namespace relo::arch {

namespace detail::arm {

// clang-format off
/// BL, B.W: S:I1:I2:imm10:imm11:0. J1 is not (I1 xor S), J2 likewise.
inline constexpr field branch24{.bytes = 4, .bits = 25,
    .parts = {{{24, 1, 10}, {23, 1, 29}, {22, 1, 27}, {12, 10, 0}, {1, 11, 16}}}, .invert = 3 << 22};
/// B<c>.W: S:J2:J1:imm6:imm11:0.
inline constexpr field branch20{.bytes = 4, .bits = 21,
    .parts = {{{20, 1, 10}, {19, 1, 27}, {18, 1, 29}, {12, 6, 0}, {1, 11, 16}}}};
/// MOVW, MOVT: imm4:i:imm3:imm8.
inline constexpr field movw{.bytes = 4, .bits = 16,
    .parts = {{{12, 4, 0}, {11, 1, 10}, {8, 3, 28}, {0, 8, 16}}}};
inline constexpr field movt{.bytes = 4, .bits = 16, .parts = movw.parts, .shift = 16};
inline constexpr field low31{.bytes = 4, .bits = 31, .parts = {{{0, 31, 0}}}};
/// B, B<c>, CBZ: imm11:0, imm8:0, i:imm5:0.
inline constexpr field branch11{.bytes = 2, .bits = 12, .parts = {{{1, 11, 0}}}};
inline constexpr field branch8{.bytes = 2, .bits = 9, .parts = {{{1, 8, 0}}}};
inline constexpr field branch6{.bytes = 2, .bits = 7, .parts = {{{6, 1, 9}, {1, 5, 3}}}};
/// MOVS, ADDS: a byte of an address. The addend is 0 .. 255.
inline constexpr field group0{.bytes = 2, .bits = 32, .parts = {{{0, 8, 0}}}};
inline constexpr field group1{.bytes = 2, .bits = 32, .parts = group0.parts, .shift = 8};
inline constexpr field group2{.bytes = 2, .bits = 32, .parts = group0.parts, .shift = 16};
inline constexpr field group3{.bytes = 2, .bits = 32, .parts = group0.parts, .shift = 24};
/// LDR.W and its kin; ADR.W, which is ADDW or SUBW.
inline constexpr field literal12{.bytes = 4, .bits = 13, .parts = {{{0, 12, 16}}}, .plus = 0x80};
inline constexpr field adr12{.bytes = 4, .bits = 13,
    .parts = {{{11, 1, 10}, {8, 3, 28}, {0, 8, 16}}}, .minus = 0xa0};
/// LDR: imm8:00, forwards only.
inline constexpr field literal8{.bytes = 2, .bits = 10, .parts = {{{2, 8, 0}}}};
// clang-format on

using namespace terms;
using enum overflow;

// clang-format off
inline constexpr howto howtos[] = {
    {2, "R_ARM_ABS32", word32, S + A, dont},
    {10, "R_ARM_THM_CALL", branch24, L + A - P, signed_},
    {30, "R_ARM_THM_JUMP24", branch24, L + A - P, signed_},
    {3, "R_ARM_REL32", word32, S + A - P, dont},
    {47, "R_ARM_THM_MOVW_ABS_NC", movw, S + A, dont},
    {48, "R_ARM_THM_MOVT_ABS", movt, S + A, dont},
    {49, "R_ARM_THM_MOVW_PREL_NC", movw, S + A - P, dont},
    {50, "R_ARM_THM_MOVT_PREL", movt, S + A - P, dont},
    {51, "R_ARM_THM_JUMP19", branch20, L + A - P, signed_},
    {42, "R_ARM_PREL31", low31, S + A - P, signed_},
    {38, "R_ARM_TARGET1", word32, S + A, dont},
    {.type = 0, .name = "R_ARM_NONE", .kind = howto_kind::none},
    {102, "R_ARM_THM_JUMP11", branch11, S + A - P, signed_},
    {103, "R_ARM_THM_JUMP8", branch8, S + A - P, signed_},
    {52, "R_ARM_THM_JUMP6", branch6, S + A - P, unsigned_},
    {41, "R_ARM_TARGET2", word32, S + A - P, dont},
    {132, "R_ARM_THM_ALU_ABS_G0_NC", group0, S + A, dont},
    {133, "R_ARM_THM_ALU_ABS_G1_NC", group1, S + A, dont},
    {134, "R_ARM_THM_ALU_ABS_G2_NC", group2, S + A, dont},
    {135, "R_ARM_THM_ALU_ABS_G3_NC", group3, S + A, dont},
    {5, "R_ARM_ABS16", word16, S + A, unsigned_},
    {8, "R_ARM_ABS8", word8, S + A, unsigned_},
    {54, "R_ARM_THM_PC12", literal12, S + A - Pa, magnitude},
    {53, "R_ARM_THM_ALU_PREL_11_0", adr12, S + A - Pa, magnitude},
    {11, "R_ARM_THM_PC8", literal8, S + A - Pa, unsigned_},
    {26, "R_ARM_GOT_BREL", word32, G + A, dont},
    {96, "R_ARM_GOT_PREL", word32, G + GOT + A - P, dont},
    {24, "R_ARM_GOTOFF32", word32, S + A - GOT, dont},
    {25, "R_ARM_BASE_PREL", word32, GOT + A - P, dont},
    {.type = 40, .name = "R_ARM_V4BX", .kind = howto_kind::none},
    {.type = 100, .name = "R_ARM_GNU_VTENTRY", .kind = howto_kind::none},
    {.type = 101, .name = "R_ARM_GNU_VTINHERIT", .kind = howto_kind::none},
    {.type = 13, .name = "R_ARM_TLS_DESC", .kind = howto_kind::tls},
    {.type = 17, .name = "R_ARM_TLS_DTPMOD32", .kind = howto_kind::tls},
    {.type = 18, .name = "R_ARM_TLS_DTPOFF32", .kind = howto_kind::tls},
    {.type = 19, .name = "R_ARM_TLS_TPOFF32", .kind = howto_kind::tls},
    {.type = 90, .name = "R_ARM_TLS_GOTDESC", .kind = howto_kind::tls},
    {.type = 93, .name = "R_ARM_THM_TLS_CALL", .kind = howto_kind::tls},
    {.type = 104, .name = "R_ARM_TLS_GD32", .kind = howto_kind::tls},
    {.type = 105, .name = "R_ARM_TLS_LDM32", .kind = howto_kind::tls},
    {.type = 106, .name = "R_ARM_TLS_LDO32", .kind = howto_kind::tls},
    {.type = 107, .name = "R_ARM_TLS_IE32", .kind = howto_kind::tls},
    {.type = 108, .name = "R_ARM_TLS_LE32", .kind = howto_kind::tls},
    {.type = 20, .name = "R_ARM_COPY", .kind = howto_kind::dynamic},
    {.type = 21, .name = "R_ARM_GLOB_DAT", .kind = howto_kind::dynamic},
    {.type = 22, .name = "R_ARM_JUMP_SLOT", .kind = howto_kind::dynamic},
    {.type = 23, .name = "R_ARM_RELATIVE", .kind = howto_kind::dynamic},
    {.type = 160, .name = "R_ARM_IRELATIVE", .kind = howto_kind::dynamic},
};
// clang-format on

}  // namespace detail::arm

/// ARMv7-M and ARMv8-M mainline: Cortex-M3, M4, M7, M33, M55.
struct armv7m {
  using role = role::machine;
  using format = elf::elf32le;
  static constexpr std::uint16_t machine = elf::em::arm;
  static constexpr bool rela = false;
  static constexpr auto& howtos = detail::arm::howtos;
  static constexpr std::size_t got_entry = 4;

  /// EF_ARM_EABI_VER5.
  static constexpr bool accepts(std::uint32_t flags) noexcept { return flags >> 24 == 5; }

  static constexpr std::size_t veneer_size = 8, veneer_align = 4;
  /// ldr pc, [pc]; .word target. M profile has Thumb code only, so whoever named the target did
  /// not need to say so; ldr pc wants bit 0 set.
  static constexpr void write_veneer(unsigned char* to, std::uint32_t,
                                     std::uint32_t target) noexcept {
    store<std::endian::little>(to, std::uint32_t{0xf000'f8df});
    store<std::endian::little>(to + 4, target | 1);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint32_t target) noexcept {
    return load<std::uint32_t, std::endian::little>(code + 4) == (target | 1);
  }
};

/// ARMv6-M and ARMv8-M baseline: Cortex-M0, M0+, M1, M23.
struct armv6m : armv7m {
  static constexpr std::size_t veneer_size = 12, veneer_align = 4;
  /// push {r0, r1}; ldr r0, [pc, #4]; str r0, [sp, #4]; pop {r0, pc}; .word target. There is no
  /// ldr pc here, nor one of ip.
  static constexpr void write_veneer(unsigned char* to, std::uint32_t,
                                     std::uint32_t target) noexcept {
    store<std::endian::little>(to, std::uint32_t{0x4801'b403});
    store<std::endian::little>(to + 4, std::uint32_t{0xbd01'9001});
    store<std::endian::little>(to + 8, target | 1);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint32_t target) noexcept {
    return load<std::uint32_t, std::endian::little>(code + 8) == (target | 1);
  }
};

namespace detail::arm {

template <class Machine>
using compiler =
    only<Machine, "R_ARM_ABS32", "R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_REL32",
         "R_ARM_THM_MOVW_ABS_NC", "R_ARM_THM_MOVT_ABS", "R_ARM_THM_MOVW_PREL_NC",
         "R_ARM_THM_MOVT_PREL", "R_ARM_THM_JUMP19", "R_ARM_PREL31", "R_ARM_TARGET1", "R_ARM_NONE">;
template <class Machine>
using assembler =
    only<Machine, "R_ARM_ABS32", "R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_REL32",
         "R_ARM_THM_MOVW_ABS_NC", "R_ARM_THM_MOVT_ABS", "R_ARM_THM_MOVW_PREL_NC",
         "R_ARM_THM_MOVT_PREL", "R_ARM_THM_JUMP19", "R_ARM_PREL31", "R_ARM_TARGET1", "R_ARM_NONE",
         "R_ARM_THM_JUMP11", "R_ARM_THM_JUMP8", "R_ARM_TARGET2", "R_ARM_ABS16", "R_ARM_ABS8",
         "R_ARM_THM_ALU_ABS_G0_NC", "R_ARM_THM_ALU_ABS_G1_NC", "R_ARM_THM_ALU_ABS_G2_NC",
         "R_ARM_THM_ALU_ABS_G3_NC", "R_ARM_THM_JUMP6">;

}  // namespace detail::arm

/// The 12 types that gcc and clang write for M profile without being asked for others; and 22,
/// with those of -mpure-code, short branches, short data and tables of exceptions.
using armv7m_compiler = detail::arm::compiler<armv7m>;
using armv7m_assembler = detail::arm::assembler<armv7m>;
using armv6m_compiler = detail::arm::compiler<armv6m>;
using armv6m_assembler = detail::arm::assembler<armv6m>;

}  // namespace relo::arch
