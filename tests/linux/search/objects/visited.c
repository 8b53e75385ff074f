/* A module that is looked at: its symbols are named after it, NAME. */
#include "module.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT_(sym) EXPORT(sym, "", 0x5eed5eed, "VISITORS")

MODULE(TEXT(NAME), "GPL")

const int JOIN(NAME, _value)[4] = {0x5eed0000, 0x5eed0001, 0x5eed0002, 0x5eed0003};
EXPORT_(JOIN(NAME, _value))

int JOIN(NAME, _function)(void) { return 0; }
int JOIN(NAME, _percpu)[4] __attribute__((section(".data..percpu"), used)) = {1};

__attribute__((section(".init.text"))) int init_module(void) { return 0; }
__attribute__((section(".init.text"), used)) int JOIN(NAME, _init_function)(void) { return 1; }
void cleanup_module(void) {}
