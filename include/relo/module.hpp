// A module: what stays of an object after it was loaded.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/name.hpp>
#include <relo/memory/memory.hpp>

#include <array>

namespace relo {

namespace role {
struct modules;
}

/// How many modules a loader holds, and how long their names may be, the NUL included.
template <std::size_t Capacity, std::size_t NameSize = 56>
struct modules {
  using role = role::modules;
  static constexpr std::size_t capacity = Capacity, name_size = NameSize;
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

/// Exports is what the export policy keeps per module.
template <class Addr, std::size_t Regions, class Modules, class ExportState>
struct module {
  using addr = Addr;
  static constexpr std::size_t name_size = Modules::name_size;

  text<Modules::name_size> name{};
  module_state state = module_state::none;
  bool gpl_compatible = false;
  std::uint16_t references = 0;  ///< modules that use this one, and holds by the user

  std::array<block<Addr>, mem_types> mem{};  ///< kernel: mem[MOD_MEM_NUM_TYPES]; sizes as laid out
  std::array<block<Addr>, Regions> regions{};  ///< as allocated; empty: none, or returned
  Addr init = 0, exit = 0;                     ///< entry points; 0: none
  extent<Addr> destructors{};                  ///< pointers, run from the last to the first
  extent<Addr> parameters{};                   ///< kernel_param records
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
    for (const block<Addr>& m : mem) {
      const Addr have = static_cast<Addr>(m.bytes.size());
      if (address >= m.address && address - m.address <= have &&
          size <= have - (address - m.address) && have != 0)
        return m.bytes.subspan(static_cast<std::size_t>(address - m.address),
                               static_cast<std::size_t>(size));
    }
    return {};
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

  /// No name in a module's tables is longer: thousands of records may name one string, and it is
  /// read for each. Kernel: KSYM_NAME_LEN, but C++ has longer ones.
  static constexpr std::size_t max_name = 4096;

  /// The name at a target address, or null unless its NUL is in the module, too, and near enough.
  constexpr const unsigned char* name_at(Addr address) const noexcept {
    for (const block<Addr>& m : mem) {
      if (address < m.address || address - m.address >= m.bytes.size()) continue;
      const auto s = m.bytes.subspan(static_cast<std::size_t>(address - m.address));
      for (std::size_t i = 0; i < s.size() && i < max_name; ++i)
        if (s[i] == 0) return s.data();
    }
    return nullptr;
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

}  // namespace relo
