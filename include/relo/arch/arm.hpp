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
//  - Types of A32 code, of the static base (-frwpi) and of function descriptors (-mfdpic) are
//    refused, and so are those that no compiler writes. ABS32_NOI and REL32_NOI are S + A and
//    S + A - P without bit 0, which nobody knows to be more than an address of what others define;
//    LLD does not know them, either.
//  - What code is for stands in .ARM.attributes (ADDENDA32). A32 code is what compilers write that
//    are not told of a processor, for ARMv4T, and Thumb code for it has the same attributes:
//    symbols tell these two apart.
//  - V4BX marks "bx reg" for processors without it; M profile has it, and nothing is done.
#pragma once

#include <relo/elf/attributes.hpp>
#include <relo/reloc/machine.hpp>

namespace relo::arch {

/// What a processor of M profile can run, and how its code passes arguments, in the values of build
/// attributes. A set has bit n for the value n.
struct arm_core {
  std::uint32_t architectures;    ///< a set of Tag_CPU_arch
  bool dsp = false;               ///< Tag_DSP_extension
  std::uint32_t fp = 0;           ///< a set of Tag_FP_arch; value 0, none, is always well
  bool double_precision = false;  ///< of FP
  unsigned mve = 0;               ///< the most that Tag_MVE_arch may be: 1 integers, 2 FP as well
  bool pac = false;               ///< Tag_PAC_extension: beyond what is NOP elsewhere
  bool unaligned = true;          ///< Tag_CPU_unaligned_access
  bool hard_float = false;        ///< Tag_ABI_VFP_args: in FP registers (-mfloat-abi=hard)
};

/// That processor, with code that is compiled by -mfloat-abi=hard; and one that has no FP.
constexpr arm_core hard_float(arm_core core) noexcept {
  core.hard_float = true;
  return core;
}
constexpr arm_core without_fp(arm_core core) noexcept {
  core.fp = 0;
  return core;
}

namespace detail::arm {

/// Tag_CPU_arch has these; a core runs what GNU ld would merge with its own and not ask for more.
/// Of ARMv4T to ARMv6K, that is Thumb code.
inline constexpr std::uint32_t thumb_1 = 0x2fc,  // 2 v4T to 7 v6KZ, and 9 v6K
    v6_m = 3 << 11, v6t2 = 1 << 8, v7 = 1 << 10, v7e_m = 1 << 13, v8_m_base = 1 << 16,
                               v8_m_main = 1 << 17, v8_1_m_main = 1 << 21;
/// Tag_FP_arch: VFPv3-D16 and VFPv4-D16; FPv5-D16.
inline constexpr std::uint32_t fpv4 = 1 << 4 | 1 << 6, fpv5 = fpv4 | 1 << 8;

}  // namespace detail::arm

inline constexpr arm_core  //
    cortex_m0{.architectures = detail::arm::thumb_1 | detail::arm::v6_m, .unaligned = false},
    cortex_m3{.architectures = cortex_m0.architectures | detail::arm::v6t2 | detail::arm::v7},
    cortex_m4{.architectures = cortex_m3.architectures | detail::arm::v7e_m, .dsp = true},
    cortex_m4f{.architectures = cortex_m4.architectures, .dsp = true, .fp = detail::arm::fpv4},
    cortex_m7{.architectures = cortex_m4.architectures,
              .dsp = true,
              .fp = detail::arm::fpv5,
              .double_precision = true},
    cortex_m23{.architectures = detail::arm::v6_m | detail::arm::v8_m_base, .unaligned = false},
    cortex_m33_plain{.architectures =
                         cortex_m23.architectures | detail::arm::v7 | detail::arm::v8_m_main},
    cortex_m33{.architectures = cortex_m33_plain.architectures | detail::arm::v7e_m,
               .dsp = true,
               .fp = detail::arm::fpv5},
    cortex_m55{.architectures = cortex_m33.architectures | detail::arm::v8_1_m_main,
               .dsp = true,
               .fp = detail::arm::fpv5,
               .double_precision = true,
               .mve = 2},
    cortex_m85 = [] {
      arm_core core = cortex_m55;
      core.pac = true;
      return core;
    }();

namespace detail::arm {

/// All that may be meant where no more is known than the machine: any of its cores.
inline constexpr arm_core any_baseline{
    .architectures = cortex_m0.architectures | cortex_m23.architectures, .unaligned = false},
    any_mainline{.architectures = cortex_m4.architectures | cortex_m55.architectures,
                 .dsp = true,
                 .fp = fpv5,
                 .double_precision = true,
                 .mve = 2,
                 .pac = true};

/// The core that this is compiled for, as compilers tell it. (Which FPv4 and FPv5 are, GCC does
/// not; nor what is ARMv8.1-M, unless it has MVE.)
constexpr arm_core core_or([[maybe_unused]] arm_core other) noexcept {
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
  arm_core core = cortex_m3;
#if defined(__ARM_ARCH_6M__)
  core = cortex_m0;
#elif defined(__ARM_ARCH_8M_BASE__)
  core = cortex_m23;
#elif defined(__ARM_ARCH_8_1M_MAIN__) || defined(__ARM_FEATURE_MVE)
  core = cortex_m55;
#elif __ARM_ARCH >= 8
  core = cortex_m33_plain;
#endif
  core.fp = core.mve = 0;
  core.dsp = core.double_precision = false;
#ifdef __ARM_FEATURE_DSP
  core.architectures |= v7e_m;
  core.dsp = true;
#endif
#ifdef __ARM_FP
  core.fp = fpv5;
  core.double_precision = (__ARM_FP & 8) != 0;
#endif
#ifdef __ARM_FEATURE_MVE
  core.mve = (__ARM_FEATURE_MVE & 2) != 0 ? 2 : 1;
#endif
#ifdef __ARM_FEATURE_PAUTH
  core.pac = true;
#endif
#ifdef __ARM_PCS_VFP
  core.hard_float = true;
#endif
  return core;
#else
  return other;
#endif
}

/// What .ARM.attributes says, see relo::machine. (GNU ld: elf32_arm_merge_eabi_attributes().)
template <arm_core Core>
class attributes {
  enum : std::uint32_t {
    cpu_arch = 6,
    cpu_arch_profile = 7,
    arm_isa_use = 8,
    fp_arch = 10,
    fp_number_model = 23,
    hard_fp_use = 27,
    vfp_args = 28,
    cpu_unaligned_access = 34,
    dsp_extension = 46,
    mve_arch = 48,
    pac_extension = 50
  };

