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
//  - SET_ULEB128 and SUB_ULEB128 are the two records of a difference in a table of exceptions,
//    where GNU as up to 2.40 does without. The number keeps the length of the one that stands in
//    its place.
//  - GOT32_PCREL's number, 41, was GNU_VTINHERIT's, which GNU ld up to 2.40 passes over; 42, that
//    of GNU_VTENTRY, is reserved. PLT32 is for tables of functions' distances.
//  - 64-bit types are RV64's only.
#pragma once

#include <relo/elf/attributes.hpp>
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
    {41, "R_RISCV_GOT32_PCREL", word32, G + GOT + A - P, far<Xlen>},
    {59, "R_RISCV_PLT32", word32, F<Xlen> + A - P, far<Xlen>},
    {.type = 60, .name = "R_RISCV_SET_ULEB128", .kind = howto_kind::set_uleb128},
    {.type = 61, .name = "R_RISCV_SUB_ULEB128", .kind = howto_kind::sub_uleb128},
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

inline constexpr const char
    *of_linker = "a linker's own, when it shortens code",
    *of_vendor = "of one vendor's instructions";
inline constexpr refused_type refused[] = {
    {42, "R_RISCV_GNU_VTENTRY", "it is reserved now"},
    {46, "R_RISCV_RVC_LUI", of_linker},
    {47, "R_RISCV_GPREL_I", of_linker},
    {48, "R_RISCV_GPREL_S", of_linker},
    {49, "R_RISCV_TPREL_I", of_linker},
    {50, "R_RISCV_TPREL_S", of_linker},
    {191, "R_RISCV_VENDOR", of_vendor},
};
// clang-format on

/// Names, in a row, each between underscores: "_i_m_zba_".
template <std::size_t Most>
struct name_list {
  std::array<char, Most> s{};
  std::size_t size = 0;

  constexpr void add(const char* name) noexcept {
    if (has(name)) return;
    if (size == 0) s[size++] = '_';
    while (*name != '\0') s[size++] = *name++;
    s[size++] = '_';
  }
  constexpr bool has(const char* name) const noexcept {
    for (std::size_t i = 0; i < size; ++i) {
      std::size_t n = 0;
      while (s[i] == '_' && i + 1 + n < size && name[n] == s[i + 1 + n]) ++n;
      if (name[n] == '\0' && i + 1 + n < size && s[i + 1 + n] == '_') return true;
    }
    return false;
  }
};

/// All that a processor has with those extensions, which are named as by -march: "rv32imac_zba".
template <fixed_string March>
inline constexpr auto extensions_of = [] {
  name_list<1024> out;
  const char* c = March.s;
  if (c[0] == 'r' && c[1] == 'v') c += 4;  // rv32, rv64
  for (; *c != '\0'; ++c) {
    if (*c == '_') continue;
    char name[32]{*c};
    if (*c == 'z' || *c == 's' || *c == 'x')
      for (std::size_t n = 1; c[1] != '_' && c[1] != '\0';) name[n++] = *++c;
    out.add(name);
  }
  // What has more of a name than is there to run: of which memory is what, what counts, what takes
  // which time, and what other processors take for a NOP.
  for (const char* name : {"za64rs", "za128rs", "zic64b", "ziccamoa", "ziccif", "zicclsm",
                           "ziccrse", "zicntr", "zihpm", "zkt", "zvkt", "zihintpause", "zihintntl"})
    out.add(name);
  // Parts, of which some were part of "i" once. A whole stands before its parts here.
  const struct {
    const char *whole, *part;
  } parts[] = {{"g", "i"},
               {"g", "m"},
               {"g", "a"},
               {"g", "d"},
               {"q", "d"},
               {"d", "f"},
               {"i", "zicsr"},
               {"i", "zifencei"},
               {"e", "zicsr"},
               {"e", "zifencei"},
               {"m", "zmmul"},
               {"a", "zaamo"},
               {"a", "zalrsc"},
               {"c", "zca"},
               {"c", "zcf"},
               {"c", "zcd"},
               {"b", "zba"},
               {"b", "zbb"},
               {"b", "zbs"},
               {"zfh", "zfhmin"},
               {"zdinx", "zfinx"},
               {"zhinx", "zhinxmin"},
               {"zhinxmin", "zfinx"},
               {"zk", "zkn"},
               {"zk", "zkr"},
               {"zkn", "zbkb"},
               {"zkn", "zbkc"},
               {"zkn", "zbkx"},
               {"zkn", "zkne"},
               {"zkn", "zknd"},
               {"zkn", "zknh"},
               {"zks", "zbkb"},
               {"zks", "zbkc"},
               {"zks", "zbkx"},
               {"zks", "zksed"},
               {"zks", "zksh"},
               {"v", "zve64d"},
               {"zve64d", "zve64f"},
               {"zve64f", "zve64x"},
               {"zve64f", "zve32f"},
               {"zve64x", "zve32x"},
               {"zve32f", "zve32x"},
               {"zvfh", "zvfhmin"}};
  for (const auto& p : parts)
    if (out.has(p.whole)) out.add(p.part);
  return out;
}();

