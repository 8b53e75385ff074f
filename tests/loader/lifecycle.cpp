#include "host.hpp"

#include <csignal>
#include <fstream>
#include <setjmp.h>

namespace {

using host::strings;
using host::told;

/// Whether the system lists any memory as writable and executable.
bool any_memory_is_wx() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(" rwx") != std::string::npos) return true;
  return false;
}

sigjmp_buf fault;
void on_fault(int) { siglongjmp(fault, 1); }

/// Whether writing there is a fault.
bool is_read_only(volatile int* p) {
  struct sigaction action{}, before{};
  action.sa_handler = on_fault;
  ::sigaction(SIGSEGV, &action, &before);
  bool faulted = true;
  if (sigsetjmp(fault, 1) == 0) {
    *p = 3;
    faulted = false;
  }
  ::sigaction(SIGSEGV, &before, nullptr);
  return faulted;
}

}  // namespace

TEST_CASE("plain objects run, however they were compiled") {
#ifndef OBJECT_crel
  made::left_out("compact relocations that clang 19 writes", "asan");
#endif
  for (const char* path : {
           OBJECT_plain,
           OBJECT_pic,
           OBJECT_split,
#ifdef OBJECT_crel
           OBJECT_crel,
#endif
       }) {
    CAPTURE(std::string(path));
    relo::host::pages memory;
    RELO_HOST_LOADER(loader, memory);
    const relo::host::file object{path};
    const auto m = loader.load(object.bytes(), {.name = "plain"});
    INFO(std::string(loader.diagnostics().describe().c_str()));
    REQUIRE(m);
    CHECK(m->state == relo::module_state::live);
    CHECK(loader.find<int(int)>("answer")(2) == 42);
    *loader.find<int>("counter") = 50;
    CHECK(loader.find<int(int)>("answer")(2) == 52);
    CHECK(std::string(loader.find<const char*(unsigned)>("word")(1)) == "one");
    CHECK(loader.find<int(int, int)>("remember")(4095, 3) == 3);
    CHECK(loader.find<int*()>("variable")() == &host::variable);
    CHECK(loader.find<int()>("has_nowhere")() == 0);
    CHECK_FALSE(loader.find<int>("words"));
    CHECK_FALSE(any_memory_is_wx());
    CHECK(loader.unload(*m) == relo::errc::ok);
    CHECK(memory.in_use() == 0);
    CHECK_FALSE(bool(loader.find<int(int)>("answer")));
  }
}

TEST_CASE("code far from what it calls goes through veneers") {
  relo::host::pages memory{relo::host::placement::low_2gib(), 1 << 20};
  REQUIRE(memory.usable());
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_pic};
  const auto m = loader.load(object.bytes(), {.name = "far"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(m->regions[0].address < 0x8000'0000);
  CHECK(loader.find<int(int)>("answer")(2) == 42);
}

TEST_CASE("a module that is used stays") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file plain{OBJECT_plain}, user{OBJECT_user};
  CHECK(loader.load(user.bytes(), {.name = "user"}).error() == relo::errc::unknown_symbol);
  const auto first = loader.load(plain.bytes(), {.name = "plain"});
  REQUIRE(first);
  CHECK(loader.load(plain.bytes(), {.name = "plain"}).error() == relo::errc::already_loaded);
  const auto second = loader.load(user.bytes(), {.name = "user"});
  REQUIRE(second);
  CHECK(loader.find<int(int)>("ask")(2) == 43);
  CHECK(loader.registry().uses(*second, *first));
  CHECK(first->references == 1);
  CHECK(loader.unload("plain") == relo::errc::module_in_use);
  CHECK(loader.find<int(int)>("ask")(2) == 43);
  CHECK(loader.unload("user") == relo::errc::ok);
  CHECK(loader.unload("user") == relo::errc::not_loaded);

  loader.hold(*first);
  CHECK(loader.unload("plain") == relo::errc::module_in_use);
  loader.release(*first);
  CHECK(loader.unload("plain") == relo::errc::ok);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("modules need no names") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_plain};
  const auto one = loader.load(object.bytes()), two = loader.load(object.bytes());
  REQUIRE(one);
  REQUIRE(two);
  *loader.find<int>(*one, "counter") = 50;
  CHECK(loader.find<int(int)>(*one, "answer")(2) == 52);
  CHECK(loader.find<int(int)>(*two, "answer")(2) == 42);
  CHECK(loader.unload("") == relo::errc::not_loaded);
  CHECK(loader.unload(*one) == relo::errc::ok);
  CHECK(loader.unload(*two) == relo::errc::ok);
  CHECK(memory.in_use() == 0);
}

