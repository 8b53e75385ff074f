// expect: need<relo::stages::move_module, relo::facet::layout
#include <relo/relo.hpp>

relo::static_arena<64> memory;
relo::loader loader{relo::arch::x86_64{}, memory,
                    relo::load_module | relo::drop<"layout_sections">};
