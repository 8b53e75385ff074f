// Exports of modules whose image stays addressable: its symbol table is where it was, in flash.
#pragma once

#include <relo/micro/layout_sections.hpp>
#include <relo/symbol/export_policy.hpp>

namespace relo::micro {

/// Exports every global symbol, at the cost of no table: names are compared one by one, and the
/// sections laid out again up to the symbol's. Source is that of every load, a contiguous one.
template <elf::source Source>
struct image_exports {
  using role = role::exports;
  static constexpr bool unique = false;

  template <class Machine>
  struct state {
    using image_type =
        elf::image<typename Machine::format, Source, Machine::rela, elf::numbering::plain>;
    image_type image{Source{{}}};
  };

  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    load.mod->exports.image = load.image;
  }

  template <class Loader, class Module, class Name, class Addr>
  static constexpr bool find(const Loader& loader, const Module& m, const Name& wanted, bool,
                             symbol<Addr>& out) noexcept {
    walk<Loader, Addr> load{loader, m.exports.image};
    for (std::uint32_t i = load.image.first_global(); i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      const std::uint32_t in = s.st_shndx();
      if (in == elf::shn::undef || in >= load.image.sections() ||
          !(load.image.symbol_name(s) == wanted))
        continue;
      Addr word = 0;
      for (std::uint32_t k = 0; k <= in; ++k)
        (void)layout_sections::lay_out(load, k, load.image.section(k), word);
      if (word == load.not_loaded) return false;
      out.address = static_cast<Addr>(m.regions[0].address + word + s.st_value());
      return true;
    }
    return false;
  }

 private:
  /// As much of a load_info as lay_out() asks for.
  template <class Loader, class Addr>
  struct walk {
    using addr = Addr;
    using layout = typename Loader::layout;
    static constexpr addr not_loaded = static_cast<addr>(~addr{0});
    const Loader& loader;
    typename state<typename Loader::machine>::image_type image;
    addr size = 0;

    constexpr bool reserve(std::size_t, addr n, addr align, addr& word) noexcept {
      (void)checked_append(size, align, n);
      word = static_cast<addr>(size - n);
      return true;
    }
  };
};

}  // namespace relo::micro
