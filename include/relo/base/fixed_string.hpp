// Names at compile time.
#pragma once

#include <cstddef>

namespace relo {

/// A string as a template argument.
template <std::size_t N>
struct fixed_string {
  char s[N]{};
  consteval fixed_string(const char (&text)[N]) {
    for (std::size_t i = 0; i < N; ++i) s[i] = text[i];
  }
};

namespace detail {

constexpr bool same(const char* a, const char* b) noexcept {
  for (; *a == *b; ++a, ++b)
    if (*a == '\0') return true;
  return false;
}

}  // namespace detail

}  // namespace relo