  /// A tag, and the set of those of its values about which nothing is to be said. An attribute that
  /// is not there is 0. Of a profile, which is a letter, the number in the alphabet.
  struct rule {
    std::uint32_t tag_and_values = 0;
    constexpr rule() noexcept = default;
    constexpr rule(std::uint32_t tag, std::uint32_t values) noexcept
        : tag_and_values{tag << set_bits | values | 1} {}
    constexpr std::uint32_t tag() const noexcept { return tag_and_values >> set_bits; }
    constexpr bool has(unsigned v) const noexcept {
      return v < set_bits && (tag_and_values >> v & 1) != 0;
    }
  };
  static constexpr unsigned set_bits = 24, letter = '@';
  static constexpr bool v8 = (Core.architectures & v8_m_main) != 0,
                        single_only = Core.fp != 0 && !Core.double_precision;
  /// The first rules refuse what has another value. Those after them note that it has, for the
  /// verdict. Rules that a core's architecture makes needless are not there.
  static constexpr auto all_rules = [] {
    struct {
      std::array<rule, 16> of{};
      unsigned refusing = 0, size = 0;
    } r;
    const auto add = [&](bool wanted, std::uint32_t tag, std::uint32_t values) {
      if (wanted) r.of[r.size++] = {tag, values};
    };
    add(true, cpu_arch, Core.architectures);
    add(true, cpu_arch_profile, 1U << ('M' - letter));
    add(true, fp_arch, Core.fp);
    add(true, vfp_args, (Core.hard_float ? 1 << 1 : 0) | 1 << 3);
    add(!Core.unaligned, cpu_unaligned_access, 0);
    add(v8 && !Core.dsp, dsp_extension, 0);
    add(v8, mve_arch, (std::uint32_t{2} << Core.mve) - 1);
    add(v8 && !Core.pac, pac_extension, 1 << 1);
    r.refusing = r.size;
    add(true, arm_isa_use, 0);
    add(single_only, fp_arch, 0);
    add(single_only, hard_fp_use, 0);
    add(Core.hard_float, fp_number_model, 0);
    add(Core.hard_float, vfp_args, 0);
    return r;
  }();
  static constexpr auto rules = [] {
    std::array<rule, all_rules.size> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = all_rules.of[i];
    return out;
  }();
  static constexpr std::uint32_t refusing = (std::uint32_t{1} << all_rules.refusing) - 1;
  /// What is noted if a tag's value is none of these.
  static constexpr std::uint32_t noted(std::uint32_t tag, std::uint32_t first) noexcept {
    for (std::size_t i = first; i < rules.size(); ++i)
      if (rules[i].tag() == tag) return std::uint32_t{1} << i;
    return 0;
  }
  static constexpr std::uint32_t notable(std::uint32_t tag) noexcept {
    return noted(tag, all_rules.refusing);
  }

