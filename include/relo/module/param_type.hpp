// Types of module parameters.
#pragma once

#include <cstddef>

namespace relo {

/// A kernel_param names its type by a pointer to one of the kernel's param_ops objects. A plugin's
/// loader needs the type, not the object: it gives each such symbol one of these for an address.
/// Kernel: the STANDARD_PARAM_DEF()s in kernel/params.c, and what is around them.
enum class param_type : unsigned char {
  unknown,
  boolean,
  integer,
  charp,
  invbool,
  bint,              ///< takes what a bool does, is an int
  bool_enable_only,  ///< once set, it stays
  byte,
  short_int,
  ushort,
  uint,
  long_int,
  ulong,
  ullong,
  hexint,  ///< uint, printed otherwise
  string,  ///< characters in a buffer, struct kparam_string
  array    ///< struct kparam_array
};
inline constexpr int param_types = 17;

namespace detail {

/// What follows "param_ops_", in the order of param_type.
inline constexpr const char* param_ops_names[] = {
    "bool",   "int",  "charp", "invbool", "bint",   "bool_enable_only", "byte",  "short",
    "ushort", "uint", "long",  "ulong",   "ullong", "hexint",           "string"};

}  // namespace detail

template <class Name>
constexpr param_type param_type_of_ops(const Name& name) noexcept {
  if (!name.starts_with("param_")) return param_type::unknown;
  if (name == "param_array_ops") return param_type::array;
  if (!name.starts_with("param_ops_")) return param_type::unknown;
  unsigned char type = 0;
  for (const char* const rest : detail::param_ops_names) {
    ++type;
    std::size_t i = 0;
    while (rest[i] != '\0' && name[10 + i] == rest[i]) ++i;
    if (rest[i] == '\0' && name[10 + i] == '\0') return static_cast<param_type>(type);
  }
  return param_type::unknown;
}

}  // namespace relo
