// expect: relo: without exceptions, an execution policy's call_init\(\) and call\(\) are noexcept
// options: -fno-exceptions
#include <relo/relo.hpp>

struct may_throw {
  using role = relo::role::execution;
  static constexpr bool native = false;
  void flush(std::span<unsigned char>) const noexcept {}
  int call_init(std::uint64_t) const { return 0; }
  void call(std::uint64_t) const {}
  void finalize(std::uint64_t) const noexcept {}
};

int main() { relo::loader loader{relo::arch::x86_64{}, relo::static_arena<64>{}, may_throw{}}; }
