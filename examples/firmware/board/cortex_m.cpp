// Any Cortex-M, from reset on. Armv6-M, Armv7-M, Armv8-M Architecture Reference Manuals, "The
// System Control Space" and "Exception model".
#include "board.hpp"

#include <relo/memory/pmsa.hpp>

using board::device;

namespace {

constexpr std::uintptr_t icsr = 0xe000'ed04, cpacr = 0xe000'ed88, mpu_ctrl = 0xe000'ed94,
                         mpu_mair0 = 0xe000'edc0;

extern "C" unsigned char ram_begin[], modules_code[], modules_code_end[], stack_top[];

#ifdef __ARM_ARCH_6M__

void allow(unsigned, const unsigned char*, const unsigned char*, relo::permission) {}
void protect_ram() {}

#else

void allow(unsigned region, const unsigned char* begin, const unsigned char* end,
           relo::permission p) {
#if __ARM_ARCH >= 8
  using rule = relo::pmsav8<>;
#else
  using rule = relo::pmsav7<>;
#endif
  relo::pmsa_mpu<0, 3>{}.set(
      region, rule::describe(relo::address_of(begin), static_cast<std::uint32_t>(end - begin), p));
}

/// Data, but for the code of modules, which has region 1.
void protect_ram() {
#if __ARM_ARCH >= 8
  device(mpu_mair0) = 0x44;  // normal memory, not cached
  allow(0, ram_begin, modules_code, relo::permission::rw);
  allow(2, modules_code_end, stack_top, relo::permission::rw);
#else
  allow(0, ram_begin, stack_top, relo::permission::rw);
#endif
  board::protect_code(false);
  device(mpu_ctrl) = 5;  // on; all else as without it
  asm volatile("dsb\nisb");
}

#endif

extern "C" {

[[noreturn]] void reset() {
#ifdef __ARM_FP
  device(cpacr) = device(cpacr) | 0xf0'0000;
  asm volatile("dsb\nisb");
#endif
  protect_ram();
  board::start();
}

/// `frame`: r0-r3, r12, lr, pc, xpsr.
[[noreturn, gnu::used]] void report(const std::uint32_t* frame) {
  board::fault(device(icsr) & 0x1ff, frame[6]);
}
[[gnu::naked]] void exception() { asm volatile("mrs r0, msp\nbl report"); }

union vector {
  const void* stack;
  void (*handler)();
};
[[gnu::section(".vectors"), gnu::used]] const vector vectors[16] = {
    {.stack = stack_top},   {.handler = reset},     {.handler = exception}, {.handler = exception},
    {.handler = exception}, {.handler = exception}, {.handler = exception}, {.handler = exception},
    {.handler = exception}, {.handler = exception}, {.handler = exception}, {.handler = exception},
    {.handler = exception}, {.handler = exception}, {.handler = exception}, {.handler = exception}};

}  // extern "C"

}  // namespace

void board::protect_code(bool writable) {
  allow(1, modules_code, modules_code_end, writable ? relo::permission::rw : relo::permission::rx);
}
