#include <relo/relo.hpp>

int two();
int two() { return 0; }
