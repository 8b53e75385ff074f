// The memory protection units of Arm's M profile.
//
// PMSAv7 (Armv6-M and Armv7-M Architecture Reference Manuals, "Protected Memory System
// Architecture"): a region's size is a power of two, its address a multiple of that. An eighth of
// a region of 256 bytes and more can be left out, so a block takes as many eighths as it needs and
// others use the rest. The region of the highest number decides; Cortex-M0+, M3, M4, M7.
//
// PMSAv8 (Armv8-M Architecture Reference Manual): a region has a first and a last granule of 32
// bytes. An address in two regions is a fault; Cortex-M23, M33, M55, M85.
#pragma once

#include <relo/base/native.hpp>
#include <relo/memory/mpu.hpp>

namespace relo {

/// PMSAv7. Smaller regions than 256 bytes, which Armv6-M has not, are not needed: a part of one of
/// 256 does as well. Attributes are the bits TEX, S, C and B of MPU_RASR; as given, those of
/// internal SRAM: normal memory, shareable, write-through.
template <std::uint32_t Attributes = std::uint32_t{0b000'110} << 16>
struct pmsav7 {
  using addr = std::uint32_t;
  static constexpr addr granularity = 32;
  struct region {
    addr rbar = 0;
    addr rasr = 0;
    friend constexpr bool operator==(const region&, const region&) = default;
  };

  static constexpr rounded<addr> round(addr size) noexcept {
    if (size > addr{1} << 31) return {};
    const addr whole = align_up(size, addr{1} << eighth(size));
    addr align = granularity;
    while (align < whole) align *= 2;
    return {whole, align};
  }

  /// For unprivileged code, too.
  static constexpr region describe(addr address, addr size, permission p) noexcept {
    constexpr addr read_write = 0b011 << 24, read_only = 0b110 << 24, execute_never = 1 << 28;
    const unsigned bits = eighth(size), size_field = bits + 2;  // 2 to the size_field + 1 bytes
    const addr within = address & ((addr{8} << bits) - 1);
    const addr parts = ((size - 1) >> bits) + 1;
    const addr enabled = ((addr{1} << parts) - 1) << (within >> bits);
    return {address - within, (p == permission::rx ? 0 : execute_never) |
                                  (p == permission::rw ? read_write : read_only) | Attributes |
                                  (~enabled & 0xff) << 8 | size_field << 1 | 1};
  }

 private:
  /// Of the least region that can hold `size` bytes, as a power of two.
  static constexpr unsigned eighth(addr size) noexcept {
    unsigned bits = 5;
    while (size > addr{8} << bits) ++bits;
    return bits;
  }
};

/// PMSAv8. MairIndex is the field of MPU_MAIR0 and MPU_MAIR1 that says what memory it is.
template <unsigned MairIndex = 0>
struct pmsav8 {
  static_assert(MairIndex < 8);
  using addr = std::uint32_t;
  static constexpr addr granularity = 32;
  struct region {
    addr rbar = 0;
    addr rlar = 0;
    friend constexpr bool operator==(const region&, const region&) = default;
  };

  static constexpr rounded<addr> round(addr size) noexcept {
    return {align_up(size, granularity), granularity};  // what wraps becomes 0
  }

  /// For unprivileged code, too. Not shareable.
  static constexpr region describe(addr address, addr size, permission p) noexcept {
    constexpr addr read_write = 0b01 << 1, read_only = 0b11 << 1, execute_never = 1;
    const addr last = address + align_up(size, granularity) - granularity;
    return {address | (p == permission::rw ? read_write : read_only) |
                (p == permission::rx ? 0 : execute_never),
            last | MairIndex << 1 | 1};
  }
};

/// Regions First to First + Count - 1 of this core's unit, PMSAv7 or PMSAv8. The program switches
/// the unit on (MPU_CTRL), with the default map for privileged code (PRIVDEFENA) or with regions of
/// its own below First that cover what it needs.
template <unsigned First, unsigned Count>
struct pmsa_mpu {
  static constexpr std::size_t regions = Count;

  /// Interrupts are off meanwhile: a scheduler may set regions, too.
  template <class Region>
  void set(unsigned number, const Region& region) const noexcept {
    const auto [address, attributes] = region;
    registers* const mpu = pointer_to<registers*>(0xe000'ed98);
#ifdef __arm__
    std::uint32_t primask;
    asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask)::"memory");
#endif
    mpu->rnr = First + number;
    mpu->rasr = 0;  // off while half written
    mpu->rbar = address;
    mpu->rasr = attributes;
#ifdef __arm__
    asm volatile("dsb\n\tisb\n\tmsr primask, %0" ::"r"(primask) : "memory");
#endif
  }

 private:
  struct registers {
    volatile std::uint32_t rnr, rbar, rasr;  // rasr: PMSAv8's rlar
  };
};

}  // namespace relo
