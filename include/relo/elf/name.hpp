// A NUL-terminated name in a string table.
#pragma once

#include <relo/bytes.hpp>

namespace relo::elf {

/// Storage is `const Byte*` into an image, or an array that holds a copy of the name. In both
/// cases the bytes end in a NUL (checked by whoever made the name).
template <class Storage>
class name {
 public:
  /// No name yet: to be assigned before it is looked at.
  constexpr name() noexcept : s_{} {}
  explicit constexpr name(Storage s) noexcept : s_(s) {}

  constexpr char operator[](std::size_t i) const noexcept { return static_cast<char>(s_[i]); }
  constexpr bool empty() const noexcept { return (*this)[0] == '\0'; }

  /// Bytes i .. i + sizeof(T) - 1, all within size(), as a little-endian integer.
  template <std::unsigned_integral T>
  constexpr T word(std::size_t i) const noexcept {
    return load<T, std::endian::little>(&s_[0] + i);
  }

  /// Negative, zero or positive as strcmp(*this, other): bytes compare unsigned.
  constexpr int compare(const char* other) const noexcept {
    for (std::size_t i = 0;; ++i) {
      const auto a = static_cast<unsigned char>((*this)[i]), b = static_cast<unsigned char>(other[i]);
      if (a != b || a == 0) return a - b;
    }
  }
  constexpr bool operator==(const char* other) const noexcept { return compare(other) == 0; }

  constexpr bool starts_with(const char* prefix) const noexcept {
    for (std::size_t i = 0; prefix[i] != '\0'; ++i)
      if ((*this)[i] != prefix[i]) return false;
    return true;
  }

  constexpr std::size_t size() const noexcept {
    if constexpr (std::is_pointer_v<Storage>)
      if (!std::is_constant_evaluated()) return __builtin_strlen(reinterpret_cast<const char*>(s_));
    std::size_t n = 0;
    while ((*this)[n] != '\0') ++n;
    return n;
  }

 private:
  Storage s_;
};

name(const char*) -> name<const char*>;

}  // namespace relo::elf
