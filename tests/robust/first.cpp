// What second.cpp needs.
extern "C" int first_function() { return 42; }
