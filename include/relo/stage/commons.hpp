// Common symbols: variables without a section, which get a place in the module's data.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages::detail {

/// Reserves zeros for each common symbol (gABI: SHN_COMMON; st_value is its alignment). Those that
/// code reaches at any distance (x86-64 psABI: SHN_X86_64_LCOMMON) come last, to put nothing else
/// out of reach. load.values has their offsets in mem_type::data then, for simplify_symbols.
template <class Load>
constexpr errc layout_commons(Load& load) {
  auto& image = load.image;
  load.values = load.loader.scratch().take(image.symbols());
  if (load.values.size() != image.symbols()) return load.out_of_scratch(0);
  for (const bool large : {false, true})
    for (std::uint32_t i = 1; i < image.symbols(); ++i) {
      const auto s = image.symbol(i);
      const std::uint32_t in = image.symbol_section(i, s);
      if (!image.is_common(in) || (in != image.common) != large) continue;
      const auto size = s.st_size(), align = s.st_value();
      if ((align & (align - 1)) != 0)
        return load.fail(errc::bad_common_alignment, {.symbol = i, .value = align});
      place<typename Load::addr> at;
      if (const errc e = load.reserve(mem_type::data, size, align, at); e != errc::ok)
        return load.fail(e, {.symbol = i, .value = size});
      load.values[i] = at.offset;
    }
  return errc::ok;
}

}  // namespace relo::stages::detail
