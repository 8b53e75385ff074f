// expect: two_exports_have_the_same_hash
#include <relo/symbol/hashed_exports.hpp>

void f() {}
constexpr auto table =
    relo::hashed_exports(relo::exported{"costarring", &f}, relo::exported{"liquid", &f});
