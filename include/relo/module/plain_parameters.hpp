// What a module's parameters are to loaders that know no more of them than the module's headers do.
#pragma once

#include <relo/module/param_type.hpp>

namespace relo {

/// How parameters are taken where no dialect says otherwise. A dialect has the same members:
///  - says: whether the load has printk(parts...), a log for what the kernel logs;
///  - knows_true_false: whether bools are `true` and `false`, too;
///  - has_imports: whether variables may be another's. for_each_import(load, f) then calls
///    f(address) for each symbol that the module refers to and does not define, until one call
///    returns true, and says whether one did;
///  - passes_unknown_types: whether a parameter of a type that nobody here knows may be given all
///    the same, without effect;
///  - is_space(c);
///  - type_of(load, ops): the type that a param_ops object's address stands for, or unknown;
///  - dangerous(load, name), where it says: a parameter is set that is marked as unsafe;
///  - unknown(load, given, value) -> bool: a name that is no parameter's; true: it is no matter.
struct plain_parameters {
  static constexpr bool says = false, knows_true_false = true, has_imports = false,
                        passes_unknown_types = false;

  static constexpr bool is_space(unsigned char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
  /// See param_type.
  template <class Load>
  static constexpr param_type type_of(const Load&, typename Load::addr ops) noexcept {
    return ops < param_types ? static_cast<param_type>(ops) : param_type::unknown;
  }
  template <class Load, class Value>
  static constexpr bool unknown(Load&, unsigned char*, const Value&) noexcept {
    return false;
  }
};

}  // namespace relo
