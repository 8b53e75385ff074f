// Bytes and integers: the one place where file-order bytes become numbers and back.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace relo {

/// An object may be embedded or read as any of these; embedding as `char` (a string literal) is
/// by far the fastest to compile.
template <class B>
concept byte_like =
    std::same_as<B, char> || std::same_as<B, unsigned char> || std::same_as<B, std::byte>;

namespace detail {

// Where the core cannot load unaligned words, a fixed-size memcpy becomes a call; assembling
// the bytes in registers is smaller there and what the compiler would do anyway.
#if (defined(__arm__) && !defined(__ARM_FEATURE_UNALIGNED)) ||                                     \
    (defined(__riscv) && !defined(__riscv_misaligned_fast))
inline constexpr bool unaligned_words = false;
#else
inline constexpr bool unaligned_words = true;
#endif

template <std::unsigned_integral T>
constexpr T byteswap(T v) noexcept {
  if constexpr (sizeof(T) == 1) return v;
  else if constexpr (sizeof(T) == 2) return __builtin_bswap16(v);
  else if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(v));
  else return static_cast<T>(__builtin_bswap64(v));
}

/// Position of byte `i` of a T in its value, in bits.
template <class T, std::endian E>
constexpr unsigned shift_of(std::size_t i) noexcept {
  return static_cast<unsigned>(8 * (E == std::endian::little ? i : sizeof(T) - 1 - i));
}

template <std::unsigned_integral T, std::endian E, byte_like B, std::size_t... I>
constexpr T assemble(const B* p, std::index_sequence<I...>) noexcept {
  // A fold, not a loop: it costs constant evaluation a third less.
  return static_cast<T>((
      ... | static_cast<T>(static_cast<T>(static_cast<unsigned char>(p[I])) << shift_of<T, E>(I))));
}

}  // namespace detail

/// The T whose sizeof(T) bytes, in byte order E, start at `p`. Any alignment. At run time one
/// load; in a constant expression bytewise, so that reading outside an object does not compile.
template <std::unsigned_integral T, std::endian E, byte_like B>
constexpr T read_int(const B* p) noexcept {
  if (!std::is_constant_evaluated() && detail::unaligned_words) {
    T v;
    __builtin_memcpy(&v, p, sizeof v);
    return E == std::endian::native ? v : detail::byteswap(v);
  }
  return detail::assemble<T, E>(p, std::make_index_sequence<sizeof(T)>{});
}

/// As read_int(), where the caller knows that `p` is aligned to min(sizeof(T), Align).
template <std::unsigned_integral T, std::endian E, std::size_t Align, byte_like B>
constexpr T read_aligned(const B* p) noexcept {
  constexpr std::size_t align = Align < sizeof(T) ? Align : sizeof(T);
  if constexpr (align > 1)
    if (!std::is_constant_evaluated()) {
      T v;
      __builtin_memcpy(&v, __builtin_assume_aligned(p, align), sizeof v);
      return E == std::endian::native ? v : detail::byteswap(v);
    }
  return read_int<T, E>(p);
}

/// Writes `v` as sizeof(T) bytes in byte order E at `p`. Any alignment.
template <std::endian E, std::unsigned_integral T>
constexpr void write_int(unsigned char* p, T v) noexcept {
  if (!std::is_constant_evaluated() && detail::unaligned_words) {
    if constexpr (E != std::endian::native) v = detail::byteswap(v);
    __builtin_memcpy(p, &v, sizeof v);
    return;
  }
  for (std::size_t i = 0; i < sizeof(T); ++i)
    p[i] = static_cast<unsigned char>(v >> detail::shift_of<T, E>(i));
}

/// As write_int(), where the caller knows that `p` is aligned to sizeof(T).
template <std::endian E, std::unsigned_integral T>
constexpr void write_aligned(unsigned char* p, T v) noexcept {
  if (std::is_constant_evaluated()) return write_int<E>(p, v);
  if constexpr (E != std::endian::native) v = detail::byteswap(v);
  __builtin_memcpy(__builtin_assume_aligned(p, sizeof v), &v, sizeof v);
}

/// Copies n bytes; the ranges do not overlap.
template <byte_like B>
constexpr void copy_bytes(unsigned char* to, const B* from, std::size_t n) noexcept {
  if (!std::is_constant_evaluated()) {
    if (n != 0) __builtin_memcpy(to, from, n);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<unsigned char>(from[i]);
}

constexpr void zero_bytes(unsigned char* to, std::size_t n) noexcept {
  if (!std::is_constant_evaluated()) {
    if (n != 0) __builtin_memset(to, 0, n);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) to[i] = 0;
}

/// `v` rounded up to a multiple of `align` (a power of two; 0 counts as 1). Wraps like any
/// unsigned arithmetic: callers bound `v` first.
template <std::unsigned_integral T>
constexpr T align_up(T v, std::type_identity_t<T> align) noexcept {
  return align > 1 ? static_cast<T>((v + (align - 1)) & ~(align - 1)) : v;
}

/// align_up(v, align) + size in `v`; false, and `v` unchanged, when that does not fit a T.
template <std::unsigned_integral T>
constexpr bool checked_append(T& v, std::type_identity_t<T> align,
                              std::type_identity_t<T> size) noexcept {
  const T start = align_up(v, align);
  const T end = static_cast<T>(start + size);
  if (start < v || end < start) return false;
  v = end;
  return true;
}

}  // namespace relo
