// RISC-V, RV32 and RV64. RISC-V ELF psABI, "Relocations"; the names of fields are its names.
//
// What is odd about it:
//  - Elf_Rela; and yet ADD and SUB types change what stands in the place (V). A difference of two
//    labels is two or three records with the same r_offset: SUB32 after ADD32, or after SET32.
//  - A 32-bit address is made by two instructions: the upper 20 bits by LUI or AUIPC, the lower 12
//    by another, which takes them as signed. So the upper ones are those of the value + 0x800.
//  - PCREL_LO12 does not name the symbol whose lower bits it wants but the AUIPC that has the
//    upper ones: the value is that of the relocation there (PCREL_HI20 or GOT_HI20). It is
//    usually a few records before, but code may be moved, so it can be anywhere in the section.
//    Its addend must be 0.
//  - CALL and CALL_PLT are the same: 8 bytes, AUIPC and JALR.
//  - By default objects are made for a linker that shortens code (RELAX), so every branch and
//    every difference of labels has a relocation, and where code is aligned there are as many
//    NOPs as could be needed (ALIGN): the linker deletes some. A loader deletes nothing. So what
//    follows the NOPs must be aligned where it is, and if it is not, the object is refused.
//    -mno-relax aligns when assembling, and there is no ALIGN then.
//  - Instructions are aligned to 2 bytes, words in them too.
//  - RV32 wraps: AUIPC and CALL reach everything, and there are no veneers. On RV64 they reach
//    2 GiB, less 0x800 bytes at the upper and more at the lower end.
//  - 64-bit types are RV64's only. SET_ULEB128 and SUB_ULEB128 are in debug information and in
//    tables of exceptions, where GNU as up to 2.40 does without.
#pragma once

#include <relo/reloc/machine.hpp>

#include <span>

