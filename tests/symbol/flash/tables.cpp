// Tables as a program in flash has them: of functions of several types, and of objects.
#include <relo/symbol/hashed_exports.hpp>

int read_pin(int pin);
void write_pin(int pin, int value);
void sleep();
extern "C" unsigned long ticks();
extern volatile int errors;

// clang-format off
#define EXPORTS                                                                                   \
  relo::exported{"write_pin", &write_pin}, relo::exported{"read_pin", &read_pin},                 \
  relo::exported{"ticks", &ticks}, relo::exported{"errors", &errors}, relo::exported{"sleep", &sleep}
// clang-format on

extern constexpr auto named = relo::exports(EXPORTS);
extern constexpr auto unnamed = relo::hashed_exports(EXPORTS);

bool find(relo::elf::name<const char*> name, relo::symbol<std::uint32_t>& out) {
  return named.find(name, true, out) || unnamed.find(name, true, out);
}
