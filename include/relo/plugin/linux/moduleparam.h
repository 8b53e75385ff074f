/* Parameters of a module, and what it says of itself. */
#ifndef RELO_PLUGIN_LINUX_MODULEPARAM_H
#define RELO_PLUGIN_LINUX_MODULEPARAM_H

#include "types.h"

/* MODULE_INFO(tag, "text"): "tag=text" in section .modinfo, which is read and not loaded. */
#define MODULE_INFO(tag, text) RELO_PLUGIN_INFO(RELO_PLUGIN_UNIQUE, #tag "=" text)
#define RELO_PLUGIN_INFO(symbol, text)                                                             \
  static const char symbol[] __attribute__((section(".modinfo"), used, aligned(1))) = text
#define RELO_PLUGIN_UNIQUE RELO_PLUGIN_PASTE(__modinfo_, __COUNTER__)
#define RELO_PLUGIN_PASTE(a, b) RELO_PLUGIN_PASTE_(a, b)
#define RELO_PLUGIN_PASTE_(a, b) a##b

/* A record of the table __param. `ops` stands for the parameter's type; the loader answers the
 * symbols, and there are no such objects. */
struct module;
struct kernel_param_ops;
struct kernel_param {
  const char* name;
  struct module* mod;
  const struct kernel_param_ops* ops;
  u16 perm;
  s8 level;
  u8 flags;
  void* arg;
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct kernel_param_ops param_ops_bool;
extern const struct kernel_param_ops param_ops_int;
extern const struct kernel_param_ops param_ops_charp;
#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
namespace relo_plugin {
template <class A, class B>
struct is_same {
  static constexpr bool value = false;
};
template <class A>
struct is_same<A, A> {
  static constexpr bool value = true;
};
}  // namespace relo_plugin
#define RELO_PLUGIN_IS(variable, type) (relo_plugin::is_same<decltype(variable), type>::value)
#define RELO_PLUGIN_ASSERT static_assert
#else
#define RELO_PLUGIN_IS(variable, type) __builtin_types_compatible_p(__typeof__(variable), type)
#define RELO_PLUGIN_ASSERT _Static_assert
#endif

/* module_param(name, type, perm): the variable `name` is set by "name=value" before the init
 * function runs. `type` is bool (y, n, 1, 0, on, off; no value: y), int (as C writes it) or charp
 * (char *, or const char *, whose text lives as long as the module). `perm` is kept, and means
 * nothing to relo. */
#define module_param(name, type, perm)                                                             \
  RELO_PLUGIN_PARAM(name, #name, name, module_param_is_##type(name), param_ops_##type, #type, perm)
/* The same, for a variable that has another name than its parameter. */
#define module_param_named(name, variable, type, perm)                                             \
  RELO_PLUGIN_PARAM(name, #name, variable, module_param_is_##type(variable), param_ops_##type,     \
                    #type, perm)

#define RELO_PLUGIN_PARAM(id, name, variable, is_of_type, ops, type, perm)                         \
  RELO_PLUGIN_ASSERT(is_of_type, "the variable of module parameter " name " is no " type);         \
  RELO_PLUGIN_INFO(__parmtype_##id, "parmtype=" name ":" type);                                    \
  static const struct kernel_param __param_##id __attribute__((                                    \
      section("__param"), used, aligned(sizeof(void*)))) = {name, 0, &ops, perm, -1, 0, &variable}

/* The types there are. */
#define module_param_is_bool(variable) RELO_PLUGIN_IS(variable, bool)
#define module_param_is_int(variable) RELO_PLUGIN_IS(variable, int)
#define module_param_is_charp(variable)                                                            \
  (RELO_PLUGIN_IS(variable, char*) || RELO_PLUGIN_IS(variable, const char*))

#define MODULE_PARM_DESC(name, text) RELO_PLUGIN_INFO(__parm_##name, "parm=" #name ":" text)

/* Kinds of parameters that the kernel has, and relo has not. */
#define RELO_PLUGIN_NO_PARAM                                                                       \
  RELO_PLUGIN_ASSERT(0, "relo has module_param() and module_param_named() only")
#define module_param_array(...) RELO_PLUGIN_NO_PARAM
#define module_param_array_named(...) RELO_PLUGIN_NO_PARAM
#define module_param_string(...) RELO_PLUGIN_NO_PARAM
#define module_param_cb(...) RELO_PLUGIN_NO_PARAM

#endif
