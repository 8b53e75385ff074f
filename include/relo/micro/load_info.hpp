// What a small machine knows of an object while it is being loaded: a word a section and, as far
// as scratch memory goes, a word a global symbol.
#pragma once

#include <relo/load_info.hpp>
#include <relo/micro/module.hpp>
#include <relo/symbol/provided.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::micro {

namespace detail {

/// What only modules with names have: tables that are found by section names, and arguments.
template <class Addr, bool Named>
struct named_tables {};
template <class Addr>
struct named_tables<Addr, true> {
  struct {
    std::uint32_t param = 0, ksymtab = 0, ksymtab_gpl = 0;  ///< section numbers; 0: there is none
  } index{};
  Addr args = 0;  ///< as a section's place
};

}  // namespace detail

template <class Loader, elf::source Source>
struct load_info : basic_load_info<Loader, Source, elf::numbering::plain>,
                   detail::named_tables<typename Loader::addr, Loader::modules_type::named> {
  using base = basic_load_info<Loader, Source, elf::numbering::plain>;
  using typename base::addr;
  using typename base::image_type;
  using typename base::machine;
  using base::image, base::mod, base::places, base::loader;
  using layout = typename Loader::layout;
  static constexpr bool named = Loader::modules_type::named;
  static_assert(!uses_got<machine>,
                "relo: a small machine's modules have no GOT: take a machine without, such as "
                "relo::arch::armv7m_assembler, or only<machine, ...>");

  // places: what reserve() said while sections are laid out; once there is memory, addresses.
  static constexpr addr not_loaded = static_cast<addr>(~addr{0});
  std::array<addr, layout::regions> sizes{}, alignments{};  ///< of each region, so far
  std::span<addr> values{};  ///< addresses of global symbols, from the first on; 0: not asked for
  addr veneers = 0, veneers_end = 0;  ///< as a section's place, and what follows them

  constexpr load_info(Loader& l, const Source& source, const load_options& given) noexcept
      : base{l, image_type{source}, given} {}

  /// Makes room for `size` bytes at the end of a region. False if there is no such room in the
  /// target's address space.
  constexpr bool reserve(std::size_t region, addr size, addr align, addr& word) noexcept {
    if (!checked_append(sizes[region], align, size) || sizes[region] > max_offset) return false;
    word = static_cast<addr>(sizes[region] - size);
    if constexpr (several) word |= static_cast<addr>(region) << offset_bits;
    if (align > alignments[region]) alignments[region] = align;
    return true;
  }
  /// What reserve() said, as an address.
  constexpr addr address_of(addr word) const noexcept {
    if constexpr (!several) return static_cast<addr>(mod->regions[0].address + word);
    return static_cast<addr>(mod->regions[word >> offset_bits].address + (word & max_offset));
  }

  constexpr bool is_loaded(std::uint32_t section) const noexcept {
    return section < places.size() && places[section] != not_loaded;
  }
  constexpr addr section_address(std::uint32_t section) const noexcept { return places[section]; }
  /// Null unless the module has `size` bytes there.
  constexpr unsigned char* section_data(std::uint32_t section, addr size) const noexcept {
    return mod->at(places[section], size);
  }
  constexpr extent<addr> section_extent(std::uint32_t section) noexcept {
    if (!is_loaded(section)) return {};
    return {section_address(section), image.section(section).sh_size()};
  }

  /// Symbols are resolved when a relocation first asks. (Kernel: simplify_symbols() resolves all
  /// of them before; here those that only R_*_NONE names need no answer.)
  constexpr errc symbol_address(std::uint32_t i, addr& out) noexcept {
    const std::uint32_t global = i - image.first_global();
    addr none = 0;
    addr& kept = global < values.size() ? values[global] : none;
    errc e = errc::ok;
    if (kept == 0) e = resolve(i, kept);
    out = kept;
    return e;
  }

  /// Veneers stand in a row, and one that jumps to S is shared by all that want to.
  constexpr bool veneer(std::uint32_t, addr s, addr& l) noexcept {
    for (l = veneers; l != veneers_end; l = static_cast<addr>(l + machine::veneer_size)) {
      unsigned char* const code = mod->at(l, machine::veneer_size);
      if (code == nullptr) break;
      if (code[0] == 0) machine::write_veneer(code, l, s);  // memory comes zeroed
      if (machine::is_veneer_for(code, s)) return true;
    }
    return false;
  }

 private:
  static constexpr bool several = layout::regions > 1;
  static constexpr unsigned offset_bits = 8 * sizeof(addr) - 3;
  static constexpr addr max_offset = several ? (addr{1} << offset_bits) - 1 : not_loaded - 1;

  constexpr errc resolve(std::uint32_t i, addr& out) noexcept {
    const auto s = image.symbol(i);
    const std::uint32_t in = image.symbol_section(i, s);
    if (in == elf::shn::undef) return i == 0 ? errc::ok : find(s, out);
    if (in == image_type::common) return errc::common_symbol;
    addr start = 0;
    if (in != image_type::abs) {
      if (!is_loaded(in)) return errc::symbol_section_not_loaded;
      start = section_address(in);
    }
    out = static_cast<addr>(start + s.st_value());
    return errc::ok;
  }
  template <class Symbol>
  constexpr errc find(const Symbol& s, addr& out) noexcept {
    symbol<addr> found;
    const auto called = image.symbol_name(s);
    if (!loader.host_symbols().find(called, true, found) && !find_elsewhere(called, found) &&
        s.bind() != elf::stb::weak)
      return errc::unknown_symbol;
    out = found.address;
    return errc::ok;
  }
  /// A module without a name is nobody's dependency.
  template <class Name>
  constexpr bool find_elsewhere([[maybe_unused]] const Name& called,
                                [[maybe_unused]] symbol<addr>& found) noexcept {
    if constexpr (named) {
      if (find_provided(*this, called, found)) return true;
      if (auto* const used = loader.find_exported(called, true, found)) {
        loader.registry().use(*mod, *used);
        return true;
      }
    }
    return false;
  }
};

}  // namespace relo::micro
