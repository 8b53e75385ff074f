// A kernel's image as it is booted, made plain.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/host/decompress.hpp>

namespace relo::host {

namespace detail {

/// The compressed kernel within a bzImage; empty if it is none. Linux:
/// Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
inline std::span<const unsigned char> bz_image_payload(std::span<const unsigned char> file) {
  constexpr std::size_t setup_sects = 0x1f1, header = 0x202, version = 0x206,
                        payload_offset = 0x248, payload_length = 0x24c, end = 0x250;
  constexpr unsigned char magic[] = {'H', 'd', 'r', 'S'};
  constexpr std::uint16_t with_payload = 0x208;
  if (file.size() < end || !starts_with(file.subspan(header), magic)) return {};
  const auto word = [&](std::size_t at) {
    return std::size_t{read_int<std::uint32_t, std::endian::little>(file.data() + at)};
  };
  if ((word(version) & 0xffff) < with_payload) return {};
  // 0 sectors of setup code means 4; the boot sector comes before them.
  const std::size_t sectors = file[setup_sects] == 0 ? 4 : file[setup_sects];
  const std::size_t at = (sectors + 1) * 512 + word(payload_offset);
  if (at > file.size() || file.size() - at < word(payload_length)) return {};
  return file.subspan(at, word(payload_length));
}

}  // namespace detail

/// The kernel in a bzImage, or in a file compressed as a whole, to at most `limit` bytes. Of
/// anything else, a vmlinux or an Image, it is a copy. bad_compression: damaged, or a bzImage with
/// a kernel that is compressed with neither gzip, xz nor zstd.
inline decompressed plain_kernel(std::span<const unsigned char> file,
                                 std::size_t limit = decompressed_limit) {
  // The length of what is compressed follows it in a bzImage: no decompressor may take offence.
  if (const auto payload = detail::bz_image_payload(file); !payload.empty())
    return decompress(payload, decompression::as_kernel, limit);
  if (compression_of(file) != compression::none)
    return decompress(file, decompression::whole_file, limit);
  decompressed plain;
  if (!plain.bytes.assign(file)) return detail::decompression_error(errc::out_of_memory, "");
  return plain;
}

}  // namespace relo::host
