// A module that tells its host what happens to it, and that uses another.
extern "C" {
int first_function();
int init_result();
void note(const char*);
}

namespace {
struct object {
  object() { note("object made"); }
  ~object() { note("object destroyed"); }
} one;
int sealed [[gnu::section(".data..ro_after_init")]] = 1;

[[gnu::constructor(101)]] void constructor() { note("constructor"); }
[[gnu::destructor]] void destructor() { note("destructor"); }
}  // namespace

extern "C" [[gnu::section(".init.text")]] int init_module() {
  note("init");
  sealed = first_function();
  return init_result();
}
extern "C" void cleanup_module() { note("exit"); }
