#include <relo/host/rcu.hpp>

#include "loader.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace {

using namespace relo;
using namespace std::chrono_literals;
using kmod::generation;

#ifdef RELO_NO_SYNCHRONIZE
/// Takes what readers look at from under them.
struct readers_policy : host::rcu {
  constexpr void synchronize() noexcept {}
};
#else
using readers_policy = host::rcu;
#endif

struct threads_mutex {
  using role = relo::role::lock;
  std::recursive_mutex mutex;
  void lock() { mutex.lock(); }
  void unlock() { mutex.unlock(); }
};

/// Overwrites what is returned.
struct poisoned : test_memory {
  std::atomic<int> returned{0};
  void release(const block<std::uint64_t>& b) noexcept {
    for (unsigned char& byte : b.bytes) byte = 0xdb;
    test_memory::release(b);
    ++returned;
  }
};

/// Init functions are what the thread that loads says.
thread_local std::function<int()> init = [] { return 0; };
struct scripted : dont_run {
  int call_init(std::uint64_t) const { return init(); }
};

/// All that a test has.
template <generation G>
struct fixture {
  static constexpr bool new_layout = G == generation::v6_12;
  using layout = std::conditional_t<new_layout, region_per_type, core_and_init>;
  static constexpr const auto& stages() {
    if constexpr (new_layout) return kmod::load_module_6_12;
    else if constexpr (G == generation::v6_1) return kmod::load_module_6_1;
    else return kmod::load_module_5_11;
  }
  poisoned memory;
  threads_mutex lock;
  kernel_log log;
  kmod::kernel<G> kernel{old_kernel().settings};
  readers_policy readers;
  using pipeline = std::remove_cvref_t<decltype(stages())>;
  using loader_type =
      relo::loader<kmod::x86_64, poisoned&, kernel_log&, kmod::prel32_exports,
                   host::heap_scratch<std::uint64_t>, scripted, kmod::modules<8>, kmod::kernel<G>&,
                   layout, pipeline, threads_mutex&, readers_policy&>;
  loader_type loader{kmod::x86_64{},
                     memory,
                     log,
                     kmod::prel32_exports{},
                     host::heap_scratch<std::uint64_t>{},
                     scripted{},
                     kmod::modules<8>{},
                     kernel,
                     layout{},
                     pipeline{stages()},
                     lock,
                     readers};

  std::uint64_t address_of(const char* name) {
    kmod::kernel_symbol<std::uint64_t> s;
    typename loader_type::module_type* owner = nullptr;
    const auto here = loader.reading();
    return kmod::find_symbol(loader, elf::name{name}, true, s, owner) ? s.address : 0;
  }
};

std::string text_of(const elf::name<const unsigned char*>& name) {
  std::string out;
  for (std::size_t i = 0; name[i] != '\0' && i < 64; ++i) out += name[i];
  return out;
}

/// Counts what was not as it had to be.
struct tally {
  std::atomic<int> wrong{0}, found{0}, missed{0}, initializing{0};
  void expect(bool ok) {
    if (!ok) ++wrong;
  }
};

/// A module's exported words, if the symbol was found: as they were linked, and not overwritten.
template <class Fixture>
bool find_value(Fixture& f, const std::string& module, tally& to) {
  kmod::kernel_symbol<std::uint64_t> s;
  typename Fixture::loader_type::module_type* owner = nullptr;
  const auto here = f.loader.reading();
  if (!kmod::find_symbol(f.loader, elf::name{(module + "_value").c_str()}, true, s, owner))
    return false;
  to.expect(owner != nullptr && owner->name.c_str() == module && s.owner == module);
  to.expect(s.crc == 0x5eed5eed && s.name_space == std::string("VISITORS"));
  const auto bytes = f.loader.seen(*owner).bytes_at(s.address, 16);
  to.expect(bytes.size() == 16);
  for (std::uint32_t i = 0; i < 4 && bytes.size() == 16; ++i)
    to.expect(relo::read_int<std::uint32_t, std::endian::little>(bytes.data() + 4 * i) ==
              0x5eed0000 + i);
  // It may be hidden by now, but is still there.
  const auto* const around = kmod::module_address(f.loader, s.address);
  to.expect(around == owner || (around == nullptr && module != "resident"));
  return true;
}

