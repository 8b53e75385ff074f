// Build IDs: what the linker calls a file by its contents.
#pragma once

#include <relo/base/bytes.hpp>

#include <array>

namespace relo::kmod {

/// Kernel: BUILD_ID_SIZE_MAX. Shorter ones are followed by zeros.
inline constexpr std::size_t build_id_size = 20;
using build_id = std::array<unsigned char, build_id_size>;

/// The build ID among notes (gABI: a section of type SHT_NOTE, here with words of 4 bytes), if
/// there is one. Kernel: build_id_parse_buf().
template <std::endian Order>
constexpr bool parse_build_id(std::span<const unsigned char> notes, build_id& out) noexcept {
  constexpr std::size_t header = 12;
  constexpr std::uint32_t nt_gnu_build_id = 3;
  constexpr unsigned char gnu[] = {'G', 'N', 'U', '\0'};
  const auto word = [&](std::size_t at) {
    return std::uint64_t{read_int<std::uint32_t, Order>(notes.data() + at)};
  };
  for (std::size_t at = 0; notes.size() - at > header;) {
    const std::uint64_t name_size = word(at), size = word(at + 4);
    const std::uint64_t note = header + align_up(name_size, 4) + align_up(size, 4);
    if (note > notes.size() - at) return false;
    const auto name = notes.subspan(at + header);
    bool is_gnu = name_size == sizeof gnu;
    for (std::size_t i = 0; is_gnu && i < sizeof gnu; ++i) is_gnu = name[i] == gnu[i];
    if (is_gnu && word(at + 8) == nt_gnu_build_id && size > 0 && size <= build_id_size) {
      out = {};
      copy_bytes(out.data(), name.data() + sizeof gnu, static_cast<std::size_t>(size));
      return true;
    }
    at += static_cast<std::size_t>(note);
  }
  return false;
}

}  // namespace relo::kmod
