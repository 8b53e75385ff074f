// expect: no_such_relocation_type
#include <relo/arch/x86_64.hpp>

constexpr auto rows = relo::only<relo::arch::x86_64, "R_X86_64_PC23">::howtos;