namespace relo::arch {

namespace detail::riscv {

// clang-format off
inline constexpr field
    i_type{.bytes = 4, .bits = 12, .parts = {{{0, 12, 20}}}},
    s_type{.bytes = 4, .bits = 12, .parts = {{{5, 7, 25}, {0, 5, 7}}}},
    b_type{.bytes = 4, .bits = 13, .parts = {{{12, 1, 31}, {5, 6, 25}, {1, 4, 8}, {11, 1, 7}}}},
    u_type{.bytes = 4, .bits = 32, .parts = {{{12, 20, 12}}}, .round = 0x800},
    j_type{.bytes = 4, .bits = 21, .parts = {{{20, 1, 31}, {1, 10, 21}, {11, 1, 20}, {12, 8, 12}}}},
    u_i_type{.bytes = 8, .bits = 32, .parts = {{{12, 20, 12}, {0, 12, 32 + 20}}}, .round = 0x800},
    cb_type{.bytes = 2, .bits = 9,
            .parts = {{{8, 1, 12}, {3, 2, 10}, {6, 2, 5}, {1, 2, 3}, {5, 1, 2}}}},
    cj_type{.bytes = 2, .bits = 12,
            .parts = {{{11, 1, 12}, {4, 1, 11}, {8, 2, 9}, {10, 1, 8}, {6, 1, 7}, {7, 1, 6},
                       {1, 3, 3}, {5, 1, 2}}}},
    word6{.bytes = 1, .bits = 6, .parts = {{{0, 6, 0}}}};

using namespace terms;
using enum overflow;

template <unsigned Xlen>
inline constexpr expression F = Xlen == 32 ? S : L;  ///< a function
template <unsigned Xlen>
inline constexpr overflow far = Xlen == 32 ? dont : signed_;

template <unsigned Xlen>
inline constexpr howto howtos[] = {
    {19, "R_RISCV_CALL_PLT", u_i_type, F<Xlen> + A - P, far<Xlen>},
    {23, "R_RISCV_PCREL_HI20", u_type, S + A - P, far<Xlen>},
    {24, "R_RISCV_PCREL_LO12_I", i_type, HI, dont},
    {.type = 51, .name = "R_RISCV_RELAX", .kind = howto_kind::none},
    {44, "R_RISCV_RVC_BRANCH", cb_type, S + A - P, signed_},
    {45, "R_RISCV_RVC_JUMP", cj_type, S + A - P, signed_},
    {16, "R_RISCV_BRANCH", b_type, S + A - P, signed_},
    {26, "R_RISCV_HI20", u_type, S + A, far<Xlen>},
    {27, "R_RISCV_LO12_I", i_type, S + A, dont},
    {28, "R_RISCV_LO12_S", s_type, S + A, dont},
    {25, "R_RISCV_PCREL_LO12_S", s_type, HI, dont},
    {17, "R_RISCV_JAL", j_type, S + A - P, signed_},
    {18, "R_RISCV_CALL", u_i_type, F<Xlen> + A - P, far<Xlen>},
    {1, "R_RISCV_32", word32, S + A, dont},
    {35, "R_RISCV_ADD32", word32, V + S + A, dont},
    {39, "R_RISCV_SUB32", word32, V - S - A, dont},
    {.type = 43, .name = "R_RISCV_ALIGN", .kind = howto_kind::align},
    {57, "R_RISCV_32_PCREL", word32, S + A - P, dont},
    {53, "R_RISCV_SET6", word6, S + A, dont},
    {54, "R_RISCV_SET8", word8, S + A, dont},
    {55, "R_RISCV_SET16", word16, S + A, dont},
    {56, "R_RISCV_SET32", word32, S + A, dont},
    {33, "R_RISCV_ADD8", word8, V + S + A, dont},
    {34, "R_RISCV_ADD16", word16, V + S + A, dont},
    {52, "R_RISCV_SUB6", word6, V - S - A, dont},
    {37, "R_RISCV_SUB8", word8, V - S - A, dont},
    {38, "R_RISCV_SUB16", word16, V - S - A, dont},
    {20, "R_RISCV_GOT_HI20", u_type, G + GOT + A - P, far<Xlen>},
    {.type = 0, .name = "R_RISCV_NONE", .kind = howto_kind::none},
    {.type = 6, .name = "R_RISCV_TLS_DTPMOD32", .kind = howto_kind::tls},
    {.type = 7, .name = "R_RISCV_TLS_DTPMOD64", .kind = howto_kind::tls},
    {.type = 8, .name = "R_RISCV_TLS_DTPREL32", .kind = howto_kind::tls},
    {.type = 9, .name = "R_RISCV_TLS_DTPREL64", .kind = howto_kind::tls},
    {.type = 10, .name = "R_RISCV_TLS_TPREL32", .kind = howto_kind::tls},
    {.type = 11, .name = "R_RISCV_TLS_TPREL64", .kind = howto_kind::tls},
    {.type = 12, .name = "R_RISCV_TLSDESC", .kind = howto_kind::tls},
    {.type = 21, .name = "R_RISCV_TLS_GOT_HI20", .kind = howto_kind::tls},
    {.type = 22, .name = "R_RISCV_TLS_GD_HI20", .kind = howto_kind::tls},
    {.type = 29, .name = "R_RISCV_TPREL_HI20", .kind = howto_kind::tls},
    {.type = 30, .name = "R_RISCV_TPREL_LO12_I", .kind = howto_kind::tls},
    {.type = 31, .name = "R_RISCV_TPREL_LO12_S", .kind = howto_kind::tls},
    {.type = 32, .name = "R_RISCV_TPREL_ADD", .kind = howto_kind::tls},
    {.type = 62, .name = "R_RISCV_TLSDESC_HI20", .kind = howto_kind::tls},
    {.type = 63, .name = "R_RISCV_TLSDESC_LOAD_LO12", .kind = howto_kind::tls},
    {.type = 64, .name = "R_RISCV_TLSDESC_ADD_LO12", .kind = howto_kind::tls},
    {.type = 65, .name = "R_RISCV_TLSDESC_CALL", .kind = howto_kind::tls},
    {.type = 3, .name = "R_RISCV_RELATIVE", .kind = howto_kind::dynamic},
    {.type = 4, .name = "R_RISCV_COPY", .kind = howto_kind::dynamic},
    {.type = 5, .name = "R_RISCV_JUMP_SLOT", .kind = howto_kind::dynamic},
    {.type = 58, .name = "R_RISCV_IRELATIVE", .kind = howto_kind::dynamic},
    // The last three are not RV32's.
    {2, "R_RISCV_64", word64, S + A, dont},
    {36, "R_RISCV_ADD64", word64, V + S + A, dont},
    {40, "R_RISCV_SUB64", word64, V - S - A, dont},
};
// clang-format on

enum class float_abi : std::uint32_t { soft = 0, single_ = 2, double_ = 4, quad = 6 };

/// An object calls with the FloatABI's registers; it may have compressed instructions
/// (EF_RISCV_RVC), and neither fewer registers (EF_RISCV_RVE) nor a wish for another memory
/// model (EF_RISCV_TSO).
template <class Format, float_abi FloatAbi>
struct machine_of {
  using role = role::machine;
  using format = Format;
  static constexpr std::uint16_t machine = elf::em::riscv;
  static constexpr bool rela = true;
  static constexpr unsigned xlen = Format::is_64 ? 64 : 32;
  static constexpr std::span howtos{riscv::howtos<xlen>,
                                    std::size(riscv::howtos<xlen>) - (xlen == 32 ? 3 : 0)};
  static constexpr field upper_field = u_type;
  static constexpr std::size_t got_entry = xlen / 8;

