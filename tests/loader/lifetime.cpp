// What a loader promises about its end, about others beside it, and to a signal handler.
#include "host.hpp"

#include <csignal>

namespace {

const relo::host::file plain{OBJECT_plain};

/// A loader into this process; what is returned is made where it stays.
auto loader_on(relo::host::pages& memory) {
  return relo::loader{relo::arch::x86_64{}, memory, relo::symbols{host::exports}};
}

/// Where the handler looks, and what it finds.
int (*look)() = nullptr;
volatile std::sig_atomic_t found = 0;

}  // namespace

TEST_CASE("two loaders on one memory: neither takes what the other has") {
  relo::host::pages memory;
  auto one = loader_on(memory);
  {
    auto two = loader_on(memory);
    const auto first = one.load(plain.bytes(), {.name = "plain"});
    const auto second = two.load(plain.bytes(), {.name = "plain"});
    REQUIRE(first);
    REQUIRE(second);
    *one.find<int>("counter") = 1;
    CHECK(*two.find<int>("counter") == 40);
    CHECK(two.unload(*second) == relo::errc::ok);
    CHECK(*one.find<int>("counter") == 1);
  }
  CHECK(one.unload("plain") == relo::errc::ok);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("a loader that ends without unloading leaves its modules in their memory") {
  relo::host::pages memory;
  int* counter = nullptr;
  {
    auto loader = loader_on(memory);
    REQUIRE(loader.load(plain.bytes(), {.name = "plain"}));
    counter = loader.find<int>("counter");
  }
  CHECK(memory.in_use() != 0);
  CHECK(*counter == 40);
}

TEST_CASE("a signal handler may look up") {
  static relo::host::pages memory;
  static auto loader = loader_on(memory);
  REQUIRE(loader.load(plain.bytes(), {.name = "plain"}));
  look = [] {
    const int* const counter = loader.find<int>("counter");
    return counter == nullptr ? -1 : *counter;
  };
  const auto before = std::signal(SIGUSR1, [](int) { found = look(); });
  std::raise(SIGUSR1);
  std::signal(SIGUSR1, before);
  CHECK(found == 40);
  CHECK(loader.unload("plain") == relo::errc::ok);
}
