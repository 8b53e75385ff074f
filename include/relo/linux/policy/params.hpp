// Parameters as a kernel takes them: with a log, taints and names of its own. Kernel:
// kernel/params.c.
#pragma once

#include <relo/elf/constants.hpp>
#include <relo/linux/policy/generation.hpp>
#include <relo/linux/record/taint.hpp>
#include <relo/module/params.hpp>

namespace relo::kmod {

namespace detail {

/// Kernel: ddebug_dyndbg_module_param_cb(). A name is cut off where it has a dot.
constexpr bool is_dyndbg(unsigned char* given) noexcept {
  std::size_t i = 0;
  while (given[i] != 0 && given[i] != '.') ++i;
  if (given[i] == 0) return elf::name{given} == "dyndbg";
  given[i] = 0;
  return elf::name{given + i + 1} == "dyndbg";
}

}  // namespace detail

/// A kernel's dialect of parameters, see plain_parameters.
template <generation G>
struct kernel_parameters {
  using traits = release_traits<G>;
  static constexpr bool says = true, knows_true_false = traits::knows_true_false,
                        has_imports = true, passes_unknown_types = true;

  /// Kernel: isspace().
  static constexpr bool is_space(unsigned char c) noexcept {
    return plain_parameters::is_space(c) || c == 0xa0;
  }
  /// The kernel has objects for the types.
  template <class Load>
  static constexpr param_type type_of(const Load& load, typename Load::addr ops) noexcept {
    for (std::size_t t = 1; t < load.param_ops.size(); ++t)
      if (load.param_ops[t] == ops && ops != 0) return static_cast<param_type>(t);
    return param_type::unknown;
  }
  template <class Load, class F>
  static constexpr bool for_each_import(const Load& load, F f) {
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i)
      if (load.image.symbol(i).st_shndx() == elf::shn::undef && f(load.values[i])) return true;
    return false;
  }
  template <class Load, class Name>
  static constexpr void dangerous(Load& load, const Name& called) {
    load.printk("Setting dangerous option ", called, " - tainting kernel");
    load.kernel().tainted.add(taint::user);
  }
  /// Kernel: unknown_module_param_cb().
  template <class Load, class Value>
  static constexpr bool unknown(Load& load, unsigned char* given, const Value& v) {
    if (elf::name{given} == "async_probe") {
      bool& requested = load.mod->async_probe_requested;
      if (!traits::async_probe_has_value || !v.given || parse_bool(v, true, requested) != errc::ok)
        requested = true;
      return true;
    }
    if (load.settings().dynamic_debug) {
      if (detail::is_dyndbg(given)) return true;
    } else if (elf::name{given} == "dyndbg") {
      load.printk("dyndbg param is supported only in CONFIG_DYNAMIC_DEBUG builds");
      return true;
    }
    load.printk(load.mod->name, ": unknown parameter '", elf::name{given}, "' ignored");
    return false;
  }
};

/// As relo::parse_args(), by a kernel's rules.
template <class Load>
constexpr errc parse_args(Load& load, typename Load::addr address, std::span<unsigned char> args) {
  return relo::parse_args<kernel_parameters<Load::release>>(load, address, args);
}

}  // namespace relo::kmod
