// The memory types of a module, as the kernel's enum mod_mem_type (6.4 and later).
#pragma once

#include <cstddef>
#include <cstdint>

namespace relo {

/// Kinds of module memory, by lifetime and permission. `init_*` is returned after init.
/// `in_image` marks what is not laid out: not loaded, or left where the object is.
enum class mem_type : unsigned char {
  text,
  data,
  rodata,
  ro_after_init,
  init_text,
  init_data,
  init_rodata,
  in_image
};

inline constexpr std::size_t mem_types = 7;
/// Those that stay, which come first.
inline constexpr std::size_t core_mem_types = 4;

/// Memory is never writable and executable at once.
enum class permission : unsigned char { none, r, rw, rx };

constexpr bool is_init(mem_type t) noexcept {
  return t == mem_type::init_text || t == mem_type::init_data || t == mem_type::init_rodata;
}

/// What a type's memory allows once the module is formed; `live`: after init, too.
constexpr permission permission_of(mem_type t, bool live) noexcept {
  switch (t) {
    case mem_type::text:
    case mem_type::init_text: return permission::rx;
    case mem_type::rodata:
    case mem_type::init_rodata: return permission::r;
    case mem_type::ro_after_init: return live ? permission::r : permission::rw;
    default: return permission::rw;
  }
}

constexpr const char* name_of(mem_type t) noexcept {
  switch (t) {
    case mem_type::text: return "text";
    case mem_type::data: return "data";
    case mem_type::rodata: return "rodata";
    case mem_type::ro_after_init: return "ro_after_init";
    case mem_type::init_text: return "init_text";
    case mem_type::init_data: return "init_data";
    case mem_type::init_rodata: return "init_rodata";
    case mem_type::in_image: break;
  }
  return "in_image";
}

}  // namespace relo
