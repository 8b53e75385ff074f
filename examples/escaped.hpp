// Text of others, made fit for a terminal.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace example {

namespace detail {

/// The bytes of the UTF-8 sequence at the beginning of `text`, and its code point; 0 bytes: it is
/// none (Unicode 15, table 3-7).
struct code_point {
  std::size_t size;
  char32_t value;
};
inline code_point first_of(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {1, byte(0)};
  const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return {0, 0};
  char32_t value = byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < least[size] || value > 0x10ffff || surrogate) return {0, 0};
  return {size, value};
}

/// Whether a terminal does something else with it than show it where it stands: controls (C0, C1,
/// DEL), separators of lines and paragraphs, and what turns the direction of writing.
constexpr bool is_obeyed(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace detail

inline bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = detail::first_of(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Text of a line that others have written, so that it stays in this line: a byte as \x1b if it is
/// part of what a terminal would obey, or of no UTF-8. Of what would be obeyed, `kept` is kept.
/// What is escaped already stays as it is.
inline std::string escaped(std::string_view text, std::string_view kept = "") {
  std::string out;
  while (!text.empty()) {
    const auto [size, value] = detail::first_of(text);
    const std::string_view one = text.substr(0, std::max<std::size_t>(size, 1));
    if (size != 0 && (!detail::is_obeyed(value) || kept.find(one) != kept.npos)) {
      out += one;
    } else {
      constexpr char digits[] = "0123456789abcdef";
      for (const char c : one) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
      }
    }
    text.remove_prefix(one.size());
  }
  return out;
}

}  // namespace example
