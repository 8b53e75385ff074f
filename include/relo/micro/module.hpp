// A module on a small machine: a few words, and its memory.
#pragma once

#include <relo/module.hpp>

namespace relo::micro {

template <class Addr, class Layout, class Modules, class ExportState, class Wants>
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
  template <class Addr, class Layout, class ExportState, class Wants>
  using module = micro::module<Addr, Layout, modules, ExportState, Wants>;
  template <class Loader, elf::source Source>
  using load_info = micro::load_info<Loader, Source>;
};

namespace detail {

/// The name of a module, NUL-terminated.
template <std::size_t N>
struct short_name {
  char text[N]{};
  constexpr const char* c_str() const noexcept { return text; }
};

// What only some modules have.

template <class Module, std::size_t NameSize, bool Named>
struct named_module {};
template <class Module, std::size_t NameSize>
struct named_module<Module, NameSize, true> {
  Module* next = nullptr;  ///< in load order
  std::array<std::uint32_t, 1> uses{};
  short_name<NameSize> name{};
};
template <class Addr, bool Wanted>
struct module_entry_points {};
template <class Addr>
struct module_entry_points<Addr, true> {
  Addr init = 0, exit = 0;  ///< 0: none
};
template <class Addr, bool Wanted>
struct module_parameters {};
template <class Addr>
struct module_parameters<Addr, true> {
  extent<Addr> parameters{};  ///< kernel_param records
};
template <class Addr, bool Wanted>
struct module_destructors {};
template <class Addr>
struct module_destructors<Addr, true> {
  extent<Addr> destructors{};  ///< pointers, run one after the other
};

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
template <class Addr, class Layout, class Modules, class ExportState, class Wants>
struct module : detail::named_module<module<Addr, Layout, Modules, ExportState, Wants>,
                                     Modules::name_size, Modules::named>,
                detail::module_entry_points<Addr, Modules::named && Wants::entry_points>,
                detail::module_parameters<Addr, Modules::named && Wants::parameters>,
                detail::module_destructors<Addr, Wants::destructors> {
  using addr = Addr;
  static constexpr std::size_t name_size = Modules::name_size;
  /// Where the addresses of sections stand, in front of all else.
  static constexpr std::size_t table_region = Layout::region_of(mem_type::data);
  static constexpr Addr not_loaded = static_cast<Addr>(~Addr{0});

  module_state state = module_state::none;
  std::uint16_t references = 0;
  std::array<block<Addr>, Layout::regions> regions{};
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
  /// Whether that is the name there.
  template <class Name>
  constexpr bool has_name_at(Addr address, const Name& wanted) const noexcept {
    if constexpr (Modules::keep_image) {
      const unsigned char* const s = name_at(address);
      return s != nullptr && wanted == s;
    } else
      for (std::size_t i = 0;; ++i) {
        const unsigned char* const p = at(static_cast<Addr>(address + i), 1);
        if (p == nullptr || static_cast<char>(*p) != wanted[i]) return false;
        if (*p == 0) return true;
      }
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