TEST_CASE("the order of a life") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_lifecycle};
  host::init_result = 0;
  const auto m = loader.load(object.bytes(), {.name = "lifecycle"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  // .ctors.65400 is priority 135; .init_array.00150 and .00200 follow, then those without.
  CHECK(told() == strings{"ctor150", "ctor150", "ctor200", "ctor", "init"});
  CHECK_FALSE(m->memory(relo::mem_type::init_text));
  CHECK_FALSE(m->regions[1]);
  CHECK(is_read_only(loader.find<int*()>("sealed_address")()));
  CHECK(*loader.find<int*()>("sealed_address")() == 2);
  CHECK(loader.unload(*m) == relo::errc::ok);
  CHECK(told() == strings{"exit", "dtor", "dtor200"});
  CHECK(memory.in_use() == 0);
}

TEST_CASE("an init function that fails leaves nothing behind") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_lifecycle};
  host::init_result = -5;
  const auto m = loader.load(object.bytes(), {.name = "lifecycle"});
  CHECK(m.error() == relo::errc::init_failed);
  CHECK(loader.diagnostics().at().value == 5);
  CHECK(std::string(loader.diagnostics().stage()) == "do_one_initcall");
  CHECK(told() == strings{"ctor150", "ctor150", "ctor200", "ctor", "init", "dtor", "dtor200"});
  CHECK(memory.in_use() == 0);
  CHECK(loader.registry().first() == nullptr);

  // Kernel: a positive result is odd, and no failure.
  host::init_result = 1;
  const auto odd = loader.load(object.bytes(), {.name = "lifecycle"});
  CHECK(odd);
  CHECK(loader.unload(*odd) == relo::errc::ok);
  host::init_result = 0;
  told();
}

TEST_CASE("C++: static objects live as long as their module") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_classes};
  const auto m = loader.load(object.bytes(), {.name = "classes"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(told() == strings{"constructed", "constructed"});
  CHECK(std::string(loader.find<const char*()>("dynamic_name")()) == "derived");
  CHECK(loader.find<int(int)>("seven_times")(6) == 42);
  CHECK(loader.unload(*m) == relo::errc::ok);
  CHECK(told() == strings{"destroyed", "destroyed"});
}

TEST_CASE("an init function may load a module") {
  static relo::host::pages memory;
  static RELO_HOST_LOADER(loader, memory);
  struct nested {
    static int load() {
      const relo::host::file object{OBJECT_pic};
      return loader.load(object.bytes(), {.name = "inner"}) ? 0 : -1;
    }
  };
  // The outer module's constructor tells `event`; let that one load the inner.
  const auto hook = relo::exports(
      relo::exported{"event",
                     +[](const char*) {
                       if (loader.registry().find(relo::elf::name{"inner"}) == nullptr)
                         CHECK(nested::load() == 0);
                     }},
      relo::exported{"init_result", &host::init_result});
  relo::loader outer{relo::arch::x86_64{}, memory, relo::symbols{hook},
                     relo::host::run_in_process{}, relo::host::heap_scratch<std::uint64_t>{}};
  const relo::host::file object{OBJECT_lifecycle};
  const auto m = outer.load(object.bytes(), {.name = "outer"});
  CHECK(m);
  CHECK(loader.find<int(int)>("answer")(2) == 42);
  CHECK(outer.unload(*m) == relo::errc::ok);
  CHECK(loader.unload("inner") == relo::errc::ok);
}

TEST_CASE("cross-loading: the same bytes, whatever lies where") {
  const relo::host::file object{OBJECT_plain};
  std::vector<unsigned char> bytes(1 << 16);
  constexpr std::uint64_t kernel = 0xffff'ffff'c000'0000;
  relo::buffer<std::uint64_t> memory{bytes, kernel};
  constexpr relo::symbol_values imports{std::array<relo::symbol_value<std::uint64_t>, 2>{
      {{"host_add", kernel + 0x100000}, {"host_variable", kernel + 0x200000}}}};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{imports}, relo::dont_run{}};
  const auto m = loader.load(object.bytes(), {.name = "cross"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  relo::symbol<std::uint64_t> counter;
  REQUIRE(loader.find_exported(relo::elf::name{"counter"}, true, counter) == &*m);
  CHECK(counter.address >= kernel);
  CHECK(m->bytes_at(counter.address, 4)[0] == 40);
  CHECK(loader.unload(*m) == relo::errc::ok);
  CHECK(memory.in_use() == 0);
}
