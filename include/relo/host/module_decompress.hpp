// Compressed modules, as a kernel that decompresses them itself takes them.
#pragma once

#include <relo/host/decompress.hpp>
#include <relo/linux/call/init_module.hpp>

namespace relo::host {

/// A kmod::module_decompressor for kmod::finit_module(). A kernel knows one compression, and says
/// of any other file what this one's decompressor says.
struct module_decompress {
  decompressed decompress(std::span<const unsigned char> file,
                          kmod::module_compression by) const noexcept {
    constexpr auto rules = decompression::as_kernel;
    switch (by) {
      case kmod::module_compression::gzip: return gunzip(file, rules);
      case kmod::module_compression::xz: return unxz(file, rules);
      case kmod::module_compression::zstd: return unzstd(file, rules);
      case kmod::module_compression::none: break;
    }
    return detail::decompression_error(kmod::error::compression_not_supported, "");
  }
};

}  // namespace relo::host
