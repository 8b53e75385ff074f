// xz by liblzma. Kernel: module_xz_decompress().
#pragma once

#include <relo/host/decompressed.hpp>

#include <lzma.h>
#include <utility>

namespace relo::host {

inline constexpr unsigned char xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};

namespace detail {

class xz_decoder {
 public:
  xz_decoder(std::uint64_t memory, std::uint32_t flags) noexcept
      : status_(::lzma_stream_decoder(&stream_, memory, flags)) {}
  xz_decoder(const xz_decoder&) = delete;
  xz_decoder& operator=(const xz_decoder&) = delete;
  ~xz_decoder() { ::lzma_end(&stream_); }

  lzma_check check() const noexcept { return ::lzma_get_check(&stream_); }

  /// Decodes up to whatever is not LZMA_OK.
  lzma_ret run(std::span<const unsigned char> in, growing_output& out) noexcept {
    if (stream_.next_in == nullptr) {
      stream_.next_in = in.data();
      stream_.avail_in = in.size();
    }
    while (status_ == LZMA_OK) {
      const auto room = out.room();
      if (out.error() != errc::ok) break;
      stream_.next_out = room.data();
      stream_.avail_out = room.size();
      status_ = ::lzma_code(&stream_, LZMA_FINISH);
      out.wrote(room.size() - stream_.avail_out);
    }
    return std::exchange(status_, LZMA_OK);
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  lzma_ret status_;
};

/// enum xz_ret of the kernel. An image that is cut off leaves its decoder content, XZ_OK.
inline int kernel_status(lzma_ret status) noexcept {
  switch (status) {
    case LZMA_UNSUPPORTED_CHECK: return 2;
    case LZMA_MEM_ERROR: return 3;
    case LZMA_MEMLIMIT_ERROR: return 4;
    case LZMA_FORMAT_ERROR: return 5;
    case LZMA_OPTIONS_ERROR: return 6;
    case LZMA_DATA_ERROR: return 7;
    default: return 0;
  }
}

}  // namespace detail

/// Decompresses an xz image to at most `limit` bytes.
inline decompressed unxz(std::span<const unsigned char> in,
                         decompression rules = decompression::whole_file,
                         std::size_t limit = decompressed_limit) noexcept {
  if (!detail::starts_with(in, xz_magic))
    return detail::decompression_error(kmod::error::bad_compression, "not an xz compressed module");

  const bool kernel = rules == decompression::as_kernel;
  // Beside the dictionary a decoder needs little: a tenth of this.
  constexpr std::uint64_t state = std::uint64_t{1} << 20;
  const std::uint64_t dictionary = std::max(limit, least_dictionary_limit);
  detail::xz_decoder decoder{dictionary + std::min(state, UINT64_MAX - dictionary),
                             kernel ? LZMA_TELL_ANY_CHECK
                                    : LZMA_TELL_UNSUPPORTED_CHECK | LZMA_CONCATENATED};
  detail::growing_output out{in.size(), limit};
  lzma_ret status = decoder.run(in, out);
  if (status == LZMA_GET_CHECK) {
    const lzma_check check = decoder.check();
    status = check == LZMA_CHECK_NONE || check == LZMA_CHECK_CRC32 ? decoder.run(in, out)
                                                                   : LZMA_OPTIONS_ERROR;
  }
  if (out.error() == errc::ok && status != LZMA_STREAM_END) {
    decompressed failed =
        detail::decompression_status("decompression", detail::kernel_status(status));
    if (status == LZMA_MEM_ERROR) failed.error = errc::out_of_memory;
    if (status == LZMA_MEMLIMIT_ERROR) failed.error = errc::module_too_large;
    return failed;
  }
  return out.take();
}

}  // namespace relo::host
