// Exports of modules whose image stays addressable: its symbol table is where it was, in flash.
#pragma once

#include <relo/module/export_policy.hpp>

namespace relo {

/// Exports every global symbol, at the cost of no table: names are compared one by one. Source is
/// that of every load, a contiguous one.
template <elf::source Source>
struct image_exports {
  using role = role::exports;
  static constexpr bool unique = false, keeps_sections = true;
  using byte = std::remove_cvref_t<decltype(*std::declval<Source>().data())>;

  /// Of the image: global symbols, their names, and how many sections there are.
  template <class Machine>
  struct state {
    const byte* symbols = nullptr;
    const byte* end = nullptr;
    const byte* names = nullptr;
    std::uint32_t names_last = 0, sections = 0;
  };

  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    const auto& image = load.image;
    load.mod->exports = {image.symbol_position(image.first_global()),
                         image.symbol_position(image.symbols()), image.names_position(),
                         static_cast<std::uint32_t>(image.names_last()), image.sections()};
  }

  template <class Loader, class Module, class Name, class Addr>
  static constexpr bool find(const Loader&, const Module& m, const Name& wanted, bool,
                             symbol<Addr>& out) noexcept {
    using format = typename Loader::machine::format;
    using record = elf::sym<format, const byte*, Source::alignment>;
    const auto& e = m.exports;
    for (const byte* at = e.symbols; at != e.end; at += record::size) {
      const record s{at};
      const std::uint32_t in = s.st_shndx();
      if (in == elf::shn::undef || in >= e.sections || s.st_name() > e.names_last ||
          !(elf::name{e.names + s.st_name()} == wanted))
        continue;
      out.address = static_cast<Addr>(m.section_address(in) + s.st_value());
      return m.section_address(in) != m.not_loaded;
    }
    return false;
  }
};

}  // namespace relo
