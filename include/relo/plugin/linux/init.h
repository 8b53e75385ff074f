/* Where a module starts and ends, and which of its code and data are needed when.
 *
 * In C++, include the standard library's headers before this one: they use names such as __init
 * for their own. */
#ifndef RELO_PLUGIN_LINUX_INIT_H
#define RELO_PLUGIN_LINUX_INIT_H

/* Returned when the init function has: nothing that stays may refer to it. */
#define __init __attribute__((section(".init.text")))
#define __initdata __attribute__((section(".init.data")))
#define __initconst __attribute__((section(".init.rodata")))
/* Needed on removal only. */
#define __exit __attribute__((section(".exit.text")))
#define __exitdata __attribute__((section(".exit.data")))
/* Writable while the init function runs, read-only afterwards. */
#define __ro_after_init __attribute__((section(".data..ro_after_init")))
#define __read_mostly __attribute__((section(".data..read_mostly")))

#ifdef __cplusplus
extern "C" {
#endif
/* The names that a loader looks for. A module defines them by module_init() and module_exit(), or
 * itself. init_module() returns 0, or an error number, negated: then the module is not loaded. */
int init_module(void);
void cleanup_module(void);
#ifdef __cplusplus
}
#endif

struct module;

/* module_init(function): int function(void) is called when the module is loaded. */
#define module_init(function)                                                                      \
  int __init init_module(void) { return function(); }                                              \
  struct module
/* module_exit(function): void function(void) is called when the module is removed. A module that
 * has an init but no exit function cannot be removed. */
#define module_exit(function)                                                                      \
  void __exit cleanup_module(void) { function(); }                                                 \
  struct module

#endif
