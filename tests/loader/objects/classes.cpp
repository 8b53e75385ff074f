// A C++ module with everything that makes an object unlike a C one: a static constructor and
// destructor, inline functions in COMDAT groups, virtual functions, templates.
extern "C" void event(const char*);

struct base {
  virtual const char* name() const { return "base"; }
};
struct derived : base {
  const char* name() const override { return "derived"; }
};

template <class T>
struct noisy {
  T value;
  explicit noisy(T v) : value(v) { event("constructed"); }
  ~noisy() { event("destroyed"); }
};

noisy<derived> object{derived{}};
inline noisy<int> shared{7};

inline int comdat(int x) { return x * shared.value; }

extern "C" const char* dynamic_name() {
  const base& b = object.value;
  return b.name();
}
extern "C" int seven_times(int x) { return comdat(x); }
