// Symbols as the kernel exports them, and the CRCs that say whether a module was built against
// them.
#pragma once

#include <relo/linux/load_info.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::kmod {

/// A symbol with what its exporter says of it. Kernel: struct find_symbol_arg.
template <class Addr>
struct kernel_symbol : symbol<Addr> {
  bool has_crc = false;
  std::uint32_t crc = 0;
  /// The namespace it is in, "" for none; and the module that it is of, "" for the kernel itself.
  const char* name_space = "";
  const char* owner = "";
  bool unused = false;  ///< up to 5.11
  /// The module that it is of is tainted so; where that is in the registry it is asked itself.
  bool proprietary = false;
};

/// Whether a module's __versions have that symbol's CRC. Kernel: check_version().
template <class Load, class Name, class Addr>
constexpr bool check_version(Load& load, const Name& called, const kernel_symbol<Addr>& found) {
  using addr = typename Load::addr;
  // An exporter without CRCs has tainted the kernel already.
  if (!load.settings().modversions || !found.has_crc) return true;
  if (load.index.vers == 0) return load.try_to_force_load(called);

  // struct modversion_info { unsigned long crc; char name[64 - sizeof(unsigned long)]; }
  constexpr addr size = 64;
  const auto s = load.image.section(load.index.vers);
  const bool there = load.image.within_file(s.sh_offset(), s.sh_size());
  for (addr i = 0, count = there ? s.sh_size() / size : 0; i < count; ++i) {
    const addr at = static_cast<addr>(s.sh_offset() + i * size);
    if (!(load.image.name_at(at, sizeof(addr)) == called)) continue;
    const auto* const p = load.image.source().data() + static_cast<std::size_t>(at);
    if (relo::load<addr, Load::byte_order>(p) == found.crc) return true;
    load.printk(load.name, ": disagrees about version of symbol ", called);
    return false;
  }
  load.printk(load.name, ": no symbol version for ", called);
  return !load.settings().missing_crc_refused;
}

}  // namespace relo::kmod
