// Relocation types as rows of a table: the psABI's own columns.
#pragma once

#include <relo/bytes.hpp>

namespace relo {

/// A psABI expression: a sum of its terms, each with a sign.
struct expression {
  signed char s = 0, a = 0, p = 0, g = 0, got = 0, l = 0, z = 0;

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
    return {term(s, y.s),     term(a, y.a), term(p, y.p), term(g, y.g),
            term(got, y.got), term(l, y.l), term(z, y.z)};
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
inline constexpr expression Z{.z = 1};  ///< st_size
}  // namespace terms

/// When a value does not fit its field, in BFD's terms. `bitfield` takes n-bit values that may
/// be signed or unsigned and may wrap: -2^n .. 2^n - 1.
enum class overflow : unsigned char { dont, bitfield, signed_, unsigned_ };

/// The bits of a place that a relocation writes.
struct field {
  unsigned char bytes = 0;  ///< of the place
  unsigned char bits = 0;   ///< of the value
  constexpr bool operator==(const field&) const noexcept = default;
};

inline constexpr field no_field{}, word8{1, 8}, word16{2, 16}, word32{4, 32}, word64{8, 64};

/// What a loader does with a type. `none` is skipped before its symbol is looked at.
enum class howto_kind : unsigned char { apply, none, tls, dynamic };

/// One relocation type. The name is the psABI's, and is how a type is spoken of everywhere.
struct howto {
  std::uint32_t type = 0;
  const char* name = "";
  field where{};
  expression value{};
  overflow check = overflow::dont;
  howto_kind kind = howto_kind::apply;
};

/// Whether v, as `bits` of an Addr, passes the check.
template <overflow Check, unsigned Bits, std::unsigned_integral Addr>
constexpr bool fits(Addr v) noexcept {
  if constexpr (Check == overflow::dont || Bits >= 8 * sizeof(Addr)) {
    return true;
  } else if constexpr (Check == overflow::signed_) {
    return static_cast<Addr>(v + (Addr{1} << (Bits - 1))) >> Bits == 0;
  } else if constexpr (Check == overflow::unsigned_) {
    return v >> Bits == 0;
  } else {
    const Addr outside = v >> Bits;
    return outside == 0 || outside == static_cast<Addr>(~Addr{0}) >> Bits;
  }
}

/// The letters' values at one place. G, GOT and L are asked for when an expression has them.
template <std::unsigned_integral Addr>
struct operands {
  Addr S = 0, A = 0, P = 0, G = 0, GOT = 0, L = 0, Z = 0;
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
      term(E.l, o.L), term(E.z, o.Z);
  return v;
}

}  // namespace relo
