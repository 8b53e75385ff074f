// A board around the loader of README.md: what its plugins call, a plugin in flash, and one on a
// medium that is read in pieces.
// board: mps2-an385
// object: blink.c
// object: sensor.c
// prints: blink: every 250 ticks
// prints: sensor: 50 a second
// prints: on
// prints: 22

#include <cstdarg>
#include <cstdio>
#include <relo/elf/source.hpp>

extern "C" const unsigned char blink_begin[], blink_end[], sensor_begin[], sensor_end[];

/// A printk() without levels.
int printk(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const int n = std::vprintf(format[0] == '\001' ? format + 2 : format, arguments);
  va_end(arguments);
  return n;
}
unsigned ticks() { return 22; }

const std::span<const unsigned char> plugin_in_flash{blink_begin, blink_end};

struct medium {
  std::size_t size() const { return static_cast<std::size_t>(sensor_end - sensor_begin); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    relo::copy_bytes(to.data(), sensor_begin + offset, to.size());
    return true;
  }
} file;
relo::elf::windows<64> windows;

#include README_BLOCK

int main() {
  start();
  auto* const blink = loader.find<const char*(int)>("blink");
  auto* const measure = loader.find<unsigned()>("measure");
  if (blink == nullptr || measure == nullptr) return 1;
  std::printf("%s\n%u\n", blink(1), measure());
  return 0;
}
