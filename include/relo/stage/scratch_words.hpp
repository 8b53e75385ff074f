// How much scratch memory a load takes: for measure(), and for who is told that it was too little.
#pragma once

#include <relo/stage/arrays.hpp>
#include <relo/stage/module_frob_arch_sections.hpp>

namespace relo {

/// The most words that the load of a checked object holds at one time, see scratch_memory.
template <class Loader>
template <class Load>
constexpr std::size_t values_first::facet<Loader>::words_needed(Load& load) noexcept {
  const std::size_t symbols = load.image.symbols();
  std::size_t construction = 0, destruction = 0;
  if constexpr (Loader::sorts_arrays)
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto called = load.image.section_name(load.image.section(i));
      if (stages::detail::array_priority(called, stages::detail::construction) !=
          stages::detail::no_array)
        ++construction;
      if (stages::detail::array_priority(called, stages::detail::destruction) !=
          stages::detail::no_array)
        ++destruction;
    }
  bool stubs = false;
  if constexpr (Loader::stubs::counted)
    stubs = load.stub.ready() || stages::module_frob_arch_sections::wants_stubs(load);
  return load.image.sections() + symbols + load.named_count + (stubs ? symbols : 0) +
         2 * (construction > destruction ? construction : destruction);
}

}  // namespace relo
