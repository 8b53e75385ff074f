// A module: what stays of an object after it was loaded.
#pragma once

#include <relo/base/role.hpp>
#include <relo/diagnostics.hpp>
#include <relo/elf/source.hpp>
#include <relo/memory/memory.hpp>

#include <array>

namespace relo {

template <class Addr, class Layout, class Modules, class ExportState, class Wants>
struct module;
template <class Loader, elf::source Source, class... Image>
struct load_info;
enum class module_state : unsigned char;

namespace detail {
struct any_loader;
}

/// How many modules there may be, what they remember, and what is known of one while it is loaded.
///  - capacity is how many a loader holds; its registry has a slot for each.
///  - named says whether they have names, of name_size characters at most, the NUL included;
///    without them modules are spoken of by reference. named_by_modinfo: whether .modinfo may give
///    the name, or the caller does alone.
///  - by_type says whether a module remembers where each memory type is; else it remembers its
///    regions only, in which sections lie in file order, whatever their types.
///  - keep_image says whether a module remembers where its object is, if that is relo::in_place:
///    names of exports and of parameters are then found where they were left.
///  - extra<Addr, ExportState> is what else a module is to keep.
///  - load_info<Loader, Source> is what is known of one while it is loaded.
/// Its examples are modules and small_modules.
template <class M, class Addr, class ExportState>
concept modules_policy = requires {
  { M::capacity } -> std::convertible_to<std::size_t>;
  { M::name_size } -> std::convertible_to<std::size_t>;
  { M::named } -> std::convertible_to<bool>;
  { M::named_by_modinfo } -> std::convertible_to<bool>;
  { M::by_type } -> std::convertible_to<bool>;
  { M::keep_image } -> std::convertible_to<bool>;
  typename M::template extra<Addr, ExportState>;
  typename M::template load_info<detail::any_loader, elf::contiguous<unsigned char>>;
};

/// Whoever derives from this changes what has to be different.
template <std::size_t Capacity, std::size_t NameSize>
struct basic_modules {
  using role = role::modules;
  static constexpr std::size_t capacity = Capacity, name_size = NameSize;
  static constexpr bool named = NameSize > 1, named_by_modinfo = true, by_type = true,
                        keep_image = false;
  template <class Loader, elf::source Source>
  using load_info = relo::load_info<Loader, Source>;
  template <class Addr, class ExportState>
  struct extra {};
};

/// How many modules a loader holds, and how long their names may be, the NUL included.
template <std::size_t Capacity, std::size_t NameSize = 56>
struct modules : basic_modules<Capacity, NameSize> {
  static_assert(NameSize > 1);
};

/// The same in a few words each: at most Capacity modules, up to 32, which remember their regions
/// only; with names of up to NameSize - 1 characters, which the caller gives, or without. See
/// relo::small_machine for what goes with them.
template <std::size_t Capacity, std::size_t NameSize = 1, bool KeepImage = false>
struct small_modules : basic_modules<Capacity, NameSize> {
  static_assert(Capacity <= 32 && NameSize >= 1);
  static constexpr bool by_type = false, named_by_modinfo = false, keep_image = KeepImage;
};

/// Kernel: enum module_state, in the order of a module's life. `none`: the slot is free.
enum class module_state : unsigned char { none, unformed, coming, live, going };

constexpr const char* name_of(module_state s) noexcept {
  switch (s) {
    case module_state::unformed: return "Unformed";
    case module_state::coming: return "Loading";
    case module_state::live: return "Live";
    case module_state::going: return "Unloading";
    case module_state::none: break;
  }
  return "None";
}

/// A table within module memory.
template <class Addr>
struct extent {
  Addr address = 0;
  Addr size = 0;  ///< bytes

