// What a kernel exports.

#include <relo/linux/policy/symsearch.hpp>
#include <relo/native.hpp>

int print(const char*) { return 0; }
long now() { return 0; }

int main() {
#include README_BLOCK
  relo::symbol<relo::native_addr> found;
  return kernel.find(relo::elf::name{"ktime_get"}, true, found) ? 0 : 1;
}