template <class Fixture>
void look_around(Fixture& f, tally& to) {
  // Others come and go before and after it in the list, and it is always found.
  to.expect(find_value(f, "resident", to));
  for (const char* const name : {"visitor_0", "visitor_1", "fails"})
    ++(find_value(f, name, to) ? to.found : to.missed);

  const auto here = f.loader.reading();
  for (const char* const name : {"resident", "visitor_0", "visitor_1", "fails"}) {
    const std::string module = name;
    const auto function =
        kmod::module_kallsyms_lookup_name(f.loader, (module + "_function").c_str());
    kmod::module_symbol<typename Fixture::loader_type::module_type> s;
    if (function != 0 && kmod::module_address_lookup(f.loader, function, s))
      to.expect(text_of(s.name) == module + "_function" && s.module->name.c_str() == module);
    else to.expect(module != "resident");
    // Only while its init function runs.
    const auto in_init =
        kmod::module_kallsyms_lookup_name(f.loader, (module + "_init_function").c_str());
    if (in_init == 0) continue;
    ++to.initializing;
    if (const auto* const m = kmod::module_address(f.loader, in_init)) {
      to.expect(m->name.c_str() == module);
      const auto code = f.loader.seen(*m).bytes_at(in_init, 1);
      if (!code.empty()) to.expect(code[0] != 0xdb);
    }
  }
  kmod::for_each_kallsym(f.loader, [&](const auto& s) {
    to.expect(text_of(s.name).find('\xdb') == std::string::npos);
  });
  to.expect(kmod::module_address(f.loader, 0x1000) == nullptr);
  // Of all modules that are formed, each has its per-CPU data looked at.
  std::uint64_t canonical = 0;
  to.expect(kmod::percpu_address(f.loader, std::uint64_t{0x1000}, canonical) == nullptr);
}

template <generation G>
void share() {
  fixture<G> f;
  REQUIRE(f.loader.load(host::file{OBJECT_visitor_1}.bytes()));
  REQUIRE(f.loader.load(host::file{OBJECT_resident}.bytes()));
  REQUIRE(f.loader.unload("visitor_1") == errc::ok);

  tally seen;
  std::atomic<int> writing{2};
  std::atomic<bool> loads_failed{false};
  const auto write = [&](const char* path, const char* name, bool fails) {
    const host::file object{path}, failing{OBJECT_fails};
    for (int i = 0; i < 100; ++i) {
      // An init function takes its time.
      init = [] {
        for (int k = 0; k < 3; ++k) std::this_thread::yield();
        return 0;
      };
      bool ok = static_cast<bool>(f.loader.load(object.bytes()));
      std::this_thread::yield();
      ok = ok && f.loader.unload(name) == errc::ok;
      init = [] { return -19; };
      if (fails) ok = ok && f.loader.load(failing.bytes()).error() == errc::init_failed;
      if (!ok) loads_failed = true;
    }
    --writing;
  };
  const auto read = [&] {
    for (; writing != 0; std::this_thread::yield()) look_around(f, seen);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(read);
  threads.emplace_back(write, OBJECT_visitor_0, "visitor_0", false);
  threads.emplace_back(write, OBJECT_visitor_1, "visitor_1", true);
  for (auto& t : threads) t.join();

  CHECK_FALSE(loads_failed);
  CHECK(seen.wrong == 0);
  CHECK(seen.found > 0);
  CHECK(seen.missed > 0);
  CHECK(seen.initializing > 0);
  REQUIRE(f.loader.unload("resident") == errc::ok);
  CHECK(f.memory.in_use() == 0);
}

}  // namespace

// Built with ThreadSanitizer, too; and so with a writer that does not wait, which it must not pass.
TEST_CASE("threads share a loader") {
  SUBCASE("up to 5.11") { share<generation::v5_11>(); }
  SUBCASE("5.12 to 6.3") { share<generation::v6_1>(); }
  SUBCASE("6.4 to 6.12") { share<generation::v6_12>(); }
}

TEST_CASE("who reads does not wait for who loads") {
  fixture<generation::v6_12> f;
  REQUIRE(f.loader.load(host::file{OBJECT_resident}.bytes()));
  const std::uint64_t resident = f.address_of("resident_value");

  std::atomic<bool> running{false}, done{false};
  std::thread loads{[&] {
    init = [&] {
      running = true;
      while (!done) std::this_thread::yield();
      return 0;
    };
    CHECK(f.loader.load(host::file{OBJECT_visitor_0}.bytes()));
  }};
  while (!running) std::this_thread::yield();
  // The loading thread has the lock, and keeps it until `done`.
  CHECK_FALSE(f.lock.mutex.try_lock());
  {
    tally seen;
    for (int i = 0; i < 100; ++i) look_around(f, seen);
    CHECK(seen.wrong == 0);
    CHECK(seen.initializing == 100);
    CHECK(f.address_of("resident_value") == resident);
  }
  done = true;
  loads.join();
}

