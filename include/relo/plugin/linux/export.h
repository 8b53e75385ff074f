/* What a module offers to others. */
#ifndef RELO_PLUGIN_LINUX_EXPORT_H
#define RELO_PLUGIN_LINUX_EXPORT_H

/* A record of the tables __ksymtab and __ksymtab_gpl. unsigned long is as wide as a pointer
 * wherever objects are ELF. */
struct kernel_symbol {
  unsigned long value;
  const char* name;
  const char* name_space;
};

/* Exported under the name as it is written here: a C++ function wants extern "C", too. */
#define RELO_PLUGIN_EXPORT(symbol, table)                                                          \
  static const struct kernel_symbol __ksymtab_##symbol                                             \
      __attribute__((section(table), used, aligned(sizeof(void*)))) = {(unsigned long)&symbol,     \
                                                                       #symbol, 0}
#define EXPORT_SYMBOL(symbol) RELO_PLUGIN_EXPORT(symbol, "__ksymtab")
/* For modules whose MODULE_LICENSE() is compatible with the GPL. */
#define EXPORT_SYMBOL_GPL(symbol) RELO_PLUGIN_EXPORT(symbol, "__ksymtab_gpl")

struct module;
/* This module, to be compared and handed on: the loader answers with an address that is this
 * module's alone (Itanium C++ ABI, 3.3.6). */
extern struct module relo_plugin_this_module __asm__("__dso_handle");
#define THIS_MODULE (&relo_plugin_this_module)

#endif
