// An init function, or with IN_CONSTRUCTOR a constructor, that throws.
#include <stdexcept>

extern "C" void event(const char*);

static struct first {
  first() { event("constructed"); }
  ~first() { event("destroyed"); }
} first;

#ifdef IN_CONSTRUCTOR
static struct second {
  second() { throw std::runtime_error("constructor"); }
} second;
#endif
extern "C" int init_module() { throw std::runtime_error("init"); }
extern "C" void cleanup_module() { event("exit"); }
