// A memory that an MPU's regions guard.

// board: mps2-an385

#include <relo/memory/arena.hpp>
#include <relo/memory/mpu.hpp>
#include <relo/memory/pmsa.hpp>
#include <relo/native.hpp>

int main() {
  relo::static_arena<4096> sram;
#include README_BLOCK
  return memory.allocate(relo::mem_type::text, 64, 32).bytes.empty() ? 1 : 0;
}
