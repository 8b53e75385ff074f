// expect: deleted
#include <relo/relo.hpp>

void f() {}
relo::symbols table{relo::exports(relo::exported{"f", &f})};
