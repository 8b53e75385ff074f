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
  const void* arg;
};
/* What `arg` points to for an array, and for characters in a buffer. */
struct kparam_array {
  unsigned max;
  unsigned elemsize;
  unsigned* num;
  const struct kernel_param_ops* ops;
  void* elem;
};
struct kparam_string {
  unsigned maxlen;
  char* string;
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct kernel_param_ops param_ops_bool, param_ops_invbool, param_ops_bint,
    param_ops_bool_enable_only, param_ops_byte, param_ops_short, param_ops_ushort, param_ops_int,
    param_ops_uint, param_ops_long, param_ops_ulong, param_ops_ullong, param_ops_hexint,
    param_ops_charp, param_ops_string, param_array_ops;
#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
extern "C++" { /* whoever includes this may be in an extern "C" */
namespace relo_plugin {
template <class A, class B>
struct is_same {
  static constexpr bool value = false;
};
template <class A>
struct is_same<A, A> {
  static constexpr bool value = true;
};
template <class A>
struct is_same<A&, A> { /* an element of an array */
  static constexpr bool value = true;
};
}  // namespace relo_plugin
}
#define RELO_PLUGIN_IS(variable, type) (relo_plugin::is_same<decltype(variable), type>::value)
#define RELO_PLUGIN_ASSERT static_assert
#else
#define RELO_PLUGIN_IS(variable, type) __builtin_types_compatible_p(__typeof__(variable), type)
#define RELO_PLUGIN_ASSERT _Static_assert
#endif

/* module_param(name, type, perm): the variable `name` is set by "name=value" before the init
 * function runs. `perm` is kept, and means nothing to relo. `type` is one of
 *  - bool: y, n, t, f, 1, 0, on or off; no value: y. invbool: the opposite. bool_enable_only: once
 *    true it stays. bint: as bool, but the variable is an int;
 *  - byte, short, ushort, int, uint, long, ulong, ullong: a number as C writes it, in range. byte
 *    is an unsigned char, the others with u are unsigned. hexint: uint;
 *  - charp: char *, or const char *, whose text (of at most 1,024 characters) lives as long as the
 *    module. */
#define module_param(name, type, perm)                                                             \
  RELO_PLUGIN_PARAM(name, #name, name, module_param_is_##type(name), param_ops_##type, #type, perm)
/* The same, for a variable that has another name than its parameter. */
#define module_param_named(name, variable, type, perm)                                             \
  RELO_PLUGIN_PARAM(name, #name, variable, module_param_is_##type(variable), param_ops_##type,     \
                    #type, perm)

/* An array: "name=value,value". `number` points to an unsigned that gets how many there were, or is
 * NULL. */
#define module_param_array(name, type, number, perm)                                               \
  module_param_array_named(name, name, type, number, perm)
#define module_param_array_named(name, array, type, number, perm)                                  \
  static const struct kparam_array __param_arr_##name = {                                          \
      (unsigned)(sizeof(array) / sizeof(array[0])), (unsigned)sizeof(array[0]), number,            \
      &param_ops_##type, array};                                                                   \
  RELO_PLUGIN_PARAM(name, #name, __param_arr_##name, module_param_is_##type(array[0]),             \
                    param_array_ops, "array of " #type, perm)
/* An array of `size` chars, into which the value is copied, with its NUL. */
#define module_param_string(name, string, size, perm)                                              \
  static const struct kparam_string __param_string_##name = {size, string};                        \
  RELO_PLUGIN_PARAM(name, #name, __param_string_##name, RELO_PLUGIN_IS(string[0], char),           \
                    param_ops_string, "string", perm)

#define RELO_PLUGIN_PARAM(id, name, variable, is_of_type, ops, type, perm)                         \
  RELO_PLUGIN_ASSERT(is_of_type, "the variable of module parameter " name " is no " type);         \
  RELO_PLUGIN_INFO(__parmtype_##id, "parmtype=" name ":" type);                                    \
  static const struct kernel_param __param_##id __attribute__((                                    \
      section("__param"), used, aligned(sizeof(void*)))) = {name, 0, &ops, perm, -1, 0, &variable}

/* The types there are. */
#define module_param_is_bool(variable) RELO_PLUGIN_IS(variable, bool)
#define module_param_is_invbool(variable) RELO_PLUGIN_IS(variable, bool)
#define module_param_is_bool_enable_only(variable) RELO_PLUGIN_IS(variable, bool)
#define module_param_is_bint(variable) RELO_PLUGIN_IS(variable, int)
#define module_param_is_byte(variable) RELO_PLUGIN_IS(variable, unsigned char)
#define module_param_is_short(variable) RELO_PLUGIN_IS(variable, short)
#define module_param_is_ushort(variable) RELO_PLUGIN_IS(variable, unsigned short)
#define module_param_is_int(variable) RELO_PLUGIN_IS(variable, int)
#define module_param_is_uint(variable) RELO_PLUGIN_IS(variable, unsigned)
#define module_param_is_hexint(variable) RELO_PLUGIN_IS(variable, unsigned)
#define module_param_is_long(variable) RELO_PLUGIN_IS(variable, long)
#define module_param_is_ulong(variable) RELO_PLUGIN_IS(variable, unsigned long)
#define module_param_is_ullong(variable)                                                           \
  (RELO_PLUGIN_IS(variable, unsigned long long) || RELO_PLUGIN_IS(variable, u64))
#define module_param_is_charp(variable)                                                            \
  (RELO_PLUGIN_IS(variable, char*) || RELO_PLUGIN_IS(variable, const char*))

#define MODULE_PARM_DESC(name, text) RELO_PLUGIN_INFO(__parm_##name, "parm=" #name ":" text)

/* A kind of parameter that the kernel has, and relo has not. */
#define module_param_cb(...)                                                                       \
  RELO_PLUGIN_ASSERT(0, "relo calls no functions for parameters, and has no module_param_cb()")

#endif
