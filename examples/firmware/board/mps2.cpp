// Arm MPS2: QEMU's mps2-an385 (Cortex-M3), mps2-an386 (M4) and mps2-an505 (M33), which starts in
// secure state and has its devices elsewhere.
#include "board.hpp"

using board::device;

namespace {

// CMSDK APB UART
#ifdef BOARD_AN505
constexpr std::uintptr_t uart = 0x5020'0000;
#else
constexpr std::uintptr_t uart = 0x4000'4000;
#endif
constexpr std::uintptr_t data = uart, state = uart + 4, ctrl = uart + 8, bauddiv = uart + 16;
constexpr std::uint32_t transmit_full = 1, receive_full = 2, transmit_and_receive = 3;

}  // namespace

void board::init() {
  device(bauddiv) = 16;
  device(ctrl) = transmit_and_receive;
}

void board::put(char c) {
  while ((device(state) & transmit_full) != 0) {
  }
  device(data) = static_cast<unsigned char>(c);
}

char board::get() {
  while ((device(state) & receive_full) == 0) {
  }
  return static_cast<char>(device(data));
}