 public:
  static constexpr const char* vendor = "aeabi";
  /// Which errors an object can be refused with by its attributes.
  static constexpr bool refuses(errc e) noexcept {
    if (e == errc::hard_float_calls) return !Core.hard_float;
    if (e == errc::soft_float_calls) return Core.hard_float;
    return e == errc::bad_attributes || e == errc::wrong_processor || e == errc::arm_code;
  }
  static constexpr bool has_text(std::uint32_t tag) noexcept {
    return tag == 4 || tag == 5 || (tag >= 32 && (tag == 32 || tag % 2 == 1));
  }
  static constexpr bool has_number(std::uint32_t tag) noexcept {
    return tag == 32 || !has_text(tag);
  }

  constexpr void see(std::uint32_t tag, unsigned v) noexcept {
    if (tag == cpu_arch_profile && v != 0) v -= letter;
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (rules[i].tag() == tag && !rules[i].has(v)) {
        noted_ |= std::uint32_t{1} << i;
        values_[i] = static_cast<unsigned char>(v);
      }
  }

  /// What code for hard float says and other code does not say at all can be missed only in code
  /// that has floating point. Likewise, code that has double precision says so by not saying that
  /// it has single precision only.
  constexpr errc verdict(std::uint32_t) noexcept {
    if (single_only && has(fp_arch) && !has(hard_fp_use)) noted_ |= noted(fp_arch, 0);
    const std::uint32_t args = noted(vfp_args, 0);
    if (Core.hard_float && has(fp_number_model) && !has(vfp_args)) noted_ |= args;
    if ((noted_ & refusing) == 0) return errc::ok;
    if ((noted_ & refusing) != args) return errc::wrong_processor;
    return Core.hard_float ? errc::soft_float_calls : errc::hard_float_calls;
  }

  /// The attributes permit A32 code; whether there is any, functions tell by bit 0, and assembly
  /// without functions by its mapping symbols (AAELF32, "Mapping symbols").
  constexpr bool looks_at_symbols() const noexcept { return has(arm_isa_use); }
  template <class Name>
  static constexpr errc see_symbol(unsigned type, std::uint32_t value, const Name& name) noexcept {
    const bool maps = name[0] == '$' && name[1] == 'a' && (name[2] == '\0' || name[2] == '.');
    return maps || (type == elf::stt::func && (value & 1) == 0) ? errc::arm_code : errc::ok;
  }

