// Compressed images, whatever they are compressed with.
#pragma once

#include <relo/host/gzip.hpp>
#include <relo/host/xz.hpp>
#include <relo/host/zstd.hpp>

namespace relo::host {

enum class compression : unsigned char { none, gzip, xz, zstd };

/// By the first bytes.
inline compression compression_of(std::span<const unsigned char> in) noexcept {
  if (detail::starts_with(in, gzip_magic)) return compression::gzip;
  if (detail::starts_with(in, xz_magic)) return compression::xz;
  if (detail::starts_with(in, zstd_magic)) return compression::zstd;
  return compression::none;
}

/// Decompresses an image to at most `limit` bytes. bad_compression: by none of the three, or
/// damaged.
///
/// A kernel that is given a compressed image (MODULE_INIT_COMPRESSED_FILE) knows just the one it
/// was configured for, and says of any other what gunzip(), unxz() or unzstd() says: call that.
inline decompressed decompress(std::span<const unsigned char> in,
                               decompression rules = decompression::whole_file,
                               std::size_t limit = decompressed_limit) noexcept {
  switch (compression_of(in)) {
    case compression::gzip: return gunzip(in, rules, limit);
    case compression::xz: return unxz(in, rules, limit);
    case compression::zstd: return unzstd(in, rules, limit);
    case compression::none: break;
  }
  return detail::decompression_error(kmod::error::bad_compression, "");
}

}  // namespace relo::host
