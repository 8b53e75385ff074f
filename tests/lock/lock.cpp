#include <relo/lock/lock.hpp>

#include "../loader/host.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace {

struct recorder {
  using role = relo::role::lock;
  int turns = 0, depth = 0, deepest = 0;
  void lock() {
    ++turns;
    if (++depth > deepest) deepest = depth;
  }
  void unlock() { --depth; }
};

struct threads_mutex {
  using role = relo::role::lock;
  std::recursive_mutex mutex;
  void lock() { mutex.lock(); }
  void unlock() { mutex.unlock(); }
};

/// What the init function of lifecycle.c calls.
void (*on_event)() = [] {};
void event(const char*) { on_event(); }

constexpr auto exports = relo::exports(
    relo::exported{"host_add", &host::add}, relo::exported{"host_variable", &host::variable},
    relo::exported{"event", &event}, relo::exported{"init_result", &host::init_result});

template <class Lock>
auto make_loader(relo::host::pages& memory, Lock& lock) {
  return relo::loader{relo::arch::x86_64{}, memory, relo::symbols{exports},
                      relo::host::heap_scratch<std::uint64_t>{}, lock};
}
template <class Lock>
using loader_with =
    decltype(make_loader(std::declval<relo::host::pages&>(), std::declval<Lock&>()));

// No lock is no byte.
using without = relo::loader<relo::arch::x86_64, relo::host::pages&>;
using with_none = relo::loader<relo::arch::x86_64, relo::host::pages&, relo::no_lock>;
static_assert(sizeof(without) == sizeof(with_none) &&
              std::is_same_v<without::lock_type, relo::no_lock>);

loader_with<recorder>* recorded;

}  // namespace

TEST_CASE("a loader takes a turn for each thing that it is asked to do") {
  relo::host::pages memory;
  recorder lock;
  auto loader = make_loader(memory, lock);
  const relo::host::file object{OBJECT_plain}, broken{"/dev/null"};
  int before = 0;
  const auto turns = [&] { return lock.turns - std::exchange(before, lock.turns); };

  const auto m = loader.load(object.bytes(), {.name = "plain"});
  REQUIRE(m);
  CHECK(turns() == 1);
  CHECK_FALSE(loader.load(broken.bytes(), {.name = "broken"}));
  CHECK(turns() == 1);
  CHECK(loader.find<int>("counter") != nullptr);
  CHECK(turns() == 1);
  CHECK(loader.find<int>(*m, "counter") != nullptr);
  CHECK(turns() == 1);
  {
    const auto turn = loader.lock();
    loader.hold(*m);
    CHECK(lock.depth == 1);
  }
  CHECK(turns() == 2);
  CHECK(loader.unload(*m) == relo::errc::module_in_use);
  CHECK(turns() == 1);
  loader.release(*m);
  CHECK(turns() == 1);
  CHECK(loader.unload(*m) == relo::errc::ok);
  CHECK(turns() == 1);
  CHECK(loader.unload("plain") == relo::errc::not_loaded);
  CHECK(turns() == 1);
  CHECK(lock.depth == 0);
}

TEST_CASE("an init function that loads has the lock already") {
  relo::host::pages memory;
  recorder lock;
  auto loader = make_loader(memory, lock);
  recorded = &loader;
  on_event = [] {
    on_event = [] {};
    const relo::host::file object{OBJECT_plain};
    CHECK(recorded->load(object.bytes(), {.name = "plain"}));
  };
  const relo::host::file object{OBJECT_lifecycle};
  const auto m = loader.load(object.bytes(), {.name = "lifecycle"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(loader.find<int(int)>("answer")(2) == 42);
  CHECK(lock.deepest == 2);
  CHECK(lock.depth == 0);
}

#ifdef RELO_NO_LOCK
using shared_lock = relo::no_lock;
#else
using shared_lock = threads_mutex;
#endif

// Built with ThreadSanitizer, too; and so without a lock, which it must not pass.
#ifdef RELO_NO_LOCK
constexpr int times = 100'000;
#else
constexpr int times = 100;
#endif

TEST_CASE("threads share a loader") {
  relo::host::pages memory;
  shared_lock lock;
  auto one = make_loader(memory, lock), other = make_loader(memory, lock);
  bool apart = false;
  SUBCASE("") {}
  SUBCASE("or have one each, on one memory") { apart = true; }
  const relo::host::file object{OBJECT_plain};
  bool ok[2]{};
  std::atomic<int> ready{0};
  const auto work = [&](int t) {
    // Together, and where a race is to be found, until it is.
    for (++ready; ready < 2;) std::this_thread::yield();
    auto& loader = apart && t == 1 ? other : one;
    bool all = true;
    const char* const name = t == 0 ? "first" : "second";
    for (int i = 0; i < times; ++i) {
      const auto m = loader.load(object.bytes(), {.name = name});
      // The other's module may be listed first, and exports the same.
      all = all && m.error() == relo::errc::ok && loader.find<int(int)>(*m, "answer") != nullptr;
      (void)loader.find<int>("counter");
      if (m) all = all && loader.unload(name) == relo::errc::ok;
    }
    ok[t] = all;
  };
  std::thread first{work, 0}, second{work, 1};
  first.join(), second.join();
  CHECK(ok[0]);
  CHECK(ok[1]);
  CHECK(memory.in_use() == 0);
}
