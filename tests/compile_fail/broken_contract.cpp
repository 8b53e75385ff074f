// expect: a_contract_is_broken
#include <relo/reloc/stubs.hpp>

constexpr std::uint32_t slot = [] {
  std::uint32_t words[1]{};
  relo::stubs<std::uint32_t> stubs;
  stubs.use(words);
  return stubs.got_slot(0);
}();
