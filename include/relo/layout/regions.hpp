// How memory types are gathered into the regions that are allocated.
#pragma once

#include <relo/layout/mem_type.hpp>

#include <concepts>

namespace relo {

namespace role {
struct layout;
}

/// A layout gives each memory type a region; types of one region follow one another in the
/// order of `order`. A region with init types only is returned after init.
template <class L>
concept layout = requires(mem_type t) {
  { L::regions } -> std::convertible_to<std::size_t>;
  { L::region_of(t) } -> std::same_as<std::size_t>;
};

/// The order of types within a region: by permission, so that few boundaries are protected.
inline constexpr mem_type layout_order[mem_types] = {
    mem_type::text,      mem_type::rodata,      mem_type::ro_after_init, mem_type::data,
    mem_type::init_text, mem_type::init_rodata, mem_type::init_data};

/// Everything in one piece. Init memory stays: for small memories with one arena.
struct one_region {
  using role = role::layout;
  static constexpr std::size_t regions = 1;
  static constexpr std::size_t region_of(mem_type) noexcept { return 0; }
};

/// As kernels before 6.4: what stays, and what is returned after init.
struct core_and_init {
  using role = role::layout;
  static constexpr std::size_t regions = 2;
  static constexpr std::size_t region_of(mem_type t) noexcept { return is_init(t) ? 1 : 0; }
};

/// As kernels from 6.4 on: a region a memory type.
struct region_per_type {
  using role = role::layout;
  static constexpr std::size_t regions = mem_types;
  static constexpr std::size_t region_of(mem_type t) noexcept {
    return static_cast<std::size_t>(t);
  }
};

}  // namespace relo