  /// An architecture as readelf calls it; else the attribute.
  constexpr const char* refused() const noexcept {
    constexpr const char* architectures[] = {"Pre-v4",
                                             "v4",
                                             "v4T",
                                             "v5T",
                                             "v5TE",
                                             "v5TEJ",
                                             "v6",
                                             "v6KZ",
                                             "v6T2",
                                             "v6K",
                                             "v7",
                                             "v6-M",
                                             "v6S-M",
                                             "v7E-M",
                                             "v8",
                                             "v8-R",
                                             "v8-M.baseline",
                                             "v8-M.mainline",
                                             "v8.1-A",
                                             "v8.2-A",
                                             "v8.3-A",
                                             "v8.1-M.mainline",
                                             "v9-A"};
    switch (rules[first()].tag()) {
      case cpu_arch:
        return value() < std::size(architectures) ? architectures[value()] : "Tag_CPU_arch";
      case cpu_arch_profile: return "Tag_CPU_arch_profile";
      case fp_arch: return "Tag_FP_arch";
      case vfp_args: return "Tag_ABI_VFP_args";
      case cpu_unaligned_access: return "Tag_CPU_unaligned_access";
      case dsp_extension: return "Tag_DSP_extension";
      case mve_arch: return "Tag_MVE_arch";
      case pac_extension: return "Tag_PAC_extension";
      default: return "";
    }
  }
  constexpr std::uint32_t value() const noexcept {
    return values_[first()] + (rules[first()].tag() == cpu_arch_profile ? letter : 0U);
  }

