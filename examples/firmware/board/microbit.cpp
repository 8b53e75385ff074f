// BBC micro:bit: nRF51822, a Cortex-M0 with 16 KiB of RAM.
#include "board.hpp"

using board::device;

namespace {

// nRF51 Series Reference Manual, 29: UART
constexpr std::uintptr_t uart = 0x4000'2000, start_receiver = uart, start_transmitter = uart + 8,
                         received = uart + 0x108, sent = uart + 0x11c, enable = uart + 0x500,
                         receive = uart + 0x518, transmit = uart + 0x51c;

}  // namespace

void board::init() {
  device(enable) = 4;
  device(start_receiver) = 1;
  device(start_transmitter) = 1;
}

void board::put(char c) {
  device(sent) = 0;
  device(transmit) = static_cast<unsigned char>(c);
  while (device(sent) == 0) {
  }
}

char board::get() {
  while (device(received) == 0) {
  }
  device(received) = 0;
  return static_cast<char>(device(receive));
}
