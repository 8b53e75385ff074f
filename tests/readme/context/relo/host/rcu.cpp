// A loader that is asked by one thread while another loads.

#include <relo/host/pages.hpp>
#include <relo/host/rcu.hpp>
#include <relo/linux/watch/module_address.hpp>
#include <relo/relo.hpp>

#include <mutex>

struct threads : std::recursive_mutex {
  using role = relo::role::lock;
};

int main() {
  const relo::arch::x86_64 machine;
  const relo::native_addr address = 4096;
  relo::host::pages memory;
  threads lock;
#include README_BLOCK
  return m == nullptr ? 0 : 1;
}
