// expect: relo: the lock policy does not model relo::lockable
#include <relo/relo.hpp>

struct only_locks {
  using role = relo::role::lock;
  void lock() {}
};

int main() { relo::loader loader{relo::arch::x86_64{}, relo::static_arena<64>{}, only_locks{}}; }
