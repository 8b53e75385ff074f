// How much scratch memory a load takes: for measure(), and for who is told that it was too little.
#pragma once

#include <relo/stage/arrays.hpp>
#include <relo/stage/module_frob_arch_sections.hpp>

namespace relo::stages {

/// The most words that the load of a checked object holds at one time, see scratch_memory.
template <class Load>
constexpr std::size_t scratch_words(Load& load) noexcept {
  const std::size_t symbols = load.image.symbols();
  std::size_t construction = 0, destruction = 0;
  for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
    const auto called = load.image.section_name(load.image.section(i));
    if (detail::array_priority(called, detail::construction) != detail::no_array) ++construction;
    if (detail::array_priority(called, detail::destruction) != detail::no_array) ++destruction;
  }
  const bool stubs = load.stub.ready() || module_frob_arch_sections::wants_stubs(load);
  return load.image.sections() + symbols + load.index.named + (stubs ? symbols : 0) +
         2 * (construction > destruction ? construction : destruction);
}

}  // namespace relo::stages
