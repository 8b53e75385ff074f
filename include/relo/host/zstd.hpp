// Zstandard (RFC 8878) by libzstd. Kernel: module_zstd_decompress().
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/host/decompressed.hpp>

#include <bit>
#include <memory>
#include <zstd.h>
#include <zstd_errors.h>

namespace relo::host {

inline constexpr unsigned char zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

namespace detail {

/// RFC 8878, 3.1.1.1: whether a frame header is there, whole, and asks for no window that
/// libzstd would refuse in any case (2 GiB).
inline bool zstd_frame_header(std::span<const unsigned char> in) noexcept {
  constexpr std::size_t start = sizeof zstd_magic + 1;
  if (in.size() < start) return false;
  const unsigned char descriptor = in[start - 1];
  const bool single = (descriptor & 0x20) != 0, reserved = (descriptor & 0x08) != 0;
  constexpr unsigned char dictionary_bytes[] = {0, 1, 2, 4}, content_bytes[] = {0, 2, 4, 8};
  const std::size_t content = descriptor >> 6 == 0 && single ? 1 : content_bytes[descriptor >> 6];
  const std::size_t size = start + (single ? 0 : 1) + dictionary_bytes[descriptor & 3] + content;
  if (in.size() < size || reserved) return false;
  constexpr unsigned largest_window = 31, smallest_window = 10;
  return single || (in[start] >> 3) + smallest_window <= largest_window;
}

struct free_zstd {
  void operator()(ZSTD_DCtx* context) const noexcept { ::ZSTD_freeDCtx(context); }
};

}  // namespace detail

/// Decompresses a zstd image to at most `limit` bytes.
inline decompressed unzstd(std::span<const unsigned char> in,
                           decompression rules = decompression::whole_file,
                           std::size_t limit = decompressed_limit) noexcept {
  if (!detail::starts_with(in, zstd_magic))
    return detail::decompression_error(kmod::error::bad_compression,
                                       "not a zstd compressed module");
  if (!detail::zstd_frame_header(in))
    return detail::decompression_error(kmod::error::bad_compression,
                                       "ZSTD-compressed data has an incomplete frame header");

  const std::unique_ptr<ZSTD_DCtx, detail::free_zstd> context{::ZSTD_createDCtx()};
  if (!context)
    return detail::decompression_error(errc::out_of_memory, "Can't initialize ZSTD stream");
  const int window_log =
      static_cast<int>(std::bit_width(std::max(limit, least_dictionary_limit))) - 1;
  ::ZSTD_DCtx_setParameter(
      context.get(), ZSTD_d_windowLogMax,
      std::min(window_log, ::ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound));

  const bool kernel = rules == decompression::as_kernel;
  detail::growing_output out{in.size(), limit};
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  for (;;) {
    const auto room = out.room();
    if (out.error() != errc::ok) break;
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    const std::size_t wanted = ::ZSTD_decompressStream(context.get(), &to, &from);
    if (::ZSTD_isError(wanted) != 0) {
      const ZSTD_ErrorCode code = ::ZSTD_getErrorCode(wanted);
      decompressed failed = detail::decompression_status("ZSTD-decompression", code);
      if (code == ZSTD_error_memory_allocation) failed.error = errc::out_of_memory;
      if (code == ZSTD_error_frameParameter_windowTooLarge) failed.error = errc::module_too_large;
      return failed;
    }
    out.wrote(to.pos);
    if (wanted == 0 && (kernel || from.pos == from.size)) break;
    if (wanted != 0 && from.pos == from.size && to.pos < to.size) {
      if (kernel) break;
      return detail::decompression_status("ZSTD-decompression", ZSTD_error_srcSize_wrong);
    }
  }
  return out.take();
}

}  // namespace relo::host
