/* What a kernel's build makes of a module: as little of it as a loader asks for. */
#pragma once

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

/* A record as <linux/export.h> had it up to 5.12, in a section of its own for the linker to sort:
   its words are distances of 32 bits, or addresses. */
#if defined(ABSOLUTE_RECORDS)
#define WORD(x) ".quad " x "\n"
#define NO_WORD ".quad 0\n"
#else
#define WORD(x) ".long " x " - .\n"
#define NO_WORD ".long 0\n"
#endif
#if defined(SHORT_RECORDS)
#define NAMESPACE(sym, ns)
#else
#define NAMESPACE(sym, ns)                                                                         \
  ".ifc \"" ns "\",\"\"\n" NO_WORD ".else\n" WORD("__kstrtabns_" #sym) ".endif\n"
#endif

// clang-format off
#define EXPORT(sym, table, crc, ns)                                                                \
  __asm__(".pushsection __ksymtab_strings,\"aMS\",@progbits,1\n"                                   \
          "__kstrtab_" #sym ": .asciz \"" #sym "\"\n"                                              \
          "__kstrtabns_" #sym ": .asciz \"" ns "\"\n"                                              \
          ".section \"___ksymtab" table "+" #sym "\",\"a\"\n.balign 4\n"                            \
          WORD(#sym) WORD("__kstrtab_" #sym) NAMESPACE(sym, ns)                                    \
          ".section \"___kcrctab" table "+" #sym "\",\"a\"\n.balign 4\n"                            \
          ".long " TEXT(crc) "\n.popsection\n");
// clang-format on

#define MODINFO(name, text)                                                                        \
  static const char modinfo_##name[] __attribute__((used, section(".modinfo"), aligned(1))) = text;

#define MODULE(called, licence)                                                                    \
  MODINFO(name, "name=" called)                                                                    \
  MODINFO(license, "license=" licence)                                                             \
  MODINFO(vermagic, "vermagic=test SMP mod_unload ")                                               \
  MODINFO(intree, "intree=Y")                                                                      \
  MODINFO(retpoline, "retpoline=Y")                                                                \
  struct {                                                                                         \
    int state;                                                                                     \
    void *next, *prev;                                                                             \
    char name[56];                                                                                 \
    char rest[512];                                                                                \
  } __this_module __attribute__((section(".gnu.linkonce.this_module"))) = {.name = called};

/* struct modversion_info */
#define VERSION(sym, value)                                                                        \
  static const struct {                                                                            \
    unsigned long crc;                                                                             \
    char name[56];                                                                                 \
  } version_##sym __attribute__((used, section("__versions"), aligned(8))) = {value, #sym};
