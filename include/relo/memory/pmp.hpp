// RISC-V physical memory protection (The RISC-V Instruction Set Manual, volume II, "Physical Memory
// Protection").
//
// The entry of the lowest number that matches an address decides. Entries bind code in user and
// supervisor mode, and what machine mode does for it (mstatus.MPRV); machine mode itself only where
// an entry is locked, and then nothing unlocks it but reset. Modules come and go, so no entry is
// locked here: they are to run in user mode.
#pragma once

#include <relo/base/native.hpp>
#include <relo/memory/mpu.hpp>

#include <utility>

namespace relo {

namespace detail {

constexpr unsigned char pmp_permission(permission p) noexcept {
  constexpr unsigned char r = 1, w = 2, x = 4;
  return p == permission::rx ? r | x : p == permission::rw ? r | w : r;
}

/// The entries of one block.
template <class Addr, unsigned Entries>
struct pmp_region {
  std::array<Addr, Entries> pmpaddr{};
  unsigned char pmpcfg = 0;  ///< of the last
  friend constexpr bool operator==(const pmp_region&, const pmp_region&) = default;
};

}  // namespace detail

/// A block an entry: its size is a power of two, its address a multiple of that. Granule: what the
/// core can tell apart, in bytes.
template <class Addr = native_addr, Addr Granule = 4>
struct pmp_napot {
  static_assert(Granule >= 4 && (Granule & (Granule - 1)) == 0);
  using addr = Addr;
  static constexpr addr granularity = Granule;
  static constexpr unsigned entries = 1;
  using region = detail::pmp_region<addr, entries>;

  static constexpr rounded<addr> round(addr size) noexcept {
    addr n = Granule > 8 ? Granule : addr{8};
    while (n != 0 && n < size) n = static_cast<addr>(n * 2);
    return {n, n};
  }

  static constexpr region describe(addr address, addr size, permission p) noexcept {
    constexpr unsigned char napot = 3 << 3;
    return {{static_cast<addr>(address >> 2 | (round(size).size / 8 - 1))},
            static_cast<unsigned char>(napot | detail::pmp_permission(p))};
  }
};

/// A block two entries, where it begins and where it ends; nothing but Granule rounds.
template <class Addr = native_addr, Addr Granule = 4>
struct pmp_tor {
  static_assert(Granule >= 4 && (Granule & (Granule - 1)) == 0);
  using addr = Addr;
  static constexpr addr granularity = Granule;
  static constexpr unsigned entries = 2;
  using region = detail::pmp_region<addr, entries>;  ///< the first entry itself is off

  static constexpr rounded<addr> round(addr size) noexcept {
    return {align_up(size, Granule), Granule};  // what wraps becomes 0
  }

  static constexpr region describe(addr address, addr size, permission p) noexcept {
    constexpr unsigned char tor = 1 << 3;
    return {
        {static_cast<addr>(address >> 2), static_cast<addr>((address >> 2) + round(size).size / 4)},
        static_cast<unsigned char>(tor | detail::pmp_permission(p))};
  }
};

#ifdef __riscv

/// Entries of this hart from First on, for Count blocks, each as many entries as its rule takes.
/// The program gives user mode what else it needs in entries of higher numbers.
template <unsigned First, unsigned Count>
struct pmp {
  static constexpr std::size_t regions = Count;

  template <class Region>
  void set(unsigned number, const Region& region) const noexcept {
    each<Count>([&](auto i) {
      if (i != number) return;
      constexpr auto entries = static_cast<unsigned>(std::tuple_size_v<decltype(region.pmpaddr)>);
      constexpr unsigned first = First + i * entries, last = first + entries - 1;
      each<entries>([](auto e) { clear_bits<config_of(first + e)>(config_bits(first + e, 0xff)); });
      each<entries>([&](auto e) { write<0x3b0 + first + e>(region.pmpaddr[e]); });
      set_bits<config_of(last)>(config_bits(last, region.pmpcfg));
    });
  }

 private:
  /// f(0), f(1), ... as constants: a control register's number is part of the instruction.
  template <unsigned N, class F>
  static void each(F f) noexcept {
    [&]<unsigned... I>(std::integer_sequence<unsigned, I...>) {
      (f(std::integral_constant<unsigned, I>{}), ...);
    }(std::make_integer_sequence<unsigned, N>{});
  }

  // A byte an entry: four to a register of RV32; eight of RV64, which has the even ones only.
  static constexpr unsigned config_of(unsigned entry) noexcept {
    return 0x3a0 + entry / sizeof(native_addr) * (sizeof(native_addr) / 4);
  }
  static constexpr native_addr config_bits(unsigned entry, unsigned char bits) noexcept {
    return native_addr{bits} << 8 * (entry % sizeof(native_addr));
  }

  template <unsigned Register>
  static void write(native_addr v) noexcept {
    asm volatile(".option push\n.option arch, +zicsr\ncsrw %0, %1\n.option pop" ::"i"(Register),
                 "r"(v)
                 : "memory");
  }
  template <unsigned Register>
  static void clear_bits(native_addr v) noexcept {
    asm volatile(".option push\n.option arch, +zicsr\ncsrc %0, %1\n.option pop" ::"i"(Register),
                 "r"(v)
                 : "memory");
  }
  template <unsigned Register>
  static void set_bits(native_addr v) noexcept {
    asm volatile(".option push\n.option arch, +zicsr\ncsrs %0, %1\n.option pop" ::"i"(Register),
                 "r"(v)
                 : "memory");
  }
};

#endif

}  // namespace relo