 private:
  constexpr bool has(std::uint32_t tag) const noexcept { return (noted_ & notable(tag)) != 0; }
  constexpr std::size_t first() const noexcept {
    return noted_ == 0 ? 0 : static_cast<std::size_t>(std::countr_zero(noted_));
  }
  std::uint32_t noted_ = 0;
  std::array<unsigned char, all_rules.size> values_{};
};

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
    {.type = 91, .name = "R_ARM_TLS_CALL", .kind = howto_kind::tls},
    {.type = 92, .name = "R_ARM_TLS_DESCSEQ", .kind = howto_kind::tls},
    {.type = 109, .name = "R_ARM_TLS_LDO12", .kind = howto_kind::tls},
    {.type = 110, .name = "R_ARM_TLS_LE12", .kind = howto_kind::tls},
    {.type = 111, .name = "R_ARM_TLS_IE12GP", .kind = howto_kind::tls},
    {.type = 129, .name = "R_ARM_THM_TLS_DESCSEQ16", .kind = howto_kind::tls},
    {.type = 130, .name = "R_ARM_THM_TLS_DESCSEQ32", .kind = howto_kind::tls},
    {.type = 165, .name = "R_ARM_TLS_GD32_FDPIC", .kind = howto_kind::tls},
    {.type = 166, .name = "R_ARM_TLS_LDM32_FDPIC", .kind = howto_kind::tls},
    {.type = 167, .name = "R_ARM_TLS_IE32_FDPIC", .kind = howto_kind::tls},
    {.type = 20, .name = "R_ARM_COPY", .kind = howto_kind::dynamic},
    {.type = 21, .name = "R_ARM_GLOB_DAT", .kind = howto_kind::dynamic},
    {.type = 22, .name = "R_ARM_JUMP_SLOT", .kind = howto_kind::dynamic},
    {.type = 23, .name = "R_ARM_RELATIVE", .kind = howto_kind::dynamic},
    {.type = 160, .name = "R_ARM_IRELATIVE", .kind = howto_kind::dynamic},
};

inline constexpr const char
    *a32 = "A32 code, and M profile has Thumb only: compile with -mthumb",
    *static_base = "relative to a static base, which nobody sets: compile without -frwpi",
    *descriptor = "function descriptors have no loader here: compile without -mfdpic",
    *unwritten = "no compiler writes it",
    *of_one = "its meaning is private to a tool chain";
inline constexpr refused_type refused[] = {
    {1, "R_ARM_PC24", a32},
    {4, "R_ARM_LDR_PC_G0", a32},
    {6, "R_ARM_ABS12", a32},
    {7, "R_ARM_THM_ABS5", unwritten},
    {9, "R_ARM_SBREL32", static_base},
    {12, "R_ARM_BREL_ADJ", unwritten},
    {14, "R_ARM_THM_SWI8", unwritten},
    {15, "R_ARM_XPC25", a32},
    {16, "R_ARM_THM_XPC22", unwritten},
    {27, "R_ARM_PLT32", a32},
    {28, "R_ARM_CALL", a32},
    {29, "R_ARM_JUMP24", a32},
    {31, "R_ARM_BASE_ABS", unwritten},
    {32, "R_ARM_ALU_PCREL_7_0", a32},
    {33, "R_ARM_ALU_PCREL_15_8", a32},
    {34, "R_ARM_ALU_PCREL_23_15", a32},
    {35, "R_ARM_LDR_SBREL_11_0_NC", static_base},
    {36, "R_ARM_ALU_SBREL_19_12_NC", static_base},
    {37, "R_ARM_ALU_SBREL_27_20_CK", static_base},
    {39, "R_ARM_SBREL31", static_base},
    {43, "R_ARM_MOVW_ABS_NC", a32},
    {44, "R_ARM_MOVT_ABS", a32},
    {45, "R_ARM_MOVW_PREL_NC", a32},
    {46, "R_ARM_MOVT_PREL", a32},
    {55, "R_ARM_ABS32_NOI", unwritten},
    {56, "R_ARM_REL32_NOI", unwritten},
    {57, "R_ARM_ALU_PC_G0_NC", a32},
    {58, "R_ARM_ALU_PC_G0", a32},
    {59, "R_ARM_ALU_PC_G1_NC", a32},
    {60, "R_ARM_ALU_PC_G1", a32},
    {61, "R_ARM_ALU_PC_G2", a32},
    {62, "R_ARM_LDR_PC_G1", a32},
    {63, "R_ARM_LDR_PC_G2", a32},
    {64, "R_ARM_LDRS_PC_G0", a32},
    {65, "R_ARM_LDRS_PC_G1", a32},
    {66, "R_ARM_LDRS_PC_G2", a32},
    {67, "R_ARM_LDC_PC_G0", a32},
    {68, "R_ARM_LDC_PC_G1", a32},
    {69, "R_ARM_LDC_PC_G2", a32},
    {70, "R_ARM_ALU_SB_G0_NC", static_base},
    {71, "R_ARM_ALU_SB_G0", static_base},
    {72, "R_ARM_ALU_SB_G1_NC", static_base},
    {73, "R_ARM_ALU_SB_G1", static_base},
    {74, "R_ARM_ALU_SB_G2", static_base},
    {75, "R_ARM_LDR_SB_G0", static_base},
    {76, "R_ARM_LDR_SB_G1", static_base},
    {77, "R_ARM_LDR_SB_G2", static_base},
    {78, "R_ARM_LDRS_SB_G0", static_base},
    {79, "R_ARM_LDRS_SB_G1", static_base},
    {80, "R_ARM_LDRS_SB_G2", static_base},
    {81, "R_ARM_LDC_SB_G0", static_base},
    {82, "R_ARM_LDC_SB_G1", static_base},
    {83, "R_ARM_LDC_SB_G2", static_base},
    {84, "R_ARM_MOVW_BREL_NC", static_base},
    {85, "R_ARM_MOVT_BREL", static_base},
    {86, "R_ARM_MOVW_BREL", static_base},
    {87, "R_ARM_THM_MOVW_BREL_NC", static_base},
    {88, "R_ARM_THM_MOVT_BREL", static_base},
    {89, "R_ARM_THM_MOVW_BREL", static_base},
    {94, "R_ARM_PLT32_ABS", unwritten},
    {95, "R_ARM_GOT_ABS", unwritten},
    {97, "R_ARM_GOT_BREL12", a32},
    {98, "R_ARM_GOTOFF12", a32},
    {99, "R_ARM_GOTRELAX", unwritten},
    {128, "R_ARM_ME_TOO", unwritten},
    {131, "R_ARM_THM_GOT_BREL12", unwritten},
    {136, "R_ARM_THM_BF16", unwritten},
    {137, "R_ARM_THM_BF12", unwritten},
    {138, "R_ARM_THM_BF18", unwritten},
    {161, "R_ARM_GOTFUNCDESC", descriptor},
    {162, "R_ARM_GOTOFFFUNCDESC", descriptor},
    {163, "R_ARM_FUNCDESC", descriptor},
    {164, "R_ARM_FUNCDESC_VALUE", descriptor},
    {112, "R_ARM_PRIVATE_0", of_one},
    {113, "R_ARM_PRIVATE_1", of_one},
    {114, "R_ARM_PRIVATE_2", of_one},
    {115, "R_ARM_PRIVATE_3", of_one},
    {116, "R_ARM_PRIVATE_4", of_one},
    {117, "R_ARM_PRIVATE_5", of_one},
    {118, "R_ARM_PRIVATE_6", of_one},
    {119, "R_ARM_PRIVATE_7", of_one},
    {120, "R_ARM_PRIVATE_8", of_one},
    {121, "R_ARM_PRIVATE_9", of_one},
    {122, "R_ARM_PRIVATE_10", of_one},
    {123, "R_ARM_PRIVATE_11", of_one},
    {124, "R_ARM_PRIVATE_12", of_one},
    {125, "R_ARM_PRIVATE_13", of_one},
    {126, "R_ARM_PRIVATE_14", of_one},
    {127, "R_ARM_PRIVATE_15", of_one},
};
// clang-format on

}  // namespace detail::arm

