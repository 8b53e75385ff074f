// The records of module parameters, as a module's compiler laid them out: where in a record of
// `size` bytes each member is. Kernel: include/linux/moduleparam.h.
#pragma once

#include <relo/base/bytes.hpp>

namespace relo {

/// struct kernel_param
template <class Addr>
struct kernel_param {
  static constexpr std::size_t name = 0, ops = 2 * sizeof(Addr), perm = 3 * sizeof(Addr),
                               flags = perm + 3;
  static constexpr std::size_t arg = align_up(3 * sizeof(Addr) + 4, sizeof(Addr));
  static constexpr std::size_t size = arg + sizeof(Addr);
  static constexpr unsigned char unsafe = 1;  // KERNEL_PARAM_FL_UNSAFE
};
/// struct kernel_param_ops, which begins with its flags
template <class Addr>
struct kernel_param_ops {
  static constexpr std::size_t set = sizeof(Addr), size = 4 * sizeof(Addr);
  static constexpr std::uint32_t no_value = 1;  // KERNEL_PARAM_OPS_FL_NOARG
};
template <class Addr>
struct kparam_string {
  static constexpr std::size_t maxlen = 0, string = sizeof(Addr), size = 2 * sizeof(Addr);
};
template <class Addr>
struct kparam_array {
  static constexpr std::size_t max = 0, elemsize = 4, num = 8, ops = num + sizeof(Addr),
                               elem = ops + sizeof(Addr), size = elem + sizeof(Addr);
};

}  // namespace relo
