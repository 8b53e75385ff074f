// Values of module parameters as texts say them.
#pragma once

#include <relo/diagnostics.hpp>

namespace relo {

/// The bool that a text says. Kernel: kstrtobool(); since 5.18 it knows `true` and `false`.
template <class Text>
constexpr errc parse_bool(const Text& s, bool true_false, bool& out) noexcept {
  switch (s[0]) {
    case 't':
    case 'T':
      if (!true_false) break;
      [[fallthrough]];
    case 'y':
    case 'Y':
    case '1': return out = true, errc::ok;
    case 'f':
    case 'F':
      if (!true_false) break;
      [[fallthrough]];
    case 'n':
    case 'N':
    case '0': return out = false, errc::ok;
    case 'o':
    case 'O':
      if (s[1] == 'n' || s[1] == 'N') return out = true, errc::ok;
      if (s[1] == 'f' || s[1] == 'F') return out = false, errc::ok;
      break;
    default: break;
  }
  return errc::bad_parameter;
}

/// The integer of that width in bits that a text says as C would write it; one newline may follow.
/// Two's complement in `out`, in 64 bits. Kernel: kstrtoull(), kstrtoll() with base 0, and their
/// kin.
template <class Text>
constexpr errc parse_integer(const Text& s, unsigned bits, bool is_signed,
                             std::uint64_t& out) noexcept {
  std::size_t at = 0;
  const auto digit = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(s[i]), lower = static_cast<unsigned char>(c | 0x20);
    return c >= '0' && c <= '9'           ? c - unsigned{'0'}
           : lower >= 'a' && lower <= 'f' ? lower - unsigned{'a'} + 10U
                                          : 16U;
  };
  const bool negative = is_signed && s[0] == '-';
  if (negative || s[0] == '+') ++at;
  unsigned base = 10;
  if (s[at] == '0') {
    base = 8;
    if ((s[at + 1] | 0x20) == 'x' && digit(at + 2) < 16) base = 16, at += 2;
  }
  const std::size_t first = at;
  std::uint64_t v = 0;
  bool overflow = false;
  for (unsigned d = digit(at); d < base; d = digit(++at)) {
    const std::uint64_t low = (v & 0xffffffff) * base + d, high = (v >> 32) * base + (low >> 32);
    overflow = overflow || high >> 32 != 0;
    v = high << 32 | (low & 0xffffffff);
  }
  if (overflow) return errc::parameter_out_of_range;
  if (at == first) return errc::bad_parameter;
  if (s[at] == '\n') ++at;
  if (s[at] != '\0') return errc::bad_parameter;

  const std::uint64_t most = ~std::uint64_t{0} >> (64 - bits),
                      limit = is_signed ? (most >> 1) + (negative ? 1 : 0) : most;
  if (v > limit) return errc::parameter_out_of_range;
  out = negative ? 0 - v : v;
  return errc::ok;
}

}  // namespace relo
