// A module that has one of everything a loader looks at. Its tables are in rich.S.
extern "C" {
int host_add(int, int);
extern int host_value;
[[gnu::weak]] int host_missing();

int level = 1;
const char* label = "none";
int zeroed[4];

int rich_sum(int x) {
  return host_add(level, x) + host_value + (host_missing ? host_missing() : 0);
}
}

// A COMDAT group, and what is relocated but not written after.
template <class T>
struct shape {
  virtual T area() const { return 1; }
};
shape<int> unit;

[[gnu::constructor(101)]] static void first() { zeroed[0] = host_add(1, 2); }
[[gnu::constructor]] static void second() { zeroed[1] = host_add(zeroed[0], 3); }
[[gnu::destructor]] static void last() { zeroed[2] = unit.area(); }

[[gnu::section(".data..ro_after_init")]] int sealed = 1;
[[gnu::section(".init.data")]] static int start = 2;

extern "C" [[gnu::section(".init.text")]] int init_module() {
  return sealed = start, rich_sum(0) < 0;
}
extern "C" [[gnu::section(".exit.text")]] void cleanup_module() { level = 0; }
