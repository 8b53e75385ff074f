// Permissions of a module's memory. Kernel: strict_rwx.c.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

/// Gives one area the permissions that its first memory type has before (`live` false) or after
/// init. True where there is none of it. Of a module that knows of regions only, these have one
/// permission each: so where memory has permissions, the layout gives types that differ in theirs
/// different regions.
template <class Loader, class Module>
constexpr bool protect(Loader& loader, const Module& m, std::size_t area, bool live) {
  using addr = typename Loader::addr;
  constexpr addr granularity = Loader::memory_type::granularity;
  const auto& have = m.all_memory()[area];
  if (granularity == 1 || !have) return true;
  const permission allows = permission_of(Module::type_of(area), live);
  if constexpr (!Module::by_type) return loader.memory().protect(have, allows);
  // Types start at multiples of granularity, and regions end at one.
  const auto& region = m.regions[Loader::layout::region_of(Module::type_of(area))];
  const auto start = static_cast<std::size_t>(have.address - region.address);
  const std::size_t size = align_up(have.bytes.size(), static_cast<std::size_t>(granularity));
  return loader.memory().protect({region.bytes.subspan(start, size), have.address}, allows);
}

}  // namespace relo::stages
