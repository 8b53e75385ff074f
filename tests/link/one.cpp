#include <relo/relo.hpp>

int two();

int main() { return two(); }
