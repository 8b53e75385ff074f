// expect: relo: the exports policy does not model relo::stays_with_module
#include <relo/micro/ksymtab_exports.hpp>
#include <relo/relo.hpp>

// It has nothing for layout_symtab, which small loaders do without.
relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory, relo::micro::ksymtab_exports{}};
