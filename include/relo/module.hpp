// A module: what stays of an object after it was loaded.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/source.hpp>
#include <relo/memory/memory.hpp>

#include <array>

namespace relo {

namespace role {
struct modules;
}

template <class Addr, class Layout, class Modules, class ExportState>
struct module;
template <class Loader, elf::source Source, class... Image>
struct load_info;
enum class module_state : unsigned char;

namespace detail {
struct any_loader;
}

/// How many modules there may be, and what is known of them.
///  - capacity: how many a loader holds; its registry has a slot for each.
///  - module<Addr, Layout, ExportState, Wants>: what is kept of one, default-constructed in its
///    slot: its state and its number of references, and what else the composition's stages ask of
///    it. ExportState is the exports policy's; Wants says what nobody will ask for, and may be left
///    out.
///  - load_info<Loader, Source>: what is known of one while it is loaded, made of the loader, the
///    source and the load_options.
/// Its example is modules, which derives the module from its own extra<Addr, ExportState>.
template <class M, class Addr, class Layout, class ExportState, class Wants>
concept modules_policy = requires {
  { M::capacity } -> std::convertible_to<std::size_t>;
  typename M::template load_info<detail::any_loader, elf::contiguous<unsigned char>>;
} && requires(typename M::template module<Addr, Layout, ExportState, Wants>& m) {
  { m.state } -> std::same_as<module_state&>;
  { ++m.references };
};

/// How many modules a loader holds, and how long their names may be, the NUL included; what it
/// keeps of each, and what it knows of one while it is loaded.
template <std::size_t Capacity, std::size_t NameSize = 56>
struct modules {
  using role = role::modules;
  static constexpr std::size_t capacity = Capacity, name_size = NameSize;
  template <class Addr, class Layout, class ExportState, class>
  using module = relo::module<Addr, Layout, modules, ExportState>;
  template <class Loader, elf::source Source>
  using load_info = relo::load_info<Loader, Source>;
  /// What else is kept of a module.
  template <class Addr, class ExportState>
  struct extra {};
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

/// `size` bytes at a target address, all of them in one of the blocks; else none.
template <class Blocks, class Addr>
constexpr std::span<unsigned char> bytes_in(const Blocks& blocks, Addr address,
                                            std::type_identity_t<Addr> size) noexcept {
  for (const block<Addr>& b : blocks) {
    const Addr have = static_cast<Addr>(b.bytes.size());
    if (address >= b.address && address - b.address <= have &&
        size <= have - (address - b.address) && have != 0)
      return b.bytes.subspan(static_cast<std::size_t>(address - b.address),
                             static_cast<std::size_t>(size));
  }
  return {};
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

/// Exports is what the export policy keeps per module.
template <class Addr, class Layout, class Modules, class ExportState>
struct module : Modules::template extra<Addr, ExportState> {
  using addr = Addr;
  static constexpr std::size_t name_size = Modules::name_size;

  text<Modules::name_size> name{};
  module_state state = module_state::none;
  bool gpl_compatible = false;
  bool local = false;            ///< other modules do not see its symbols (dlopen: RTLD_LOCAL)
  std::uint16_t references = 0;  ///< modules that use this one, and holds by the user

  std::array<block<Addr>, mem_types> mem{};  ///< kernel: mem[MOD_MEM_NUM_TYPES]; sizes as laid out
  std::array<block<Addr>, Layout::regions> regions{};  ///< as allocated; empty: none, or returned
  Addr init = 0, exit = 0;                             ///< entry points; 0: none
  extent<Addr> destructors{};                          ///< pointers, run from the last to the first
  extent<Addr> parameters{};                           ///< kernel_param records
  ExportState exports{};

  module* next = nullptr;  ///< in load order
  /// By slot. Kernel: target_list.
  std::array<std::uint32_t, (Modules::capacity + 31) / 32> uses{};

  constexpr block<Addr>& memory(mem_type t) noexcept { return mem[static_cast<std::size_t>(t)]; }
  constexpr const block<Addr>& memory(mem_type t) const noexcept {
    return mem[static_cast<std::size_t>(t)];
  }

  /// The bytes at a target address: `size` of them, or none if the module has not all of them.
  constexpr std::span<unsigned char> bytes_at(Addr address, Addr size) const noexcept {
    return bytes_in(mem, address, size);
  }
  /// The same, where the module's data is: what may be written after permissions were set.
  constexpr std::span<unsigned char> data_at(Addr address, Addr size) const noexcept {
    for (const mem_type t : {mem_type::data, mem_type::ro_after_init, mem_type::init_data}) {
      const block<Addr>& m = memory(t);
      if (address >= m.address && address - m.address < m.bytes.size())
        return bytes_at(address, size);
    }
    return {};
  }
  constexpr std::span<unsigned char> bytes_of(const extent<Addr>& e) const noexcept {
    return bytes_at(e.address, e.size);
  }

  /// The name at a target address, or null unless its NUL is in the module, too, and near enough.
  constexpr const unsigned char* name_at(Addr address) const noexcept {
    return name_in(mem, address);
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
};

/// What readers look at of a module in that state: its init memory only while it is coming, as from
/// then on it may be returned.
template <class Module>
class seen_module {
 public:
  using addr = typename Module::addr;
  using block_type = block<addr>;

  constexpr seen_module(const Module& m, module_state state) noexcept
      : name(m.name),
        exports(m.exports),
        mem_(std::span<const block_type>{m.mem}.first(
            state == module_state::coming ? mem_types : core_mem_types)) {}

  const text<Module::name_size>& name;
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
