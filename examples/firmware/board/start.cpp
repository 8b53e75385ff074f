// From reset to program(), on any board; firmware.ld defines the symbols.
#include "board.hpp"
#include "semihosting.hpp"

extern "C" {
extern unsigned char data_begin[], data_end[], data_in_flash[], bss_begin[], bss_end[];
extern void (*const init_array_begin[])();
extern void (*const init_array_end[])();
}

namespace board {

void start() {
  __builtin_memcpy(data_begin, data_in_flash, static_cast<std::size_t>(data_end - data_begin));
  __builtin_memset(bss_begin, 0, static_cast<std::size_t>(bss_end - bss_begin));
  for (auto f = init_array_begin; f != init_array_end; ++f) (*f)();
  init();
  program();
}

void exit(int status) { semihosting::exit(status); }

}  // namespace board
