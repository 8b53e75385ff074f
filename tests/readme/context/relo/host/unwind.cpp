// A loader whose modules throw.

#include <relo/host/pages.hpp>
#include <relo/host/unwind.hpp>
#include <relo/relo.hpp>

int main() {
  const relo::arch::x86_64 machine;
  relo::host::pages memory;
#include README_BLOCK
  auto* const answer = loader.find<int(int)>("answer");
  return answer == nullptr ? 0 : 1;
}
