// A module on a small machine: a few words, and its memory.
#pragma once

#include <relo/module.hpp>

namespace relo::micro {

template <class Addr, class Layout, class Modules, class ExportState>
struct module;
template <class Loader, elf::source Source>
struct load_info;

/// At most Capacity modules, up to 32, with names of up to NameSize - 1 characters; without names
/// (NameSize 1) they are spoken of by reference. Those whose objects may be in_place say so by
/// KeepImage: names of exports and of parameters are then found where they were left.
template <std::size_t Capacity, std::size_t NameSize = 1, bool KeepImage = false>
struct modules {
  static_assert(Capacity <= 32 && NameSize >= 1);
  using role = role::modules;
  static constexpr std::size_t capacity = Capacity, name_size = NameSize;
  static constexpr bool named = NameSize > 1, keep_image = KeepImage;
  template <class Addr, class Layout, class ExportState>
  using module = micro::module<Addr, Layout, modules, ExportState>;
  template <class Loader, elf::source Source>
  using load_info = micro::load_info<Loader, Source>;
};

namespace detail {

/// What only modules with names have.
template <class Module, class Addr, class Modules>
struct named_module {
  Module* next = nullptr;     ///< in load order
  Addr init = 0, exit = 0;    ///< entry points; 0: none
  extent<Addr> parameters{};  ///< kernel_param records
  std::array<std::uint32_t, 1> uses{};
  text<Modules::name_size> name{};
};
struct nameless_module {};

/// An object that stays where it is.
template <class Addr, bool Keep>
struct image_extent {};
template <class Addr>
struct image_extent<Addr, true> {
  std::span<const unsigned char> bytes{};  ///< none: it does not
  Addr address = 0;
};

}  // namespace detail

/// See relo::module. Sections of one region lie in it in file order, whatever their memory type.
template <class Addr, class Layout, class Modules, class ExportState>
struct module : std::conditional_t<
                    Modules::named,
                    detail::named_module<module<Addr, Layout, Modules, ExportState>, Addr, Modules>,
                    detail::nameless_module> {
  using addr = Addr;
  static constexpr std::size_t name_size = Modules::name_size;
  /// Where the addresses of sections stand, in front of all else.
  static constexpr std::size_t table_region = Layout::region_of(mem_type::data);
  static constexpr Addr not_loaded = static_cast<Addr>(~Addr{0});

  module_state state = module_state::none;
  std::uint16_t references = 0;
  std::array<block<Addr>, Layout::regions> regions{};
  extent<Addr> destructors{};  ///< pointers, run one after the other
  [[no_unique_address]] ExportState exports{};
  [[no_unique_address]] detail::image_extent<Addr, Modules::keep_image> image{};

  constexpr const block<Addr>& memory(mem_type t) const noexcept {
    return regions[Layout::region_of(t)];
  }
  /// i is the number of a section of the object.
  constexpr Addr section_address(std::uint32_t i) const noexcept {
    return load_aligned<Addr, std::endian::native, sizeof(Addr)>(section_entry(i));
  }
  constexpr void place_section(std::uint32_t i, Addr at) noexcept {
    store_aligned<std::endian::native>(section_entry(i), at);
  }
  /// The byte at a target address, if it and `size` - 1 after it are the module's; else null.
  constexpr unsigned char* at(Addr address, Addr size) const noexcept {
    for (const block<Addr>& r : regions) {
      const Addr offset = static_cast<Addr>(address - r.address);
      if (offset <= r.bytes.size() && size <= r.bytes.size() - offset)
        return r.bytes.data() + offset;
    }
    return nullptr;
  }
  constexpr std::span<unsigned char> bytes_at(Addr address, Addr size) const noexcept {
    unsigned char* const p = at(address, size);
    return {p, p == nullptr ? 0 : static_cast<std::size_t>(size)};
  }
  constexpr std::span<unsigned char> bytes_of(const extent<Addr>& e) const noexcept {
    return bytes_at(e.address, e.size);
  }
  /// In regions that may be written once the module is formed, see complete_formation.
  constexpr std::span<unsigned char> data_at(Addr address, Addr size) const noexcept {
    if constexpr (Layout::regions == 1) return bytes_at(address, size);
    else
      for (std::size_t r = 0; r < Layout::regions; ++r) {
        const Addr offset = static_cast<Addr>(address - regions[r].address);
        if (permission_of(Layout::first_of(r), false) == permission::rw &&
            offset < regions[r].bytes.size())
          return bytes_at(address, size);
      }
    return {};
  }
  constexpr const unsigned char* name_at(Addr address) const noexcept {
    const unsigned char* const s = name_in(regions, address);
    if constexpr (Modules::keep_image)
      if (s == nullptr) return name_in<Addr>(image.bytes, image.address, address);
    return s;
  }
  constexpr Addr handle() const noexcept {
    for (const block<Addr>& r : regions)
      if (r) return r.address;
    return 0;
  }

 private:
  constexpr unsigned char* section_entry(std::uint32_t i) const noexcept {
    return regions[table_region].bytes.data() + i * sizeof(Addr);
  }
};

}  // namespace relo::micro
