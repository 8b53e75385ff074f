// What the decompressors have in common: bytes or an error, and how the bytes grow.
#pragma once

#include <relo/host/buffer.hpp>
#include <relo/linux/errno.hpp>

namespace relo::host {

/// Whose rules a compressed image must satisfy.
///  - whole_file: the format's: every check in it holds, members or streams may follow one
///    another, and nothing else may follow.
///  - as_kernel: module_decompress()'s: one member or stream, what follows it is ignored. gzip's
///    own checksum is not looked at; of xz's checks only CRC32 is known; a zstd frame that is cut
///    off ends there.
enum class decompression : unsigned char { whole_file, as_kernel };

/// More than any kernel module: what grows beyond it is a bomb.
inline constexpr std::size_t decompressed_limit = std::size_t{1} << 30;

/// A decompressor's own memory, which is its dictionary or window: as much as the limit, but what
/// `xz -9` and `zstd --long` ask for (64 and 128 MiB) in any case, as they do so for small files
/// too.
inline constexpr std::size_t least_dictionary_limit = std::size_t{128} << 20;

/// The bytes, or an error: bad_compression (EINVAL in the kernel), module_too_large (they, or a
/// dictionary, are beyond the limit), out_of_memory (both ENOMEM). There are no bytes with an
/// error.
struct decompressed {
  buffer bytes{};
  errc error = errc::ok;
  text<80> log{};  ///< for an error, the line that a kernel logs; "" where it logs none

  explicit operator bool() const noexcept { return error == errc::ok; }
};

namespace detail {

inline decompressed decompression_error(errc e, const char* log) noexcept {
  decompressed out;
  out.error = e;
  out.log << log;
  return out;
}

inline decompressed decompression_status(const char* what, int status) noexcept {
  decompressed out = decompression_error(kmod::error::bad_compression, what);
  out.log << " failed with status ";
  if (status < 0) out.log << '-';
  out.log << static_cast<std::uint64_t>(status < 0 ? -std::int64_t{status} : status);
  return out;
}

inline bool starts_with(std::span<const unsigned char> bytes,
                        std::span<const unsigned char> magic) noexcept {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

/// Output that grows with what is written, up to a limit and one byte more, so that an image of
/// just the limit is told from a longer one.
class growing_output {
 public:
  growing_output(std::size_t input, std::size_t limit) noexcept
      : limit_(std::min(limit, ~std::size_t{0} - 1)),
        next_(std::clamp<std::size_t>(input, least, least << 12) * 4) {}

  /// Where to write next; empty where error() says why.
  std::span<unsigned char> room() noexcept {
    if (used_ == bytes_.size()) grow();
    return {bytes_.data() + used_, bytes_.size() - used_};
  }
  void wrote(std::size_t n) noexcept {
    used_ += n;
    if (used_ > limit_) error_ = errc::module_too_large;
  }
  errc error() const noexcept { return error_; }

  decompressed take() noexcept {
    if (error_ != errc::ok) return decompression_error(error_, "");
    if (!bytes_.resize(used_)) return decompression_error(errc::out_of_memory, "");
    decompressed out;
    out.bytes = std::move(bytes_);
    return out;
  }

 private:
  static constexpr std::size_t least = 16384;

  void grow() noexcept {
    if (error_ == errc::ok && !bytes_.resize(std::min(limit_ + 1, std::max(next_, used_ * 2))))
      error_ = errc::out_of_memory;
  }

  std::size_t limit_, next_, used_ = 0;
  buffer bytes_{};
  errc error_ = errc::ok;
};

}  // namespace detail
}  // namespace relo::host
