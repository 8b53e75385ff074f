// A program that asks a composed kernel. No module of that name is in it.
// prints: -2

#include <cstdio>
#include <relo/host/pages.hpp>
#include <relo/linux/call/delete_module.hpp>
#include <relo/linux/call/init_module.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/exports.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

int main() {
  relo::host::pages memory{relo::host::placement::low_2gib()};
  const relo::symbols<> symbols;
  const unsigned char file[64] = {};

#include README_BLOCK

  std::printf("%d\n", error);
  return 0;
}
