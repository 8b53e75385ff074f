// Permissions of a module's memory. Kernel: strict_rwx.c.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

/// Gives one memory type the permissions it has before (`live` false) or after init. True where
/// there is none of it.
template <class Loader, class Module>
constexpr bool protect(Loader& loader, const Module& m, mem_type type, bool live) {
  using addr = typename Loader::addr;
  constexpr addr granularity = Loader::memory_type::granularity;
  const auto& have = m.memory(type);
  if (!have || granularity == 1) return true;
  // Types start at multiples of granularity, and regions end at one.
  const auto& region = m.regions[Loader::layout::region_of(type)];
  const auto start = static_cast<std::size_t>(have.address - region.address);
  const std::size_t size = align_up(have.bytes.size(), static_cast<std::size_t>(granularity));
  return loader.memory().protect({region.bytes.subspan(start, size), have.address},
                                 permission_of(type, live));
}

}  // namespace relo::stages