/// What .riscv.attributes says, see relo::machine. Two things that linkers refuse stand elsewhere:
/// the width of registers is the ELF class, and the ABI stands in e_flags. (Others that they take
/// for a difference, they merge.)
template <class Machine>
class attributes {
  /// Extensions are compared only where they are named by for_isa: which a processor has, nothing
  /// says that a loader could ask; what it was compiled for is often less; no linker refuses any;
  /// and which of those that an object names its code has need of is not said, either.
  static constexpr bool knows_isa = requires { Machine::isa.s; };
  enum : std::uint32_t { stack_align = 4, arch = 5 };

 public:
  static constexpr const char* vendor = "riscv";
  /// Which errors an object can be refused with by its attributes.
  static constexpr bool refuses(errc e) noexcept {
    if (e == errc::wrong_processor) return knows_isa;
    return e == errc::bad_attributes || e == errc::wrong_stack_alignment;
  }
  static constexpr bool has_text(std::uint32_t tag) noexcept { return tag % 2 == 1; }
  static constexpr bool has_number(std::uint32_t tag) noexcept { return tag % 2 == 0; }

  constexpr void see(std::uint32_t tag, std::uint32_t v) noexcept {
    if (tag == stack_align && v != 0 && v != Machine::stack_align) stack_ = v;
  }

  /// Tag_RISCV_arch is such as "rv32i2p1_m2p0_zba1p0", or "rv32i2p0m2p0".
  constexpr void see_text(std::uint32_t tag, char c) noexcept
    requires knows_isa
  {
    if (tag != arch) return;
    const bool digit = c >= '0' && c <= '9', ends = c == '_' || c == '\0';
    if (seen_++ < 4) {  // "rv32"
    } else if (name_[0] == '\0') {
      // What follows a letter is its version, unless it is another letter.
      if (!ends && !digit && !(c == 'p' && digit_)) {
        name_[0] = c;
        length_ = 1;
        if (c != 'z' && c != 's' && c != 'x') judge();
      }
    } else if (!ends) {
      if (length_ + 1 < std::size(name_)) name_[length_++] = c;
    } else {
      drop_version();
      judge();
    }
    digit_ = digit;
    if (c == '\0') seen_ = 0;
  }

  constexpr errc verdict([[maybe_unused]] std::uint32_t flags) noexcept {
    if constexpr (knows_isa) {
      constexpr std::uint32_t rvc = 1;
      if (refused_[0] == '\0' && (flags & rvc) != 0 && !had.has("zca")) refused_[0] = 'c';
      if (refused_[0] != '\0') return errc::wrong_processor;
    }
    return stack_ == 0 ? errc::ok : errc::wrong_stack_alignment;
  }

  constexpr const char* refused() const noexcept {
    return refused_[0] != '\0' ? refused_ : "Tag_RISCV_stack_align";
  }
  constexpr std::uint32_t value() const noexcept { return refused_[0] != '\0' ? 0 : stack_; }

 private:
  static constexpr auto had = [] {
    if constexpr (knows_isa) {
      constexpr auto& all = extensions_of<Machine::isa>;
      name_list<all.size> out{.size = all.size};
      for (std::size_t i = 0; i < all.size; ++i) out.s[i] = all.s[i];
      return out;
    } else {
      return 0;
    }
  }();

  /// A name may end in a digit itself (zve32x1p0, zic64b).
  constexpr void drop_version() noexcept {
    const auto digit = [&](std::size_t i) { return name_[i] >= '0' && name_[i] <= '9'; };
    std::size_t n = length_;
    while (n > 1 && digit(n - 1)) --n;
    if (n < length_ && n > 2 && name_[n - 1] == 'p' && digit(n - 2)) {
      for (--n; n > 1 && digit(n - 1);) --n;
      length_ = n;
    }
  }
  /// Of what a supervisor has (s...), and of lengths of vectors (zvl...), code need not know.
  constexpr void judge() noexcept {
    name_[length_] = '\0';
    const bool lengths = name_[0] == 'z' && name_[1] == 'v' && name_[2] == 'l';
    if (name_[0] != 's' && !lengths && refused_[0] == '\0' && !had.has(name_))
      for (std::size_t i = 0; i <= length_; ++i) refused_[i] = name_[i];
    name_[0] = '\0';
  }

  std::uint32_t stack_ = 0;
  std::size_t seen_ = 0, length_ = 0;
  bool digit_ = false;
  char name_[24]{}, refused_[24]{};
};

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
  static constexpr auto& refused = riscv::refused;
  static constexpr field upper_field = u_type;
  static constexpr std::size_t got_entry = xlen / 8;
  static constexpr std::uint32_t stack_align = 16;
  template <class Machine>
  using attributes = riscv::attributes<Machine>;

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
    write_int<std::endian::little>(to, std::uint64_t{0x010e'3e03'0000'0e17});
    write_int<std::endian::little>(to + 8, std::uint64_t{0x000e'0067});
    write_int<std::endian::little>(to + 16, target);
  }
  static constexpr bool is_veneer_for(const unsigned char* code, std::uint64_t target) noexcept {
    return read_int<std::uint64_t, std::endian::little>(code + 16) == target;
  }
};

/// A machine for a processor with these extensions and no others, named as by -march:
/// for_isa<rv32, "rv32imac_zba">. An object that names one more is refused.
template <class Machine, fixed_string March>
struct for_isa : Machine {
  static constexpr auto isa = March;
};

/// RV32, ABI ilp32: floating-point arguments in integer registers.
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
