// How memory types are gathered into the regions that are allocated.
#pragma once

#include <relo/base/role.hpp>
#include <relo/layout/mem_type.hpp>

#include <concepts>

namespace relo {

/// How memory types are gathered. All of it is static, and is asked in constant expressions.
///  - regions is how many regions there are; a module has a block of memory for each.
///  - region_of(type) is the number of the region that a memory type is in. Types of one region
///    follow one another in the order of layout_order.
/// A region with init types only is returned after init.
///
/// Loaders whose modules know of regions only (small_modules) ask first_of(region), too: the memory
/// type that says what memory the region is for, and what it allows.
template <class L>
concept layout = requires(mem_type t) {
  { L::regions } -> std::convertible_to<std::size_t>;
  { L::region_of(t) } -> std::same_as<std::size_t>;
};

/// Whether a region is returned after init.
template <layout L>
constexpr bool is_init_only(std::size_t region) noexcept {
  for (std::size_t t = 0; t < mem_types; ++t)
    if (L::region_of(static_cast<mem_type>(t)) == region && !is_init(static_cast<mem_type>(t)))
      return false;
  return true;
}

/// The order of types within a region: by permission, so that few boundaries are protected.
inline constexpr mem_type layout_order[mem_types] = {
    mem_type::text,      mem_type::rodata,      mem_type::ro_after_init, mem_type::data,
    mem_type::init_text, mem_type::init_rodata, mem_type::init_data};

/// Everything in one piece. Init memory stays: for small memories with one arena.
struct one_region {
  using role = role::layout;
  static constexpr std::size_t regions = 1;
  static constexpr std::size_t region_of(mem_type) noexcept { return 0; }
  static constexpr mem_type first_of(std::size_t) noexcept { return mem_type::text; }
};

/// As kernels before 6.4: what stays, and what is returned after init.
struct core_and_init {
  using role = role::layout;
  static constexpr std::size_t regions = 2;
  static constexpr std::size_t region_of(mem_type t) noexcept { return is_init(t) ? 1 : 0; }
  static constexpr mem_type first_of(std::size_t region) noexcept {
    return region == 0 ? mem_type::text : mem_type::init_text;
  }
};

/// What is executed, what is only read and what is written, apart: for several memories, and for a
/// unit that protects few regions. Init memory stays. What is read-only after init is with what is
/// written: where that can be protected (mpu_memory) but not in parts, load_module cannot seal it
/// and says so; it takes region_per_type, or a pipeline that drops module_enable_ro.
struct code_rodata_data {
  using role = role::layout;
  static constexpr std::size_t regions = 3;
  static constexpr std::size_t region_of(mem_type t) noexcept {
    const permission p = permission_of(t, false);
    return p == permission::rx ? 0 : p == permission::r ? 1 : 2;
  }
  static constexpr mem_type first_of(std::size_t region) noexcept {
    return region == 0 ? mem_type::text : region == 1 ? mem_type::rodata : mem_type::data;
  }
};

/// As kernels from 6.4 on: a region a memory type.
struct region_per_type {
  using role = role::layout;
  static constexpr std::size_t regions = mem_types;
  static constexpr std::size_t region_of(mem_type t) noexcept {
    return static_cast<std::size_t>(t);
  }
  static constexpr mem_type first_of(std::size_t region) noexcept {
    return static_cast<mem_type>(region);
  }
};

}  // namespace relo
