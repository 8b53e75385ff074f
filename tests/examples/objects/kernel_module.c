// As little of a kernel module as loads: NAME exports EXPORT, and needs NEED, if these are given.
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#define INFO __attribute__((section(".modinfo"), used, aligned(1))) static const char
INFO license[] = "license=GPL";
INFO intree[] = "intree=Y";
INFO retpoline[] = "retpoline=Y";
#ifndef VERMAGIC
#define VERMAGIC "6.1.0 SMP mod_unload "
#endif
INFO vermagic[] = "vermagic=" VERMAGIC;

__attribute__((section(".gnu.linkonce.this_module"), used)) struct {
  char state_and_list[24], name[56], rest[816];
} __this_module = {.name = TEXT(NAME)};

#ifdef EXPORT
int EXPORT(void) { return 1; }
// struct kernel_symbol: offsets of value, name and namespace.
__asm__(".section __ksymtab_strings, \"aMS\", @progbits, 1\n"
        "1: .asciz \"" TEXT(EXPORT) "\"\n"
                                    "2: .asciz \"\"\n"
                                    ".section __ksymtab, \"a\"\n"
                                    ".balign 4\n"
                                    ".long " TEXT(EXPORT) " - ., 1b - ., 2b - .\n"
                                                          ".text");
#endif

int init_module(void) {
#ifdef NEED
  extern int NEED(void);
  return NEED();
#else
  return 0;
#endif
}
void cleanup_module(void) {}