  static constexpr bool accepts(std::uint32_t flags) noexcept {
    constexpr std::uint32_t rvc = 1;
    return (flags & ~rvc) == static_cast<std::uint32_t>(FloatAbi);
  }
};

}  // namespace detail::riscv

template <detail::riscv::float_abi FloatAbi>
struct rv32_with : detail::riscv::machine_of<elf::elf32le, FloatAbi> {};

template <detail::riscv::float_abi FloatAbi>
struct rv64_with : detail::riscv::machine_of<elf::elf64le, FloatAbi> {
  static constexpr std::size_t veneer_size = 24, veneer_align = 8;
  /// auipc t3, 0; ld t3, 16(t3); jr t3; .quad target at 16. The psABI's PLT changes t3 too, so no
  /// caller expects it to live through a call that might go there.
  static constexpr void write_veneer(unsigned char* to, std::uint64_t,
                                     std::uint64_t target) noexcept {
    store<std::endian::little>(to, std::uint64_t{0x010e'3e03'0000'0e17});
    store<std::endian::little>(to + 8, std::uint64_t{0x000e'0067});
    store<std::endian::little>(to + 16, target);
  }
};

/// RV32, ABI ilp32: floating-point arguments in integer registers. A processor without compressed
/// instructions wants an accepts() of its own.
using rv32 = rv32_with<detail::riscv::float_abi::soft>;
/// RV64, ABIs lp64 and lp64d.
using rv64 = rv64_with<detail::riscv::float_abi::soft>;
using rv64d = rv64_with<detail::riscv::float_abi::double_>;

/// The types that gcc and GNU as write for RV32 without being asked for position-independent code
/// or tables for unwinding.
using rv32_compiler = only<rv32, "R_RISCV_CALL_PLT", "R_RISCV_PCREL_HI20", "R_RISCV_PCREL_LO12_I",
                           "R_RISCV_RELAX", "R_RISCV_HI20", "R_RISCV_LO12_I", "R_RISCV_LO12_S",
                           "R_RISCV_RVC_BRANCH", "R_RISCV_RVC_JUMP", "R_RISCV_BRANCH", "R_RISCV_32",
                           "R_RISCV_PCREL_LO12_S", "R_RISCV_ADD32", "R_RISCV_SUB32", "R_RISCV_JAL",
                           "R_RISCV_CALL", "R_RISCV_ALIGN", "R_RISCV_NONE">;

}  // namespace relo::arch
