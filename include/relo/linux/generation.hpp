// Which kernel.
#pragma once

namespace relo::kmod {

/// The module loaders of Linux that differ in what they do, by the first of the releases that
/// has the last of those differences.
enum class generation : unsigned char {
  v5_11,  ///< up to 5.11: core and init, five export tables
  v6_1,   ///< 5.12 to 6.3: core and init, two export tables
  v6_12   ///< 6.4 to 6.12: a region a memory type (enum mod_mem_type)
};

}  // namespace relo::kmod
