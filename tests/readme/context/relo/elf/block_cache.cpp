// A file on a card, which refuses to be read.

#include <relo/elf/block_cache.hpp>
#include <relo/relo.hpp>

struct file {
  std::size_t size() const { return 1000; }
  bool read(std::size_t, std::span<unsigned char>) const { return false; }
};
file card;
relo::elf::windows<> windows;
relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory};

int main() {
#include README_BLOCK
  return loader.diagnostics().code() == relo::errc::read_failed ? 0 : 1;
}
