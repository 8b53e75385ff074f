// Common symbols: variables without a section, which get a place in the module's data.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages::detail {

/// Has reserve(number, size, align) make room for each common symbol (gABI: SHN_COMMON; st_value is
/// its alignment). Those that code reaches at any distance (x86-64 psABI: SHN_X86_64_LCOMMON) come
/// last, to put nothing else out of reach.
template <class Load, class Reserve>
constexpr errc reserve_commons(Load& load, Reserve&& reserve) {
  auto& image = load.image;
  constexpr std::uint32_t common = elf::shn::common, large = large_common<typename Load::machine>;
  for (const std::uint32_t kind : {common, large}) {
    for (std::uint32_t i = 1; i < image.symbols(); ++i) {
      const auto s = image.symbol(i);
      if (image.symbol_section(i, s) != (kind | image.reserved)) continue;
      const auto size = s.st_size(), align = s.st_value();
      if ((align & (align - 1)) != 0)
        return load.fail(errc::bad_common_alignment, {.symbol = i, .value = align});
      if (const errc e = reserve(i, size, align); e != errc::ok)
        return load.fail(e, {.symbol = i, .value = size});
    }
    if (common == large) break;
  }
  return errc::ok;
}

/// Reserves zeros for them. load.values has their offsets in mem_type::data then, for
/// simplify_symbols.
template <class Load>
constexpr errc layout_commons(Load& load) {
  using addr = typename Load::addr;
  load.values = load.loader.scratch().take(load.image.symbols());
  if (load.values.size() != load.image.symbols()) return load.out_of_scratch(0);
  return reserve_commons(load, [&](std::uint32_t i, addr size, addr align) {
    place<addr> at;
    const errc e = load.reserve(mem_type::data, size, align, at);
    if (e == errc::ok) load.values[i] = at.offset;
    return e;
  });
}

}  // namespace relo::stages::detail
