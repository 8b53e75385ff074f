// expect: relo: a memory among several does not model relo::bounded_memory
#include <relo/host/pages.hpp>
#include <relo/memory/regions.hpp>
#include <relo/memory/arena.hpp>

int main() {
  relo::host::pages pages;
  relo::static_arena<64> arena;
  relo::memory_chain chain{pages, arena};
}
