// Many modules: each is found in one look-up, by its name and by what it exports.
#include "../robust/bench.hpp"
#include "../robust/object.hpp"
#include "../robust/toy.hpp"

#include <relo/arch/x86_64.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <random>

namespace {

namespace elf = relo::elf;
using addr = std::uint64_t;
using relo::errc;
using robust::bytes;
using toy = robust::toy<elf::elf64le, true>;
using object = robust::object<toy::format>;

constexpr std::uint32_t data = elf::shf::alloc | elf::shf::write;

/// How often the registry has looked at a word that leads to a module.
std::size_t steps = 0;
struct counting {
  using role = relo::role::readers;
  static constexpr bool any = false;
  struct ticket {};
  ticket enter() const noexcept { return {}; }
  void leave(ticket) const noexcept {}
  void synchronize() const noexcept {}
  template <class T>
  static T load(const T& word) noexcept {
    return ++steps, word;
  }
  template <class T>
  static void store(T& word, std::type_identity_t<T> value) noexcept {
    word = value;
  }
};

/// Module memory that takes one step to find.
class heap_memory {
 public:
  using role = relo::role::memory;
  using addr = std::uint64_t;
  static constexpr addr granularity = 1;

  relo::block<addr> allocate(relo::mem_type, addr size, addr align) {
    next_ = relo::align_up(next_, align);
    auto room = std::make_unique<unsigned char[]>(size);
    const relo::block<addr> b{{room.get(), size}, next_};
    blocks_.emplace(next_, std::move(room));
    next_ += size;
    return b;
  }
  void release(const relo::block<addr>& b) noexcept { blocks_.erase(b.address); }
  bool protect(const relo::block<addr>&, relo::permission) const noexcept { return true; }
  bool empty() const { return blocks_.empty(); }

 private:
  addr next_ = robust::module_space;
  std::map<addr, std::unique_ptr<unsigned char[]>> blocks_;
};

/// An object that exports some names, and needs others.
bytes with(const std::vector<std::string>& defined, const std::vector<std::string>& wanted = {},
           bool ksymtab = false) {
  object o{toy::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  for (const auto& name : wanted) o.add_symbol({.name = name});
  std::vector<object::relocation> records;
  bytes names;
  for (const auto& name : defined) {
    const auto symbol = o.add_symbol({.name = name, .section = in});
    const addr at = 24 * (records.size() / 2);
    records.push_back({at, symbol, toy::absolute});
    records.push_back({at + 8, 0, toy::absolute, names.size()});
    names.insert(names.end(), name.begin(), name.end());
    names.push_back(0);
  }
  if (ksymtab) {
    const auto strings = o.add_section({.name = "__ksymtab_strings", .contents = names});
    const auto text = o.add_symbol({.name = "", .section = strings, .bind = elf::stb::local});
    const auto table =
        o.add_section({.name = "__ksymtab", .contents = bytes(24 * defined.size()), .align = 8});
    for (std::size_t i = 1; i < records.size(); i += 2) records[i].symbol = text;
    o.relocate(table, records);
  }
  return o.finish();
}

std::string number(const char* what, std::size_t i) { return what + std::to_string(i); }

template <std::size_t Modules, class Exports, class Index>
class many {
 public:
  heap_memory memory{};
  relo::loader<toy, heap_memory&, relo::modules<Modules>, Exports, Index, counting,
               relo::one_region, relo::dont_run, relo::host::heap_scratch<addr>>
      loader{{}, memory, {}, {}, {}, {}, {}, {}, {}};

  auto load(const bytes& file, const std::string& name, bool local = false) {
    return loader.load(std::span<const unsigned char>{file},
                       {.name = name.c_str(), .local = local});
  }
  /// The name of the module that exports a symbol, "" if none does.
  std::string exporter(const std::string& symbol) {
    relo::symbol<addr> s;
    const auto* const m = loader.find_exported(elf::name{symbol.c_str()}, true, s);
    return m == nullptr ? "" : m->name.c_str();
  }
};

/// Steps to load `count` modules, each of which exports a name and uses the one's before it; and to
/// unload them.
template <class Exports, class Index = relo::host::heap_index>
std::pair<std::size_t, std::size_t> chain(std::size_t count) {
  constexpr bool ksymtab = Exports::unique;
  const auto m = std::make_unique<many<4100, Exports, Index>>();
  steps = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto file =
        with({number("f", i)},
             i == 0 ? std::vector<std::string>{} : std::vector{number("f", i - 1)}, ksymtab);
    REQUIRE(m->load(file, number("m", i)));
  }
  const std::size_t loaded = std::exchange(steps, 0);
  CHECK(m->load(with({"g"}), "m7").error() == errc::already_loaded);
  CHECK(m->exporter("f0") == "m0");
  CHECK(m->exporter(number("f", count - 1)) == number("m", count - 1));
  CHECK(m->exporter("f").empty());
  if (ksymtab) {
    CHECK(m->load(with({"f3"}, {}, true), "twice").error() == errc::duplicate_export);
  }
  steps = 0;
  for (std::size_t i = count; i-- > 0;)
    REQUIRE(m->loader.unload(number("m", i).c_str()) == errc::ok);
  CHECK(m->memory.empty());
  return {loaded, steps};
}

// A loader on a host has an index if it may have many modules; another has none, and no byte of it.
template <class... Policies>
using loader_with = relo::loader<relo::arch::x86_64, Policies...>;
template <class Index, class... Policies>
constexpr bool has = std::is_same_v<typename loader_with<Policies...>::index_type, Index>;
static_assert(has<relo::host::heap_index, relo::host::pages&, relo::modules<17>>);
static_assert(has<relo::host::heap_index, relo::host::process, relo::modules<17>>);
static_assert(has<relo::no_index, relo::host::process, relo::modules<16>>);
static_assert(has<relo::no_index, relo::host::pages&, relo::modules<17>, relo::no_index>);
static_assert(has<relo::no_index, relo::static_arena<64>, relo::modules<17>>);
static_assert(sizeof(loader_with<relo::static_arena<64>, relo::no_index>) ==
              sizeof(loader_with<relo::static_arena<64>>));

}  // namespace

