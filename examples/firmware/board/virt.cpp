// QEMU's RISC-V virt machine, from flash, in machine mode.
#include "board.hpp"

using board::device;

// Control registers, which the base instruction set has not.
asm(".option arch, +zicsr");

namespace {

// 16550 UART
constexpr std::uintptr_t uart = 0x1000'0000, line_status = uart + 5;
constexpr unsigned char received = 1, transmitter_empty = 0x20;

extern "C" {

[[noreturn, gnu::used, gnu::aligned(4)]] void exception() {
  std::uint32_t cause, address;
  asm volatile("csrr %0, mcause\ncsrr %1, mepc" : "=r"(cause), "=r"(address));
  board::fault(cause, address);
}

[[noreturn, gnu::used]] void start() { board::start(); }

[[gnu::naked, gnu::section(".text.reset"), gnu::used]] void reset() {
  asm volatile("la sp, stack_top\n"
               "la t0, exception\n"
               "csrw mtvec, t0\n"
               "j start");
}

}  // extern "C"

}  // namespace

void board::init() {}

void board::put(char c) {
  while ((device<unsigned char>(line_status) & transmitter_empty) == 0) {
  }
  device<unsigned char>(uart) = static_cast<unsigned char>(c);
}

char board::get() {
  while ((device<unsigned char>(line_status) & received) == 0) {
  }
  return static_cast<char>(device<unsigned char>(uart));
}

/// In machine mode physical memory protection knows only what stays until reset.
void board::protect_code(bool) {}
