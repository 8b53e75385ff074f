// host::process: C++ plugins and what the language promises them.
#include "host.hpp"

#include <stdexcept>
#include <sys/wait.h>

namespace {

using host::strings;
const relo::host::file plugin{OBJECT_plugin};

template <class Loader>
void runs(Loader& loader) {
  INFO(std::string(loader.diagnostics().describe().c_str()));
  int (*const look_up)(const char*) = loader.template find<int(const char*)>("look_up");
  const bool found = look_up != nullptr;
  REQUIRE(found);
  CHECK(look_up("two") == 2);
  CHECK(look_up("three") == -1);
  std::string what;
  try {
    loader.template find<void(const char*)>("fail")("by the plugin");
  } catch (const std::runtime_error& e) {
    what = e.what();
  }
  CHECK(what == "by the plugin");
}

/// The exit status of f() in a child process; 128 and the signal that ended it.
template <class F>
int in_child(F f) {
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    std::exit(3);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("data of the process, of code that was compiled for a program") {
  // The C library is not near the program, whose pages the module's are next to; and the program
  // has no copy of a variable that it does not use.
  relo::loader loader{relo::arch::x86_64{}, relo::host::process{}};
  for (const char* path : {OBJECT_libc_data, OBJECT_libc_data_no_pic}) {
    const relo::host::file object{path};
    CHECK(loader.load(object.bytes()).error() == relo::errc::relocation_overflow);
    const std::string told = loader.diagnostics().describe().c_str();
    CHECK(told.find(", symbol 'opterr', value 0x") != std::string::npos);
    CHECK(told.substr(told.rfind("value 0x"))
              .find(": too far away for code compiled without -fPIC: compile with -fPIC") !=
          std::string::npos);
  }
  const relo::host::file object{OBJECT_libc_data_pic};
  REQUIRE(loader.load(object.bytes()));
  CHECK(loader.find<int()>("get")() == 1);
}

TEST_CASE("a set as a temporary, and the loader ends with its module") {
  host::told();
  {
    relo::loader loader{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{host::exports}};
    REQUIRE(loader.load(plugin.bytes(), {.name = "plugin"}));
    runs(loader);
    CHECK(host::told() == strings{});
  }
  CHECK(host::told() == strings{"destroyed"});
}

TEST_CASE("a set that outlives its loader; a policy beside it takes the place of its own") {
  relo::host::process process;
  auto& memory = process.part(std::type_identity<relo::role::memory>{});
  {
    relo::loader loader{relo::symbols{host::exports}, process, relo::arch::x86_64{},
                        relo::scratch<std::uint64_t, 4>{}};
    CHECK(loader.load(plugin.bytes()).error() == relo::errc::out_of_scratch);
    CHECK(memory.in_use() == 0);
  }
  for (int i = 0; i < 3; ++i) {
    relo::loader loader{relo::symbols{host::exports}, process, relo::arch::x86_64{}};
    const auto m = loader.load(plugin.bytes(), {.name = "plugin"});
    REQUIRE(m);
    runs(loader);
    CHECK(loader.unload(*m) == relo::errc::ok);
    CHECK(host::told() == strings{"destroyed"});
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("the last module goes first") {
  const relo::host::file object{OBJECT_lifecycle};
  {
    relo::loader loader{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{host::exports},
                        relo::modules<4>{}};
    REQUIRE(loader.load(plugin.bytes(), {.name = "one"}));
    host::init_result = 0;
    REQUIRE(loader.load(object.bytes(), {.name = "two"}));
    host::told();
  }
  const auto told = host::told();
  REQUIRE(told.size() > 1);
  CHECK(told.back() == "destroyed");
}

TEST_CASE("a process ends in any way with modules in it") {
  CHECK(in_child([] {
          relo::loader loader{relo::arch::x86_64{}, relo::host::process{},
                              relo::symbols{host::exports}};
          if (loader.load(plugin.bytes())) std::exit(0);
        }) == 0);
  CHECK(in_child([] {
          static relo::loader loader{relo::arch::x86_64{}, relo::host::process{},
                                     relo::symbols{host::exports}};
          if (loader.load(plugin.bytes())) std::exit(0);
        }) == 0);
  CHECK(in_child([] {
          {
            relo::loader loader{relo::arch::x86_64{}, relo::host::process{},
                                relo::symbols{host::exports}};
            if (!loader.load(plugin.bytes())) std::exit(1);
          }
          std::exit(0);
        }) == 0);
}

TEST_CASE("an exception out of init or a constructor undoes the load, and goes on") {
  relo::host::process process;
  auto& memory = process.part(std::type_identity<relo::role::memory>{});
  relo::loader loader{relo::arch::x86_64{}, process, relo::symbols{host::exports}};
  host::told();
  for (const char* path : {OBJECT_throwing_init, OBJECT_throwing_constructor}) {
    const relo::host::file object{path};
    for (int i = 0; i < 3; ++i) {
      std::string what;
      try {
        (void)loader.load(object.bytes(), {.name = "throws"});
      } catch (const std::runtime_error& e) {
        what = e.what();
      }
      CHECK(what == (path == std::string(OBJECT_throwing_init) ? "init" : "constructor"));
      CHECK(host::told() == strings{"constructed", "destroyed"});
      CHECK(loader.registry().first() == nullptr);
      CHECK(memory.in_use() == 0);
    }
  }
  CHECK(loader.load(plugin.bytes(), {.name = "throws"}));
}

TEST_CASE("scratch memory grows by default") {
  std::string source;
  for (int i = 0; i < 5000; ++i)
    source += ".globl s" + std::to_string(i) + "\ns" + std::to_string(i) + ": .long " +
              std::to_string(i) + "\n";
  const std::string name = "process_" + std::to_string(::getpid());
  std::FILE* const out = std::fopen((name + ".s").c_str(), "w");
  std::fputs((".data\n" + source).c_str(), out);
  std::fclose(out);
  REQUIRE(std::system(("as " + name + ".s -o " + name + ".o").c_str()) == 0);
  const relo::host::file object{(name + ".o").c_str()};
  std::remove((name + ".s").c_str());
  std::remove((name + ".o").c_str());
  relo::host::pages memory;
  relo::loader by_hand{relo::arch::x86_64{}, memory, relo::symbols{host::exports}};
  CHECK(by_hand.load(object.bytes()));
  CHECK(*by_hand.find<int>("s4999") == 4999);
  relo::loader by_value{relo::arch::x86_64{}, relo::host::pages{}, relo::symbols{host::exports}};
  CHECK(by_value.load(object.bytes()));
}
