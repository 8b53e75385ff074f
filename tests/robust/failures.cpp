// Everything a load relies on fails, at each of its chances in turn: the load says so, and all is
// as it was before.
#include "first.hpp"
#include "guarded.hpp"
#include "second.hpp"

#include <relo/arch/x86_64.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/process.hpp>
#include <relo/loader.hpp>
#include <relo/symbol/export_table.hpp>
#include <relo/symbol/symbol_values.hpp>

#include <doctest/doctest.h>

#include <new>
#include <string>

extern "C" int __cxa_atexit(void (*)(void*), void*, void*) noexcept;

namespace {

using relo::errc;
using address = std::uint64_t;
using strings = std::vector<std::string>;

/// Lets some requests pass and refuses the next one.
class fuse {
 public:
  /// Never blows.
  void mend() { left_ = never, blown_ = false; }
  void arm(std::size_t requests) { left_ = requests, blown_ = false; }
  bool blows() {
    if (left_ == never || left_-- != 0) return false;
    left_ = never;
    blown_ = true;
    if (throws) throw std::bad_alloc{};
    return true;
  }
  bool throws = false;
  bool blown() const { return blown_; }

 private:
  static constexpr std::size_t never = ~std::size_t{0};
  std::size_t left_ = never;
  bool blown_ = false;
};

// One of each for the program: there is one load at a time.
fuse allocations, protections, pieces, reads;

template <class Memory>
struct failing_memory : Memory {
  using Memory::Memory;
  relo::block<address> allocate(relo::mem_type type, address size, address align) {
    return allocations.blows() ? relo::block<address>{} : Memory::allocate(type, size, align);
  }
  bool protect(const relo::block<address>& b, relo::permission p) {
    return !protections.blows() && Memory::protect(b, p);
  }
};

struct failing_scratch : relo::host::heap_scratch<address> {
  std::span<address> take(std::size_t n) {
    return pieces.blows() ? std::span<address>{} : heap_scratch::take(n);
  }
};

struct failing_reader : robust::checked_reader {
  bool read(std::size_t offset, std::span<unsigned char> to) {
    return !reads.blows() && checked_reader::read(offset, to);
  }
};

/// What the module in hand has told.
strings told;
int result_of_init = 0;
extern "C" void failures_note(const char* what) { told.emplace_back(what); }
extern "C" int failures_init_result() { return result_of_init; }

constexpr auto native_table = relo::exports(relo::exported{"note", &failures_note},
                                            relo::exported{"init_result", &failures_init_result},
                                            relo::exported{"__cxa_atexit", &__cxa_atexit});
constexpr relo::symbol_values far_table{std::array<relo::symbol_value<address>, 3>{
    {{"note", 0x2100'0000}, {"init_result", 0x2100'0100}, {"__cxa_atexit", 0x2100'0200}}}};

/// A loader with modules in this process, run for real; and one of modules that only would run.
struct here {
  using memory_type = failing_memory<relo::host::pages>;
  memory_type memory;
  using execution = relo::host::run_in_process;
  static constexpr const auto& table = native_table;
  static bool unharmed() { return true; }
};
struct elsewhere {
  struct paged : robust::guarded_memory<address> {
    using guarded_memory::guarded_memory;
    static constexpr address granularity = 4096;
  };
  using memory_type = failing_memory<paged>;
  memory_type memory{std::size_t{1} << 16, 0x2000'0000};
  using execution = relo::dont_run;
  static constexpr const auto& table = far_table;
  bool unharmed() { return memory.others_untouched(); }
};

/// The module first, loaded, and the module second, to be loaded again and again.
template <class Place, class... Policies>
class trial {
 public:
  explicit trial(Policies... policies)
      : loader_{{}, place_.memory, symbols_, {}, {}, {}, std::move(policies)...} {
    const auto m = loader_.load(first_bytes, {.name = "first"});
    REQUIRE(m);
    first_ = &*m;
    in_use_ = place_.memory.in_use();
  }
  trial(const trial&) = delete;
  ~trial() {
    CHECK(loader_.unload("first") == errc::ok);
    CHECK(place_.memory.in_use() == 0);
    CHECK(place_.unharmed());
  }

  template <class Source>
  errc load_second(const Source& source) {
    told.clear();
    const auto m = loader_.load(source, {.name = "second"});
    if (m) CHECK(first_->references == 1);
    return m.error();
  }
  errc load_second() { return load_second(second_bytes); }
  errc unload_second() { return loader_.unload("second"); }

  /// First is there, alone, and nothing has changed for it.
  void check_as_before() {
    CHECK(loader_.registry().first() == first_);
    CHECK(first_->next == nullptr);
    CHECK(first_->references == 0);
    CHECK(first_->state == relo::module_state::live);
    relo::symbol<address> function;
    CHECK(loader_.find_in(*first_, relo::elf::name{"first_function"}, true, function));
    if constexpr (Place::execution::native)
      CHECK(relo::pointer_to<int (*)()>(function.address)() == 42);
    CHECK(place_.memory.in_use() == in_use_);
  }

  /// Blows the fuse at each of its chances, until there is none left. How many there were.
  template <class Load>
  std::size_t each_time(fuse& f, errc expected, Load load) {
    for (std::size_t n = 0;; ++n) {
      INFO("request ", n);
      f.arm(n);
      const errc e = load();
      const bool blown = f.blown();
      f.mend();
      CHECK(e == (blown ? expected : errc::ok));
      if (e == errc::ok) CHECK(unload_second() == errc::ok);
      check_as_before();
      if (!blown) return n;
    }
  }
  std::size_t each_time(fuse& f, errc expected) {
    return each_time(f, expected, [this] { return load_second(); });
  }

 private:
  using symbols = relo::symbols<std::remove_cvref_t<decltype(Place::table)>>;
  // No third slot: a load that kept one would be the last.
  using two_modules = relo::modules<2>;

  Place place_;
  symbols symbols_{Place::table};
  relo::loader<relo::arch::x86_64, typename Place::memory_type&, symbols&, failing_scratch,
               typename Place::execution, two_modules, Policies...>
      loader_;
  typename decltype(loader_)::module_type* first_ = nullptr;
  address in_use_ = 0;
};

const strings made{"constructor", "object made"}, gone{"object destroyed", "destructor"};
strings operator+(strings a, const strings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE_TEMPLATE("memory, permissions and scratch run out", Place, here, elsewhere) {
  trial<Place> t;
  // For core and init; for each type there is, and one again after init; for sections, symbols,
  // GOT slots and constructors.
  CHECK(t.each_time(allocations, errc::out_of_memory) == 2);
  CHECK(t.each_time(protections, errc::protection_failed) >= 4);
  CHECK(t.each_time(pieces, errc::out_of_scratch) >= 4);
}

TEST_CASE_TEMPLATE("memory, permissions and scratch throw", Place, here, elsewhere) {
  trial<Place> t;
  const auto load = [&] {
    try {
      return t.load_second();
    } catch (const std::bad_alloc&) {
      return errc::read_failed;  // which it is not otherwise
    }
  };
  for (fuse* f : {&allocations, &protections, &pieces}) {
    f->throws = true;
    CHECK(t.each_time(*f, errc::read_failed, load) >= 2);
    f->throws = false;
  }
}

TEST_CASE_TEMPLATE("a medium fails", Place, here, elsewhere) {
  trial<Place> t;
  failing_reader reader{{{reinterpret_cast<const unsigned char*>(second), second_bytes.size()}}};
  const auto load = [&] {
    const errc e = t.load_second(relo::elf::streamed{reader});
    // Of the constructors, all have run or none.
    if (e != errc::ok) CHECK((told.empty() || told == made + gone));
    return e;
  };
  CHECK(t.each_time(reads, errc::read_failed, load) > 50);
  CHECK(reader.in_bounds);
}

TEST_CASE("an init function fails") {
  trial<here> t;
  result_of_init = -5;
  CHECK(t.load_second() == errc::init_failed);
  CHECK(told == made + strings{"init"} + gone);
  t.check_as_before();

  result_of_init = 0;
  CHECK(t.load_second() == errc::ok);
  CHECK(t.unload_second() == errc::ok);
  CHECK(told == made + strings{"init", "exit"} + gone);
  t.check_as_before();
}

namespace {

// What the probes saw, and which of them fails.
std::vector<std::size_t> ran, undone;
constexpr std::size_t none = ~std::size_t{0};
std::size_t failing_probe = none;

/// Stands before a stage, or after the last.
template <std::size_t Number>
struct probe {
  static constexpr const char* name = "probe";

  template <class Load>
  errc run(Load& load) const {
    if (Number == failing_probe) return load.fail(errc::wrong_flags);
    ran.push_back(Number);
    return errc::ok;
  }
  template <class Loader, class Module>
  void undo(Loader&, Module&) const noexcept {
    undone.push_back(Number);
  }
};

/// A stage's name as a template argument.
template <class Stage>
consteval auto name_of() {
  char text[relo::elf::name{Stage::name}.size() + 1]{};
  for (std::size_t i = 0; Stage::name[i] != '\0'; ++i) text[i] = Stage::name[i];
  return relo::fixed_string{text};
}

/// A pipeline with a probe before each of its stages and after the last.
template <class... Stages>
constexpr auto probed(const relo::pipeline<Stages...>& p) {
  using pipeline = relo::pipeline<Stages...>;
  using last = std::tuple_element_t<sizeof...(Stages) - 1, std::tuple<Stages...>>;
  return (p | ... |
          relo::insert_before<name_of<Stages>()>(probe<pipeline::index_of(Stages::name)>{})) |
         relo::insert_after<name_of<last>()>(probe<sizeof...(Stages)>{});
}

}  // namespace

TEST_CASE("a stage fails") {
  using stages = std::remove_cvref_t<decltype(relo::load_module)>;
  constexpr auto pipeline = probed(relo::load_module);
  static_assert(pipeline.size == 2 * stages::size + 1);
  trial<here, std::remove_cvref_t<decltype(pipeline)>> t{pipeline};

  for (failing_probe = 0; failing_probe <= stages::size; ++failing_probe) {
    CAPTURE(failing_probe);
    ran.clear(), undone.clear();
    CHECK(t.load_second() == errc::wrong_flags);
    t.check_as_before();

    CHECK(ran.size() == failing_probe);
    // Before there is a module, there is nothing to undo.
    if (failing_probe <= stages::index_of("setup_load_info")) ran.clear();
    CHECK(undone == std::vector(ran.rbegin(), ran.rend()));

    const bool constructed = failing_probe > stages::index_of("do_mod_ctors");
    const bool initialized = failing_probe > stages::index_of("do_one_initcall");
    const strings lived = initialized ? strings{"init", "exit"} : strings{};
    CHECK(told == (constructed ? made + lived + gone : strings{}));
  }

  failing_probe = none;
  ran.clear(), undone.clear();
  CHECK(t.load_second() == errc::ok);
  CHECK(ran.size() == stages::size + 1);
  CHECK(undone.empty());
  CHECK(t.unload_second() == errc::ok);
  CHECK(undone == std::vector(ran.rbegin(), ran.rend()));
  t.check_as_before();
}
