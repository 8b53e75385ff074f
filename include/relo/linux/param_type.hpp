// Types of module parameters.
#pragma once

namespace relo::kmod {

/// A kernel_param names its type by a pointer to one of the kernel's param_ops_* objects. The
/// loader needs the type, not the object: it gives each such symbol one of these for an address.
enum class param_type : unsigned char { unknown, boolean, integer, charp };
inline constexpr int param_types = 4;

template <class Name>
constexpr param_type param_type_of_ops(const Name& name) noexcept {
  if (!name.starts_with("param_ops_")) return param_type::unknown;
  if (name == "param_ops_bool") return param_type::boolean;
  if (name == "param_ops_int") return param_type::integer;
  if (name == "param_ops_charp") return param_type::charp;
  return param_type::unknown;
}

}  // namespace relo::kmod
