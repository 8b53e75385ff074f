// A NUL-terminated name: of a file's string table, or of a program's.
#pragma once

#include <relo/base/bytes.hpp>

namespace relo::elf {

/// No more of a name is read where thousands of a file's symbols or records may bear one long name:
/// no name in a module's tables is as long, and what else is equal in so many bytes has one hash.
/// Kernel: KSYM_NAME_LEN, but C++ has longer ones.
inline constexpr std::size_t max_name = 4096;

template <class Storage>
class name;

namespace detail {
/// The first `size` bytes of a name.
template <class Storage>
struct beginning {
  Storage of;
  std::size_t size;
  constexpr char operator[](std::size_t i) const noexcept {
    return i < size ? static_cast<char>(of[i]) : '\0';
  }
};
}  // namespace detail

/// Storage is `const Byte*` into an image, an array that holds a copy of the name, or whatever else
/// has the bytes by number. They end in a NUL (checked by whoever made the name).
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
    if constexpr (requires { &s_[0]; }) return read_int<T, std::endian::little>(&s_[0] + i);
    T out = 0;
    for (std::size_t k = sizeof(T); k-- != 0;)
      out = static_cast<T>(out << 8 | static_cast<unsigned char>((*this)[i + k]));
    return out;
  }
  constexpr const Storage& storage() const noexcept { return s_; }

  /// Negative, zero or positive as strcmp(*this, other): bytes compare unsigned.
  template <byte_like B>
  constexpr int compare(const B* other) const noexcept {
    if constexpr (in_libc)
      if (!std::is_constant_evaluated()) return __builtin_strcmp(c_str(s_), c_str(other));
    for (std::size_t i = 0;; ++i) {
      const auto a = static_cast<unsigned char>((*this)[i]),
                 b = static_cast<unsigned char>(other[i]);
      if (a != b || b == 0) return a - b;
    }
  }
  template <class Other>
  constexpr int compare(const name<Other>& other) const noexcept {
    std::size_t i = 0;
    while ((*this)[i] == other[i] && other[i] != '\0') ++i;
    return static_cast<unsigned char>((*this)[i]) - static_cast<unsigned char>(other[i]);
  }
  template <byte_like B>
  constexpr bool operator==(const B* other) const noexcept {
    // Most names differ here, where no call is needed.
    return (*this)[0] == static_cast<char>(other[0]) && compare(other) == 0;
  }

  template <class Other>
  constexpr bool operator==(const name<Other>& other) const noexcept {
    return compare(other) == 0;
  }

  constexpr bool starts_with(const char* prefix) const noexcept {
    for (std::size_t i = 0; prefix[i] != '\0'; ++i)
      if ((*this)[i] != prefix[i]) return false;
    return true;
  }

  /// The name that this one begins with, of n <= size() characters.
  constexpr auto first(std::size_t n) const noexcept {
    return name<detail::beginning<Storage>>{{s_, n}};
  }

  constexpr std::size_t size() const noexcept {
    if constexpr (in_libc)
      if (!std::is_constant_evaluated()) return __builtin_strlen(c_str(s_));
    std::size_t n = 0;
    while ((*this)[n] != '\0') ++n;
    return n;
  }
  /// size(), or `most` if that is more: no byte behind that is looked at.
  constexpr std::size_t size(std::size_t most) const noexcept {
    if constexpr (in_libc)
      if (!std::is_constant_evaluated()) {
        const char* start = c_str(s_);
        // memchr() stops at the NUL; g++ 14 would have as much memory there as may be searched.
        __asm__("" : "+r"(start));
        const void* const end = __builtin_memchr(start, 0, most);
        return end == nullptr ? most
                              : static_cast<std::size_t>(static_cast<const char*>(end) - start);
      }
    std::size_t n = 0;
    while (n < most && (*this)[n] != '\0') ++n;
    return n;
  }

 private:
  /// A large machine's C library compares many bytes a step; a small one's costs flash.
  static constexpr bool in_libc =
      std::is_pointer_v<Storage> && __STDC_HOSTED__ != 0 && sizeof(void*) == 8;
  template <byte_like B>
  static const char* c_str(const B* s) noexcept {
    return static_cast<const char*>(static_cast<const void*>(s));
  }

  Storage s_;
};

name(const char*) -> name<const char*>;
// Bytes that could be written have the same code.
name(unsigned char*) -> name<const unsigned char*>;

}  // namespace relo::elf