  constexpr bool empty() const noexcept { return size == 0; }
};

/// The byte at a target address, if it and the `size` - 1 after it are all in one of the blocks;
/// else null.
template <class Blocks, class Addr>
constexpr unsigned char* byte_in(const Blocks& blocks, Addr address,
                                 std::type_identity_t<Addr> size) noexcept {
  for (const block<Addr>& b : blocks) {
    const Addr offset = static_cast<Addr>(address - b.address);
    if (offset <= b.bytes.size() && size <= b.bytes.size() - offset)
      return b.bytes.data() + static_cast<std::size_t>(offset);
  }
  return nullptr;
}
/// `size` bytes at a target address, all of them in one of the blocks; else none.
template <class Blocks, class Addr>
constexpr std::span<unsigned char> bytes_in(const Blocks& blocks, Addr address,
                                            std::type_identity_t<Addr> size) noexcept {
  unsigned char* const p = byte_in(blocks, address, size);
  return {p, p == nullptr ? 0 : static_cast<std::size_t>(size)};
}

/// The name at a target address in `bytes`, which begin at `start`; null unless its NUL is in
/// there, too, and near enough.
template <class Addr>
constexpr const unsigned char* name_in(std::span<const unsigned char> bytes, Addr start,
                                       Addr address) noexcept {
  if (address < start || address - start >= bytes.size()) return nullptr;
  const auto s = bytes.subspan(static_cast<std::size_t>(address - start));
  for (std::size_t i = 0; i < s.size() && i < elf::max_name; ++i)
    if (s[i] == 0) return s.data();
  return nullptr;
}
/// The same, in one of the blocks.
template <class Blocks, class Addr>
constexpr const unsigned char* name_in(const Blocks& blocks, Addr address) noexcept {
  for (const block<Addr>& b : blocks)
    if (const unsigned char* const s = name_in<Addr>(b.bytes, b.address, address); s != nullptr)
      return s;
  return nullptr;
}

/// Whether other modules see no symbol of that one. Modules that keep nothing of it never are.
template <class Module>
constexpr bool is_local([[maybe_unused]] const Module& m) noexcept {
  if constexpr (requires { m.local; }) return m.local;
  else return false;
}

/// A module's name, NUL-terminated.
template <std::size_t N>
class module_name {
 public:
  constexpr const char* c_str() const noexcept { return text_; }
  constexpr std::size_t size() const noexcept { return elf::name{c_str()}.size(); }
  constexpr bool empty() const noexcept { return text_[0] == '\0'; }

  /// Of an elf::name with fewer than N characters.
  template <class Name>
  constexpr module_name& operator=(const Name& name) noexcept {
    for (std::size_t i = 0; (text_[i] = name[i]) != '\0';) ++i;
    return *this;
  }

