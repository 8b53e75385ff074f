// The stubs that code needs which a linker has not seen: slots of a GOT, and veneers.
#pragma once

#include <relo/base/role.hpp>
#include <relo/memory/memory.hpp>
#include <relo/module.hpp>
#include <relo/reloc/machine.hpp>
#include <relo/reloc/stubs.hpp>

namespace relo {

/// How there is room for GOT slots and veneers.
///  - counted says whether they are counted before memory is allocated. The stage
///    module_frob_arch_sections makes room for those, or for what may be needed.
///  - facet<Loader, Place> is a part of each load, and is asked for
///     - slot_of(load, i, S, g), true if g is the offset in the GOT of the slot that holds S, which
///       is symbol i's;
///     - veneer_of(load, i, S, l), true if l is the address of a veneer that jumps to S.
/// Its examples are counted_stubs and veneers_when_asked.
template <class S>
concept stubs_policy = requires {
  { S::counted } -> std::convertible_to<bool>;
  typename S::template facet<detail::any_loader, detail::any_loader>;
};

/// One for each symbol that relocations may need one for: they are counted before memory is
/// allocated, with a word of scratch memory a symbol.
struct counted_stubs {
  using role = role::stubs;
  static constexpr bool counted = true;
  template <class Loader, class Place>
  struct facet;
};

/// Veneers as a relocation asks for one, in a row at the end of the module's text region; memory
/// that can grow has as many as are needed, other memory as many as there are symbols that may be
/// too far away. No GOT. For modules that know of regions only.
struct veneers_when_asked {
  using role = role::stubs;
  static constexpr bool counted = false;
  template <class Loader, class Place>
  class facet;
};

template <class Loader, class Place>
struct counted_stubs::facet {
  using addr = typename Loader::addr;
  using machine = typename Loader::machine;

  stubs<addr> stub{};
  Place got{}, veneers{};  ///< reserved before layout

  /// The same symbol's slot is filled the same way each time.
  template <class Load>
  constexpr bool slot_of(const Load& load, std::uint32_t symbol, addr s, addr& g) const noexcept {
    if (!stub.has_got_slot(symbol)) return false;
    g = static_cast<addr>(stub.got_slot(symbol) * machine::got_entry);
    const auto slot = load.bytes_at({got.type, static_cast<addr>(got.offset + g)}, sizeof(addr));
    if (slot.empty()) return false;
    load.write_word(slot.data(), s);
    return true;
  }
  template <class Load>
  constexpr bool veneer_of(const Load& load, std::uint32_t symbol, addr s, addr& l) const noexcept {
    if (!stub.has_veneer(symbol)) return false;
    const Place at{veneers.type,
                   static_cast<addr>(veneers.offset + stub.veneer(symbol) * machine::veneer_size)};
    const auto code = load.bytes_at(at, machine::veneer_size);
    if (code.empty()) return false;
    l = load.address_of(at);
    machine::write_veneer(code.data(), l, s);
    return true;
  }
};

template <class Loader, class Place>
class veneers_when_asked::facet {
  using addr = typename Loader::addr;
  using machine = typename Loader::machine;
  using layout = typename Loader::layout;
  static_assert(!uses_got<machine>, "relo: veneers_when_asked has no GOT: take a machine without, "
                                    "such as relo::arch::armv7m_assembler, or only<machine, ...>");
  static_assert(!Loader::modules_type::by_type,
                "relo: veneers_when_asked is for modules that know of regions only, such as "
                "relo::small_modules");

 public:
  /// Whether room for veneers is made when they are: memory can grow, and is one region.
  static constexpr bool makes_room = [] {
    if constexpr (layout::regions == 1 && uses_veneers<machine>)
      return requires(typename Loader::memory_type& m, block<addr>& b) { m.grow(b, addr{}); };
    return false;
  }();

  std::size_t veneers, veneers_end;  ///< in their region

  /// Scratch memory that has a second word for each symbol knows which veneer is the symbol's;
  /// where it has not, and in scratch_of_one, for which nothing is too small, all are looked
  /// through, so that those who want to jump to S share one.
  template <class Load>
  constexpr bool veneer_of(Load& load, [[maybe_unused]] std::uint32_t i, addr s, addr& l) noexcept {
    if constexpr (decltype(load.loader.scratch().take(0))::extent == std::dynamic_extent)
      if (const std::size_t word = std::size_t{load.image.symbols()} + i;
          word < load.values.size()) {
        if (load.values[word] == 0 && !add(load, s, load.values[word])) return false;
        l = load.values[word];
        return true;
      }
    const block<addr>& region = load.mod->regions[text_region];
    const std::size_t end = end_of(load);
    std::size_t at = veneers;
    while (at != end && !machine::is_veneer_for(region.bytes.data() + at, s))
      at += machine::veneer_size;
    if (at == end) return add(load, s, l);
    l = static_cast<addr>(region.address + at);
    return true;
  }

  /// Makes room for one for each symbol that may be too far away: undefined, or a function that
  /// stays in the image and is called by what does not.
  template <class Load>
  constexpr errc reserve_veneers([[maybe_unused]] Load& load) noexcept {
    if constexpr (uses_veneers<machine> && !makes_room) {
      addr size = 0;
      for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
        const auto s = load.image.symbol(i);
        const std::uint32_t in = s.st_shndx();
        const bool function = s.type() == elf::stt::func;
        if (in == elf::shn::undef || (Load::in_place && function && load.is_loaded(in) &&
                                      load.place_of(in).type == mem_type::in_image))
          size = static_cast<addr>(size + machine::veneer_size);
      }
      Place at;
      if (load.reserve(mem_type::text, size, machine::veneer_align, at) != errc::ok)
        return errc::module_too_large;
      veneers = veneers_end = at.offset;
    }
    return errc::ok;
  }

 private:
  static constexpr std::size_t text_region = layout::region_of(mem_type::text);

  template <class Load>
  constexpr std::size_t end_of(const Load& load) const noexcept {
    return makes_room ? load.mod->regions[text_region].bytes.size() : veneers_end;
  }
  template <class Load>
  constexpr bool add(Load& load, addr s, addr& l) noexcept {
    constexpr std::size_t size = machine::veneer_size;
    block<addr>& region = load.mod->regions[text_region];
    const std::size_t at = end_of(load);
    if constexpr (makes_room) {
      if (!load.loader.memory().grow(region, size)) return false;
    } else {
      if (size > region.bytes.size() - at) return false;
      veneers_end += size;
    }
    l = static_cast<addr>(region.address + at);
    machine::write_veneer(region.bytes.data() + at, l, s);
    return true;
  }
};

}  // namespace relo
