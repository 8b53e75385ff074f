// A board with three memories.

#include <relo/memory/arena.hpp>
#include <relo/memory/regions.hpp>
#include <relo/native.hpp>

int main() {
  relo::static_arena<4096> itcm, sram, dtcm;
#include README_BLOCK
  return 0;
}
