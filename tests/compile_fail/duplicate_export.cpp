// expect: two_exports_have_the_same_name
#include <relo/symbol/export_table.hpp>

void f() {}
constexpr auto table =
    relo::exports(relo::exported{"f", &f}, relo::exported{"g", &f}, relo::exported{"f", &f});
