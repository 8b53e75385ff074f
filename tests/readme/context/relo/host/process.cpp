// A loader of plugins.

#include <relo/host/process.hpp>
#include <relo/relo.hpp>

constexpr auto table = relo::exports(relo::exported{"answer", +[](int i) { return i; }});

int main() {
#include README_BLOCK
  return loader.find<int(int)>("answer") == nullptr ? 0 : 1;
}