TEST_CASE("memory is returned when nobody looks any more") {
  fixture<generation::v6_12> f;
  std::optional<reading_turn<readers_policy>> here;
  const auto intact = [](std::span<const unsigned char> bytes) {
    return std::ranges::any_of(bytes, [](unsigned char b) { return b != 0xdb; });
  };
  const auto wait_until = [](const auto& holds) {
    while (!holds()) std::this_thread::yield();
  };

  // Init memory, as the module is live.
  std::atomic<bool> running{false}, go_on{false}, loaded{false};
  std::thread loads{[&] {
    init = [&] {
      running = true;
      wait_until([&] { return go_on.load(); });
      return 0;
    };
    CHECK(f.loader.load(host::file{OBJECT_visitor_0}.bytes()));
    loaded = true;
  }};
  wait_until([&] { return running.load(); });
  here.emplace(f.readers);
  const auto in_init = kmod::module_kallsyms_lookup_name(f.loader, "visitor_0_init_function");
  auto* const m = kmod::module_address(f.loader, in_init);
  REQUIRE(m != nullptr);
  const auto init_code = f.loader.seen(*m).bytes_at(in_init, 1);
  const int before = f.memory.returned;
  go_on = true;
  wait_until([&] { return f.loader.registry().state(*m) == module_state::live; });
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(loaded);
  CHECK(f.memory.returned == before);
  CHECK(intact(init_code));
  CHECK(kmod::module_address(f.loader, in_init) == nullptr);
  CHECK(kmod::module_kallsyms_lookup_name(f.loader, "visitor_0_init_function") == 0);
  here.reset();
  loads.join();
  CHECK(f.memory.returned > before);
  CHECK_FALSE(intact(init_code));

  // All of it, as the module goes.
  const std::uint64_t value = f.address_of("visitor_0_value");
  here.emplace(f.readers);
  const auto words = f.loader.seen(*m).bytes_at(value, 16);
  REQUIRE(words.size() == 16);
  std::atomic<bool> unloaded{false};
  std::thread unloads{[&] {
    CHECK(f.loader.unload("visitor_0") == errc::ok);
    unloaded = true;
  }};
  wait_until([&] { return f.loader.registry().state(*m) == module_state::unformed; });
  CHECK(kmod::module_address(f.loader, value) == nullptr);
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(unloaded);
  CHECK(intact(words));
  here.reset();
  unloads.join();
  CHECK_FALSE(intact(words));
}

namespace {

// No readers are no byte; and what a reader may look at is then the module.
using without = relo::loader<kmod::x86_64, buffer<std::uint64_t>, dont_run>;
using with_none = relo::loader<kmod::x86_64, buffer<std::uint64_t>, dont_run, no_readers>;
static_assert(sizeof(without) == sizeof(with_none));
static_assert(std::is_same_v<decltype(without::seen(std::declval<without::module_type&>())),
                             const without::module_type&>);

// The compiler needs no threads.
struct listed {
  module_state state = module_state::none;
  listed* next = nullptr;
};
constexpr bool listed_by_the_compiler = [] {
  readers_policy readers;
  registry<listed, 3, readers_policy> all;
  listed &a = *all.acquire(), &b = *all.acquire(), &c = *all.acquire();
  for (listed* m : {&a, &b, &c}) all.add(*m);
  const reading_turn here{readers};
  all.set_state(c, module_state::live);
  all.remove(b);
  readers.synchronize();
  // Who stands at what was removed goes on from there.
  return all.acquire() == nullptr && all.first() == &a && all.next(a) == &c && all.next(b) == &c &&
         all.next(c) == nullptr && all.state(c) == module_state::live;
}();
static_assert(listed_by_the_compiler);

}  // namespace

TEST_CASE("a turn of reading may be inside another") {
  readers_policy readers;
  std::optional<reading_turn<readers_policy>> outer{std::in_place, readers};
  {
    const reading_turn inner{readers};
  }
  std::atomic<bool> over{false};
  std::thread writer{[&] {
    readers.synchronize();
    over = true;
  }};
  std::this_thread::sleep_for(10ms);
  CHECK_FALSE(over);
  readers.leave(readers.enter());
  std::this_thread::sleep_for(10ms);
  CHECK_FALSE(over);
  outer.reset();
  writer.join();
}
