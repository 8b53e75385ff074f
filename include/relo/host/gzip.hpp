// gzip (RFC 1952) by zlib. Kernel: module_gzip_decompress().
#pragma once

#include <relo/host/decompressed.hpp>

#include <climits>
#include <zlib.h>

namespace relo::host {

inline constexpr unsigned char gzip_magic[] = {0x1f, 0x8b, 0x08};

namespace detail {

/// Kernel: module_gzip_header_len(), which knows of no optional field but the name. 0: no header.
inline std::size_t gzip_header(std::span<const unsigned char> in) noexcept {
  constexpr std::size_t fixed = 10, flags = 3;
  constexpr unsigned char has_name = 0x08;
  if (in.size() < fixed || !starts_with(in, gzip_magic)) return 0;
  if ((in[flags] & has_name) == 0) return fixed;
  const auto end = std::find(in.begin() + fixed, in.end(), static_cast<unsigned char>(0));
  return end == in.end() ? 0 : static_cast<std::size_t>(end - in.begin()) + 1;
}

class inflater {
 public:
  explicit inflater(int window_bits) noexcept : status_(::inflateInit2(&stream_, window_bits)) {}
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() { ::inflateEnd(&stream_); }

  int status() const noexcept { return status_; }
  std::size_t left() const noexcept { return in_.size(); }
  void reset() noexcept { status_ = ::inflateReset(&stream_); }

  /// Inflates up to the end of a stream, which is Z_STREAM_END, or an error.
  int run(std::span<const unsigned char> in, growing_output& out) noexcept {
    in_ = in;
    while (status_ == Z_OK) {
      const auto room = out.room();
      if (out.error() != errc::ok) break;
      const auto given = static_cast<uInt>(std::min<std::size_t>(in_.size(), UINT_MAX)),
                 most = static_cast<uInt>(std::min<std::size_t>(room.size(), UINT_MAX));
      stream_.next_in = const_cast<Bytef*>(in_.data());
      stream_.avail_in = given;
      stream_.next_out = room.data();
      stream_.avail_out = most;
      status_ = ::inflate(&stream_, Z_NO_FLUSH);
      in_ = in_.subspan(given - stream_.avail_in);
      out.wrote(most - stream_.avail_out);
    }
    return status_;
  }

 private:
  std::span<const unsigned char> in_{};
  z_stream stream_{};
  int status_;
};

}  // namespace detail

/// Decompresses a gzip image to at most `limit` bytes.
inline decompressed gunzip(std::span<const unsigned char> in,
                           decompression rules = decompression::whole_file,
                           std::size_t limit = decompressed_limit) noexcept {
  const bool kernel = rules == decompression::as_kernel;
  const std::size_t header = detail::gzip_header(in);
  if (header == 0)
    return detail::decompression_error(kmod::error::bad_compression,
                                       "not a gzip compressed module");

  detail::inflater inflater{kernel ? -MAX_WBITS : MAX_WBITS + 16};
  detail::growing_output out{in.size(), limit};
  if (kernel) in = in.subspan(header);
  do {
    inflater.run(in, out);
    in = in.last(inflater.left());
    if (out.error() != errc::ok) break;
    if (const int status = inflater.status(); status != Z_STREAM_END) {
      decompressed failed = detail::decompression_status("decompression", status);
      if (status == Z_MEM_ERROR) failed.error = errc::out_of_memory;
      return failed;
    }
    inflater.reset();
  } while (!kernel && !in.empty());
  return out.take();
}

}  // namespace relo::host
