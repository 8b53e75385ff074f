// Relocation types as rows of a table: the psABI's own columns.
#pragma once

#include <relo/base/bytes.hpp>

#include <array>

namespace relo {

/// A psABI expression: a sum of its terms, each with a sign.
struct expression {
  signed char s = 0, a = 0, p = 0, g = 0, got = 0, l = 0, z = 0, pa = 0, v = 0, hi = 0;

  friend constexpr expression operator+(expression x, expression y) noexcept {
    return x.plus(y, 1);
  }
  friend constexpr expression operator-(expression x, expression y) noexcept {
    return x.plus(y, -1);
  }
  constexpr bool operator==(const expression&) const noexcept = default;

 private:
  constexpr expression plus(expression y, int sign) const noexcept {
    const auto term = [sign](signed char to, signed char by) {
      return static_cast<signed char>(to + sign * by);
    };
    return {term(s, y.s), term(a, y.a), term(p, y.p),   term(g, y.g), term(got, y.got),
            term(l, y.l), term(z, y.z), term(pa, y.pa), term(v, y.v), term(hi, y.hi)};
  }
};

/// The psABIs' letters.
namespace terms {
inline constexpr expression S{.s = 1};      ///< value of the symbol
inline constexpr expression A{.a = 1};      ///< addend
inline constexpr expression P{.p = 1};      ///< address of the place
inline constexpr expression G{.g = 1};      ///< offset of the symbol's slot in the GOT
inline constexpr expression GOT{.got = 1};  ///< address of the GOT
/// S, or a veneer that jumps to S where the branch cannot reach.
inline constexpr expression L{.l = 1};
inline constexpr expression Z{.z = 1};    ///< st_size
inline constexpr expression Pa{.pa = 1};  ///< P, rounded down to a multiple of 4 (AAELF32)
inline constexpr expression V{.v = 1};    ///< what stands in the place (RISC-V)
/// The value of another relocation: of the upper part that stands at S, in the same section, and
/// whose lower bits this one wants (RISC-V: %pcrel_lo). A is 0. Alone in its expression.
inline constexpr expression HI{.hi = 1};
}  // namespace terms

/// When a value does not fit its field, in BFD's terms. `bitfield` takes n-bit values that may
/// be signed or unsigned and may wrap: -2^n .. 2^n - 1. Not BFD's is `magnitude`: what
/// n - 1 bits and a sign can say.
enum class overflow : unsigned char { dont, bitfield, signed_, unsigned_, magnitude };

/// Bits of a value, and where in the place they stand: as an instruction's format shows them.
struct part {
  std::uint8_t value = 0;  ///< number of the lowest bit in the value
  std::uint8_t width = 0;  ///< bits
  std::uint8_t place = 0;  ///< number of the lowest bit in the place, which is little-endian: one
                           ///< or two words of at most 32 bits
  constexpr bool operator==(const part&) const noexcept = default;
};

/// The bits of a place that a relocation writes: a whole word, or the parts of an instruction's
/// operand. In that order: the value is checked, shifted, rounded, its bits inverted, and put.
struct field {
  std::uint8_t bytes = 0;       ///< of the place
  std::uint8_t bits = 0;        ///< of the value: what the overflow check and a sign go by
  std::array<part, 8> parts{};  ///< none: the value is the place, in the machine's byte order
  std::uint8_t shift = 0;       ///< how far right. An Elf_Rel addend is not shifted back (AAELF32)
  std::uint32_t invert = 0;     ///< bits that stand inverted where the sign bit is 0 (Thumb's BL)
  std::uint32_t round = 0;  ///< added, then exclusive-ored: what the sign of the other half takes
  /// Bits of the place that are the sign, and what they are then; the rest is a magnitude.
  std::uint32_t plus = 0, minus = 0;
  constexpr bool operator==(const field&) const noexcept = default;
};

inline constexpr field no_field{}, word8{1, 8}, word16{2, 16}, word32{4, 32}, word64{8, 64};

/// What a loader does with a type. `none` is skipped before its symbol is looked at. `align`: the
/// place has A bytes of padding, and what follows is to be aligned to the smallest power of two
/// above A (RISC-V). `set_uleb128` and `sub_uleb128` are a pair of records of one place, which is
/// a ULEB128 number and keeps its length: S + A of the first, less S + A of the second (RISC-V).
enum class howto_kind : unsigned char {
  apply,
  none,
  tls,
  dynamic,
  align,
  set_uleb128,
  sub_uleb128
};

/// One relocation type. The name is the psABI's, and is how a type is spoken of everywhere.
struct howto {
  std::uint32_t type = 0;
  const char* name = "";
  field where{};
  expression value{};
  overflow check = overflow::dont;
  howto_kind kind = howto_kind::apply;
};

/// A relocation type that a psABI has and no row describes, and what is to be said about it. It is
/// told where errors have words, and leaves no byte elsewhere.
struct refused_type {
  std::uint32_t type = 0;
  const char* name = "";
  const char* why = "";
};

/// Whether v, as `bits` of an Addr, passes the check. `bits` is not 0, and less than an Addr has.
template <overflow Check, std::unsigned_integral Addr>
constexpr bool fits(unsigned bits, Addr v) noexcept {
  if constexpr (Check == overflow::signed_) {
    const unsigned unused = 8 * sizeof(Addr) - bits;
    return static_cast<Addr>(static_cast<std::make_signed_t<Addr>>(v << unused) >> unused) == v;
  } else if constexpr (Check == overflow::unsigned_) {
    return v >> bits == 0;
  } else if constexpr (Check == overflow::magnitude) {
    return static_cast<Addr>(v + (Addr{1} << (bits - 1)) - 1) < (Addr{1} << bits) - 1;
  } else if constexpr (Check == overflow::bitfield) {
    const Addr outside = v >> bits;
    return outside == 0 || outside == static_cast<Addr>(~Addr{0}) >> bits;
  }
  return true;
}

/// The letters' values at one place; those that the machine has no expression with are 0.
template <std::unsigned_integral Addr>
struct operands {
  Addr S = 0, A = 0, P = 0, G = 0, GOT = 0, L = 0, Z = 0, V = 0;
};

/// Always inlined: out of line it costs a relocation twice its time.
template <expression E, std::unsigned_integral Addr>
[[gnu::always_inline]] constexpr Addr evaluate(const operands<Addr>& o) noexcept {
  Addr v = 0;
  const auto term = [&v](int sign, Addr x) {
    if (sign > 0) v = static_cast<Addr>(v + x);
    if (sign < 0) v = static_cast<Addr>(v - x);
  };
  term(E.s, o.S), term(E.a, o.A), term(E.p, o.P), term(E.g, o.G), term(E.got, o.GOT),
      term(E.l, o.L), term(E.z, o.Z), term(E.pa, o.P & ~Addr{3}), term(E.v, o.V);
  return v;
}

}  // namespace relo
