// expect: relo: the exports policy does not model relo::stays_with_module
#include <relo/module/image_exports.hpp>
#include <relo/relo.hpp>

// It has nothing for post_relocation, which small loaders may do without.
relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory,
                    relo::image_exports<relo::elf::contiguous<unsigned char>>{}};
