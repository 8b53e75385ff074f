// A loader of the least.

#include <relo/host/pages.hpp>
#include <relo/relo.hpp>

constexpr auto table = relo::exports(relo::exported{"answer", +[](int i) { return i; }});

int main() {
#include README_BLOCK
  auto* const answer = loader.find<int(int)>("answer");
  return answer == nullptr ? 0 : 1;
}
