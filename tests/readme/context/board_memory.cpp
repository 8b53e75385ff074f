// A memory policy, and a loader that has it.

#include <cstdlib>
#include <cstring>
#include <relo/relo.hpp>

void* board_allocate(std::size_t align, std::size_t size) {
  return std::aligned_alloc(align, (size + align - 1) / align * align);
}
void board_free(void* at) { std::free(at); }

#include README_BLOCK

bool loads(std::span<const unsigned char> object) {
  relo::loader loader{relo::arch::x86_64{}, board_memory{}};
  return static_cast<bool>(loader.load(object));
}
