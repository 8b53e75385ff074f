// What the firmware asks of a board.
#pragma once

#include <cstdint>

namespace board {

/// The console, a UART: ready after init(); get() waits.
void init();
void put(char c);
char get();

/// What is allowed where modules have their code: to write it, or to run it. Boards whose processor
/// has no memory protection unit allow both always; those that have one do not run what lies
/// elsewhere in RAM.
void protect_code(bool writable);

/// Ends the emulator.
[[noreturn]] void exit(int status);

/// What the reset vector jumps to with a stack: makes memory and console ready, and runs the
/// program.
[[noreturn]] void start();

/// The firmware itself.
[[noreturn]] void program();
/// Called on a processor exception: its number, and where it happened.
[[noreturn]] void fault(std::uint32_t cause, std::uint32_t address);

/// A device register.
template <class T = std::uint32_t>
volatile T& device(std::uintptr_t address) {
  return *reinterpret_cast<volatile T*>(address);
}

}  // namespace board