 private:
  char text_[N]{};
};

namespace detail {

// What a module has if somebody asks for it.

template <class Module, class Modules, bool = Modules::named>
struct named_module {};
template <class Module, class Modules>
struct named_module<Module, Modules, true> {
  Module* next = nullptr;  ///< in load order
  /// By slot: which others it uses. Kernel: target_list.
  std::array<std::uint32_t, (Modules::capacity + 31) / 32> uses{};
  module_name<Modules::name_size> name{};
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
  extent<Addr> destructors{};  ///< pointers, run from the last to the first
};
template <class Addr, bool Wanted>
struct module_types {};
template <class Addr>
struct module_types<Addr, true> {
  bool local = false;  ///< other modules do not see its symbols (dlopen: RTLD_LOCAL)
  std::array<block<Addr>, mem_types> mem{};  ///< kernel: mem[MOD_MEM_NUM_TYPES]; sizes as laid out
};
template <class Addr, bool Wanted>
struct module_image {};
template <class Addr>
struct module_image<Addr, true> {
  struct {
    std::span<const unsigned char> bytes{};  ///< none: the object does not stay
    Addr address = 0;
  } image{};
};

}  // namespace detail

/// ExportState is what the export policy keeps per module; Wants says what else is asked for.
template <class Addr, class Layout, class Modules, class ExportState, class Wants>
struct module : Modules::template extra<Addr, ExportState>,
                detail::named_module<module<Addr, Layout, Modules, ExportState, Wants>, Modules>,
                detail::module_entry_points<Addr, Wants::entry_points>,
                detail::module_parameters<Addr, Wants::parameters>,
                detail::module_destructors<Addr, Wants::destructors>,
                detail::module_types<Addr, Modules::by_type>,
                detail::module_image<Addr, Modules::keep_image> {
  using addr = Addr;
  static constexpr std::size_t name_size = Modules::name_size;
  static constexpr bool by_type = Modules::by_type;

  module_state state = module_state::none;
  std::uint16_t references = 0;  ///< modules that use this one, and holds by the user
  std::array<block<Addr>, Layout::regions> regions{};  ///< as allocated; empty: none, or returned
  [[no_unique_address]] ExportState exports{};

  // Its areas are what it knows apart: memory types, or else regions.
  static constexpr std::size_t areas = by_type ? mem_types : Layout::regions;
  static constexpr std::size_t area_of(mem_type t) noexcept {
    return by_type ? static_cast<std::size_t>(t) : Layout::region_of(t);
  }
  /// The first memory type of an area, which says what it allows.
  static constexpr mem_type type_of(std::size_t area) noexcept {
    if constexpr (by_type) return static_cast<mem_type>(area);
    else return Layout::first_of(area);
  }
  constexpr auto& all_memory() noexcept {
    if constexpr (by_type) return this->mem;
    else return regions;
  }
  constexpr const auto& all_memory() const noexcept {
    if constexpr (by_type) return this->mem;
    else return regions;
  }
  constexpr block<Addr>& memory(mem_type t) noexcept { return all_memory()[area_of(t)]; }
  constexpr const block<Addr>& memory(mem_type t) const noexcept {
    return all_memory()[area_of(t)];
  }

  /// The byte at a target address, if it and `size` - 1 after it are the module's; else null.
  constexpr unsigned char* at(Addr address, Addr size) const noexcept {
    return byte_in(all_memory(), address, size);
  }
  /// The bytes at a target address: `size` of them, or none if the module has not all of them.
  constexpr std::span<unsigned char> bytes_at(Addr address, Addr size) const noexcept {
    return bytes_in(all_memory(), address, size);
  }
  constexpr std::span<unsigned char> bytes_of(const extent<Addr>& e) const noexcept {
    return bytes_at(e.address, e.size);
  }
  /// The same, where the module's data is: what may be written once permissions are set.
  constexpr std::span<unsigned char> data_at(Addr address, Addr size) const noexcept {
    if constexpr (areas == 1) return bytes_at(address, size);
    else
      for (std::size_t a = 0; a < areas; ++a) {
        const block<Addr>& m = all_memory()[a];
        if (permission_of(type_of(a), false) == permission::rw &&
            static_cast<Addr>(address - m.address) < m.bytes.size())
          return bytes_at(address, size);
      }
    return {};
  }

  /// The name at a target address, or null unless its NUL is in the module, too, and near enough.
  constexpr const unsigned char* name_at(Addr address) const noexcept {
    const unsigned char* const s = name_in(all_memory(), address);
    if constexpr (Modules::keep_image)
      if (s == nullptr) return name_in<Addr>(this->image.bytes, this->image.address, address);
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

  // For exports that want to know where the object's sections are: their addresses stand in front
  // of all else in a region.
  static constexpr std::size_t table_region = Layout::region_of(mem_type::data);
  static constexpr Addr not_loaded = static_cast<Addr>(~Addr{0});
  constexpr Addr section_address(std::uint32_t i) const noexcept {
    return read_aligned<Addr, std::endian::native, sizeof(Addr)>(section_entry(i));
  }
  constexpr void place_section(std::uint32_t i, Addr at) noexcept {
    write_aligned<std::endian::native>(section_entry(i), at);
  }

  /// An address of this module's alone: what its __dso_handle is.
  constexpr Addr handle() const noexcept {
    for (const block<Addr>& r : regions)
      if (r) return r.address;
    return 0;
  }

  /// Bytes allocated.
  constexpr Addr size() const noexcept {
    Addr n = 0;
    for (const block<Addr>& r : regions) n = static_cast<Addr>(n + r.bytes.size());
    return n;
  }

 private:
  constexpr unsigned char* section_entry(std::uint32_t i) const noexcept {
    return regions[table_region].bytes.data() + i * sizeof(Addr);
  }
};

/// What readers look at of a module in that state: its init memory only while it is coming, as from
/// then on it may be returned.
template <class Module>
  requires(Module::by_type)
class seen_module {
 public:
  using addr = typename Module::addr;
  using block_type = block<addr>;

  constexpr seen_module(const Module& m, module_state state) noexcept
      : name(m.name),
        exports(m.exports),
        mem_(std::span<const block_type>{m.mem}.first(
            state == module_state::coming ? mem_types : core_mem_types)) {}

  const module_name<Module::name_size>& name;
  const decltype(Module::exports)& exports;

  constexpr std::span<unsigned char> bytes_at(addr address, addr size) const noexcept {
    return bytes_in(mem_, address, size);
  }
  constexpr std::span<unsigned char> bytes_of(const extent<addr>& e) const noexcept {
    return bytes_at(e.address, e.size);
  }
  constexpr const unsigned char* name_at(addr address) const noexcept {
    return name_in(mem_, address);
  }

 private:
  std::span<const block_type> mem_;
};

}  // namespace relo
