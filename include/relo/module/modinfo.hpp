// .modinfo: "tag=value" strings, each NUL-terminated. Kernel: get_modinfo().
#pragma once

#include <relo/base/fixed_string.hpp>
#include <relo/diagnostics.hpp>
#include <relo/elf/source.hpp>

namespace relo {

/// The value of the first entry with that tag in section `index` (0: there is none), cut to
/// what `out` holds; false if there is no such entry. Reads nothing outside the section, nor, where
/// its header reads differently than when it was checked, outside the file.
template <class Load, std::size_t N>
constexpr bool get_modinfo(Load& load, std::uint32_t index, const char* tag, text<N>& out) {
  if (index == 0) return false;
  auto& image = load.image;
  const auto s = image.section(index);
  if (!image.within_file(s.sh_offset(), s.sh_size())) return false;
  const auto begin = static_cast<std::size_t>(s.sh_offset()),
             end = begin + static_cast<std::size_t>(s.sh_size());
  const auto byte = [&](std::size_t at) {
    auto& file = image.source();
    return at < end ? static_cast<char>(file.at(elf::table::others, file.position_of(at), 1)[0])
                    : '\0';
  };
  for (std::size_t entry = begin; entry < end && !image.source().failed();) {
    std::size_t at = entry;
    const char* t = tag;
    while (*t != '\0' && byte(at) == *t) ++at, ++t;
    if (*t == '\0' && byte(at) == '=') {
      for (char c = byte(++at); c != '\0'; c = byte(++at)) out << c;
      return true;
    }
    while (byte(at) != '\0') ++at;
    entry = at + 1;
  }
  return false;
}

/// Kernel: license_is_gpl_compatible() in include/linux/license.h.
constexpr bool license_is_gpl_compatible(const char* license) noexcept {
  for (const char* gpl : {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL",
                          "Dual MIT/GPL", "Dual MPL/GPL"})
    if (detail::same(license, gpl)) return true;
  return false;
}

}  // namespace relo
