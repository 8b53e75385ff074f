// An architecture that include/relo/arch/README.md makes up.

#include README_BLOCK

static_assert(relo::machine<relo::arch::toy>);
static_assert(relo::uses_veneers<relo::arch::toy> && !relo::uses_got<relo::arch::toy>);
static_assert(relo::only<relo::arch::toy, "R_TOY_CALL">::howtos[0].type == 2);
