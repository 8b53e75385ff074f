// Readers of an index while a writer changes it.
#include <relo/host/heap_index.hpp>
#include <relo/host/rcu.hpp>
#include <relo/module/registry.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

#ifdef RELO_NO_SYNCHRONIZE
/// Lets what readers look at be used again.
struct readers_policy : relo::host::rcu {
  constexpr void synchronize() noexcept {}
};
constexpr int times = 200'000;  // until a race is found
#else
using readers_policy = relo::host::rcu;
constexpr int times = 2000;
#endif

/// As much of a module as a registry asks for, and what it exports.
struct entry {
  relo::text<16> name{};
  relo::module_state state = relo::module_state::none;
  entry* next = nullptr;
  std::vector<std::string> exports{};

  bool has(const std::string& symbol) const {
    return std::find(exports.begin(), exports.end(), symbol) != exports.end();
  }
};

/// A registry, and what a load and an unload do to it.
struct fixture {
  readers_policy readers;
  relo::registry<entry, 64, readers_policy, relo::host::heap_index> all;

  entry& load(const std::string& name, std::vector<std::string> exports) {
    all.index_exports([](const entry& m, auto&& f) {
      for (const auto& symbol : m.exports) f(relo::elf::name{symbol.c_str()});
    });
    entry& m = *all.acquire();
    m.name << name.c_str();
    m.exports = std::move(exports);
    all.add(m);
    all.set_state(m, relo::module_state::live);
    return m;
  }
  void unload(entry& m) {
    all.set_state(m, relo::module_state::unformed);
    all.remove(m);
    readers.synchronize();
    all.release(m);
  }
  /// Who exports a symbol: the module's name, "" if none does.
  std::string exporter(const std::string& symbol) {
    const relo::reading_turn here{readers};
    const auto* const m = all.find_exporter(relo::elf::name{symbol.c_str()},
                                            [&](const entry& one) { return one.has(symbol); });
    return m == nullptr ? "" : m->name.c_str();
  }
  bool knows(const std::string& name) {
    const relo::reading_turn here{readers};
    const auto* const m = all.find(relo::elf::name{name.c_str()});
    return m != nullptr && m->name.c_str() == name;
  }
};

}  // namespace

// Built with ThreadSanitizer, too; and so with a writer that does not wait, which it must not pass.
TEST_CASE("threads share a loader") {
  fixture f;
  constexpr int residents = 20, visitors = 16;
  for (int i = 0; i < residents; ++i) {
    const std::string n = std::to_string(i);
    f.load("r" + n, {"of_r" + n, "shared", "also_" + n});
  }
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0}, found{0}, missed{0};
  const auto read = [&] {
    for (int i = 0; !done; ++i) {
      const std::string n = std::to_string(i % residents), v = std::to_string(i % visitors);
      const bool right = f.exporter("of_r" + n) == "r" + n && f.exporter("shared") == "r0" &&
                         f.knows("r" + n) && f.exporter("nobody").empty();
      const auto visitor = f.exporter("of_v" + v);
      if (!right || (!visitor.empty() && visitor != "v" + v)) ++wrong;
      ++(visitor.empty() ? missed : found);
      std::this_thread::yield();
    }
  };
  std::thread first{read}, second{read};
  std::vector<entry*> here(visitors, nullptr);
  // And until the readers have had their turn, on a machine that has other things to do.
  for (int i = 0; i < times || found == 0 || missed == 0; ++i) {
    // In an order that lets some be indexed, and go from the middle.
    const auto which = static_cast<std::size_t>(i * 7 % visitors);
    const std::string n = std::to_string(which);
    if (here[which] != nullptr) f.unload(*std::exchange(here[which], nullptr));
    else here[which] = &f.load("v" + n, {"of_v" + n, "shared"});
    std::this_thread::yield();
  }
  done = true;
  first.join(), second.join();
  CHECK(wrong == 0);
  CHECK(found > 0);
  CHECK(missed > 0);
}
