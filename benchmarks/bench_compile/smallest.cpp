// A loader of what compilers emit for x86-64, and of nothing else; it has one module, and says
// that a load failed, not why.
#include <relo/relo.hpp>

using machine =
    relo::without_veneers<relo::only<relo::arch::x86_64, "R_X86_64_PC32", "R_X86_64_PLT32",
                                     "R_X86_64_64", "R_X86_64_32S", "R_X86_64_32">>;

int host_function(int);
constexpr auto table = relo::exports(relo::exported{"host_function", &host_function});

static relo::static_arena<4096> memory;
static relo::loader loader{machine{},
                           memory,
                           relo::symbols{table},
                           relo::one_region{},
                           relo::ksymtab_exports{},
                           relo::code_only{},
                           relo::modules<1, 16>{},
                           relo::scratch<relo::native_addr, 128>{},
                           relo::load_module | relo::drop<"check_modinfo"> |
                               relo::drop<"parse_args">};

bool load(std::span<const unsigned char> object) { return static_cast<bool>(loader.load(object)); }
bool unload() { return loader.unload(*loader.registry().first()) == relo::errc::ok; }