TEST_CASE_TEMPLATE("4,096 modules take a multiple of what 256 do", Exports, relo::symtab_exports,
                   relo::ksymtab_exports) {
  const auto few = chain<Exports>(256);
  const auto start = std::chrono::steady_clock::now();
  const auto all = chain<Exports>(4096);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  MESSAGE("4,096 modules: ", all.first, " steps to load, ", all.second, " to unload; ",
          time.count(), " ms");
  // A search is a step longer for twice the names.
  CHECK(all.first <= 16 * few.first * 2);
  CHECK(all.second <= 16 * few.second * 2);
  CHECK(all.first <= 4096 * 100);
}

TEST_CASE("an index finds whom a walk finds") {
  std::mt19937 random{1};
  many<40, relo::symtab_exports, relo::no_index> walked;
  many<40, relo::symtab_exports, relo::host::heap_index> indexed;
  many<40, relo::symtab_exports, relo::fixed_index<30>> crowded;
  std::vector<std::string> listed;
  for (int i = 0; i < 3000; ++i) {
    if (listed.size() < 36 && random() % 2 == 0) {
      std::vector<std::string> names;
      for (unsigned n = random() % 4; n-- > 0;) names.push_back(number("f", random() % 24));
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      const std::string name = number("m", random() % 60);
      const bool local = random() % 8 == 0;
      const auto file = with(names);
      const errc e = walked.load(file, name, local).error();
      CHECK(indexed.load(file, name, local).error() == e);
      CHECK(crowded.load(file, name, local).error() == e);
      if (e == errc::ok) listed.push_back(name);
    } else if (!listed.empty()) {
      const std::size_t which = random() % listed.size();
      const char* const name = listed[which].c_str();
      CHECK(walked.loader.unload(name) == errc::ok);
      CHECK(indexed.loader.unload(name) == errc::ok);
      CHECK(crowded.loader.unload(name) == errc::ok);
      listed.erase(listed.begin() + static_cast<std::ptrdiff_t>(which));
    }
    for (std::size_t f = 0; f < 24; ++f) {
      const auto wanted = walked.exporter(number("f", f));
      REQUIRE(indexed.exporter(number("f", f)) == wanted);
      REQUIRE(crowded.exporter(number("f", f)) == wanted);
    }
  }
}

TEST_CASE("more modules than there are slots") {
  many<20, relo::symtab_exports, relo::host::heap_index> m;
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(m.load(with({}), number("m", i)));
  CHECK(m.load(with({}), "one more").error() == errc::too_many_modules);
  CHECK(m.loader.unload("m5") == errc::ok);
  CHECK(m.load(with({"f"}), "one more"));
  CHECK(m.exporter("f") == "one more");
}

TEST_CASE("a keyed hash is SipHash-1-3") {
  // As Python 3.11 hashes bytes where PYTHONHASHSEED is 0, which is the key.
  const auto hash = [](const char* s) { return relo::keyed_hash(elf::name{s}, 0, 0); };
  CHECK(hash("a") == 0x4074'48d2'b89b'1813);
  CHECK(hash("memcpy") == 0x14ee'4f6a'21e8'4606);
  CHECK(hash("exactly8") == 0x9e90'd598'a0fe'358f);
  CHECK(hash("__x86_return_thunk") == 0x986f'b7f3'aaed'2b75);
  static_assert(relo::keyed_hash(elf::name{"abcdefghij"}, 1, 2) !=
                relo::keyed_hash(elf::name{"abcdefghij"}, 1, 3));
}
