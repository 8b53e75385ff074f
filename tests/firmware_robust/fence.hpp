// What the program may touch, and for how long: everything else traps.
#pragma once

#include "semihosting.hpp"

#include <relo/memory/pmp.hpp>
#include <relo/memory/pmsa.hpp>

#include <utility>

#include "board.hpp"

namespace fence {

extern "C" unsigned char ram_begin[], modules_code[], modules_code_end[], modules_data[],
    modules_data_end[], stack_top[], data_begin[], data_end[], data_in_flash[];

/// The copy of an object ends where this ends, and nothing is beyond.
inline constexpr std::uint32_t window_size = 0x10000, stack_size = 0x4000;
inline unsigned char* const window_end = ram_begin + 0x200000;
inline unsigned char* const window = window_end - window_size;

/// The byte `n` before an address, whatever is declared there.
inline unsigned char* before(const unsigned char* p, std::uint32_t n) {
  return relo::pointer_to<unsigned char*>(relo::address_of(p) - n);
}

enum access : unsigned char { none = 0, r = 1, w = 2, x = 4 };

#ifdef __arm__

// QEMU's MPS2 and MPS2+ run at 25 and 20 MHz; with -icount shift=0 a nanosecond is an instruction.
inline constexpr std::uintptr_t syst_csr = 0xe000'e010, syst_rvr = 0xe000'e014,
                                syst_cvr = 0xe000'e018, mpu_ctrl = 0xe000'ed94;
inline constexpr std::uint32_t watchdog = 15;  ///< the number of the exception

inline void allow(unsigned region, const unsigned char* begin, const unsigned char* end, int what) {
  const relo::permission p = (what & w) != 0   ? relo::permission::rw
                             : (what & x) != 0 ? relo::permission::rx
                                               : relo::permission::r;
  const auto size = static_cast<std::uint32_t>(end - begin);
#if __ARM_ARCH >= 8
  auto entry = relo::pmsav8<>::describe(relo::address_of(begin), size, p);
  if ((what & x) != 0) entry.rbar &= ~std::uint32_t{1};
#else
  auto entry = relo::pmsav7<>::describe(relo::address_of(begin), size, p);
  if ((what & x) != 0) entry.rasr &= ~(std::uint32_t{1} << 28);
#endif
  relo::pmsa_mpu<0, 8>{}.set(region, entry);
}

/// Regions 0 to 2 have the numbers that the board's start gave them. `modules`: what is allowed in
/// their memory besides what the board changes.
inline void raise(int modules) {
  board::device(mpu_ctrl) = 0;
  const auto* const flash =
      reinterpret_cast<const unsigned char*>(relo::address_of(data_in_flash) & 0xf000'0000);
#ifdef BOARD_AN505
  auto* const uart = relo::pointer_to<unsigned char*>(0x5020'0000);
#else
  auto* const uart = relo::pointer_to<unsigned char*>(0x4000'4000);
#endif
  allow(0, ram_begin, modules_code, r | w);
  allow(1, modules_code, modules_code_end, modules);
  allow(2, modules_data, modules_data_end, modules);
  allow(3, flash, flash + 0x400000, r | x);
  allow(4, uart, uart + 0x1000, r | w);
  allow(5, window, window_end, r | w);
  allow(6, before(stack_top, stack_size), stack_top, r | w);
  board::device(mpu_ctrl) = 1;  // on, and no default map: what has no region faults
  asm volatile("dsb\nisb");
}

/// Another load may take as long again.
inline void pet() {
  board::device(syst_rvr) = 0xff'ffff;
  board::device(syst_cvr) = 0;
  board::device(syst_csr) = 7;
}

/// The address whose access faulted.
inline std::uint32_t refused_address() {
  const std::uint32_t cfsr = board::device(0xe000'ed28);
  return (cfsr & 0x80) != 0     ? board::device(0xe000'ed34)  // MMARVALID: MMFAR
         : (cfsr & 0x8000) != 0 ? board::device(0xe000'ed38)  // BFARVALID: BFAR
                                : 0;
}

#else

// Core-local interruptor: 10 MHz.
inline constexpr std::uintptr_t mtimecmp = 0x0200'4000, mtime = 0x0200'bff8;
inline constexpr std::uint32_t watchdog = 0x8000'0007;

/// Another load may take as long again.
inline void pet() {
  using board::device;
  device(mtimecmp + 4) = 0xffff'ffff;
  const std::uint32_t now = device(mtime), then = now + 6'000'000;
  device(mtimecmp) = then;
  device(mtimecmp + 4) = device(mtime + 4) + (then < now ? 1U : 0U);
}

// Machine mode obeys locked entries only; so this is said once.
inline void raise(int modules) {
  pet();
  const auto at = [](const unsigned char* p) { return relo::address_of(p); };
  const std::uint32_t flash_end =
      relo::align_up(at(data_in_flash) + (at(data_end) - at(data_begin)), 0x1000U);
  const struct {
    std::uint32_t end;
    int allowed;
  } map[]{{0x0200'0000, none},
          {0x0201'0000, r | w},
          {0x1000'0000, none},
          {0x1000'1000, r | w},
          {0x2000'0000, none},
          {flash_end, r | x},
          {at(ram_begin), none},
          {at(modules_code), r | w},
          {at(modules_code_end), r | w | x},
          {at(modules_data_end), modules},
          {at(window), none},
          {at(window_end), r | w},
          {at(stack_top) - stack_size, none},
          {at(stack_top), r | w},
          {0xffff'fffc, none}};
  asm volatile(".option push\n.option arch, +zicsr");
  [&]<unsigned... I>(std::integer_sequence<unsigned, I...>) {
    ([&] { asm volatile("csrw %0, %1" ::"i"(0x3b0 + I), "r"(map[I].end >> 2)); }(), ...);
  }(std::make_integer_sequence<unsigned, std::size(map)>{});
  [&]<unsigned... I>(std::integer_sequence<unsigned, I...>) {
    (
        [&] {
          std::uint32_t word = 0;
          for (unsigned k = 0; k < 4 && 4 * I + k < std::size(map); ++k)
            word |= (0x88U | static_cast<unsigned>(map[4 * I + k].allowed)) << 8 * k;
          asm volatile("csrw %0, %1" ::"i"(0x3a0 + I), "r"(word));
        }(),
        ...);
  }(std::make_integer_sequence<unsigned, (std::size(map) + 3) / 4>{});
  asm volatile("csrs mie, %0\ncsrsi mstatus, 8\n.option pop" ::"r"(0x80) : "memory");
}

inline std::uint32_t refused_address() {
  std::uint32_t address;
  asm volatile(".option push\n.option arch, +zicsr\ncsrr %0, mtval\n.option pop" : "=r"(address));
  return address;
}

#endif

}  // namespace fence
