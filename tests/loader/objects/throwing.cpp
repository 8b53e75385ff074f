// Exceptions within a module, and out of it.
extern "C" void event(const char*);

struct guard {
  ~guard() { event("unwound"); }
};

extern "C" void throw_int(int x) {
  guard g;
  if (x >= 0) throw x;
}
extern "C" int caught(int x) {
  try {
    throw_int(x);
  } catch (int y) {
    return y + 1;
  }
  return -1;
}