/// ARMv7-M and ARMv8-M mainline: Cortex-M3, M4, M7, M33, M55. Code is taken that the core runs
/// which the loader is compiled for; for another machine, that any of them runs, with
/// floating-point arguments in integer registers, unless for_core says which.
struct armv7m {
  using role = role::machine;
  using format = elf::elf32le;
  static constexpr std::uint16_t machine = elf::em::arm;
  static constexpr bool rela = false;
  static constexpr auto& howtos = detail::arm::howtos;
  static constexpr auto& refused = detail::arm::refused;
  static constexpr std::size_t got_entry = 4;

  static constexpr arm_core core = detail::arm::core_or(detail::arm::any_mainline);
  template <class Machine>
  using attributes = detail::arm::attributes<Machine::core>;

  /// EF_ARM_EABI_VER5.
  static constexpr bool accepts(std::uint32_t flags) noexcept { return flags >> 24 == 5; }

  static constexpr std::size_t veneer_size = 8, veneer_align = 4;
  /// ldr pc, [pc]; .word target. M profile has Thumb code only, so whoever named the target did
  /// not need to say so; ldr pc wants bit 0 set.
  static constexpr void write_veneer(unsigned char* to, std::uint32_t,
                                     std::uint32_t target) noexcept {
    write_int<std::endian::little>(to, std::uint32_t{0xf000'f8df});
    write_int<std::endian::little>(to + 4, target | 1);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint32_t target) noexcept {
    return read_int<std::uint32_t, std::endian::little>(code + 4) == (target | 1);
  }
};

/// ARMv6-M and ARMv8-M baseline: Cortex-M0, M0+, M1, M23.
struct armv6m : armv7m {
  static constexpr arm_core core = detail::arm::core_or(detail::arm::any_baseline);

  static constexpr std::size_t veneer_size = 12, veneer_align = 4;
  /// push {r0, r1}; ldr r0, [pc, #4]; str r0, [sp, #4]; pop {r0, pc}; .word target. There is no
  /// ldr pc here, nor one of ip.
  static constexpr void write_veneer(unsigned char* to, std::uint32_t,
                                     std::uint32_t target) noexcept {
    write_int<std::endian::little>(to, std::uint32_t{0x4801'b403});
    write_int<std::endian::little>(to + 4, std::uint32_t{0xbd01'9001});
    write_int<std::endian::little>(to + 8, target | 1);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint32_t target) noexcept {
    return read_int<std::uint32_t, std::endian::little>(code + 8) == (target | 1);
  }
};

/// A machine for a core: for_core<armv7m_compiler, hard_float(cortex_m4f)>.
template <class Machine, arm_core Core>
struct for_core : Machine {
  static constexpr arm_core core = Core;
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
