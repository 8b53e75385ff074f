// Who breaks a contract is told its words, and goes no further.
#undef RELO_CONTRACTS
#define RELO_CONTRACTS 1

#include <relo/arch/x86_64.hpp>
#include <relo/loader.hpp>
#include <relo/memory/arena.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// What f() says before it stops the process that it is called in; "" if it does not stop it.
template <class F>
std::string last_words(F f) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGILL, SIG_DFL);
    signal(SIGTRAP, SIG_DFL);
    dup2(ends[1], 2);
    f();
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char buffer[256];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  const bool stopped = WIFSIGNALED(status);
  CHECK(stopped == !said.empty());
  return said;
}

relo::static_arena<4096> memory;

}  // namespace

TEST_CASE("the module of a load that failed") {
  relo::loader loader{relo::arch::x86_64{}, memory, relo::dont_run{}, relo::code_only{}};
  const auto m = loader.load(std::span<const unsigned char>{});
  REQUIRE(!m);
  CHECK(last_words([&] { (void)m->name; }) ==
        "relo: there is no module: the load ended in an error\n");
  CHECK(last_words([&] { (void)(*m).name; }) ==
        "relo: there is no module: the load ended in an error\n");
  CHECK(last_words([&] { (void)m.error(); }) == "");
}

TEST_CASE("a module that is released more often than it is held") {
  relo::loader loader{relo::arch::x86_64{}, memory, relo::dont_run{}, relo::code_only{}};
  auto& m = *loader.registry().acquire();
  loader.hold(m);
  CHECK(last_words([&] { loader.release(m); }) == "");
  loader.release(m);
  CHECK(last_words([&] { loader.release(m); }) == "relo: a module is released that nobody holds\n");
}

TEST_CASE("sections, symbols and stubs that there are none of") {
  using image = relo::elf::image<relo::elf::elf64le, relo::elf::contiguous<unsigned char>, true>;
  image nothing{relo::elf::contiguous{std::span<const unsigned char>{}}};
  CHECK(last_words([&] { (void)nothing.section(0); }) ==
        "relo: the object has no section of that number\n");
  CHECK(last_words([&] { (void)nothing.symbol(7); }) ==
        "relo: the object has no symbol of that number\n");
  std::uint32_t words[2]{};
  relo::stubs<std::uint32_t> stubs;
  stubs.use(words);
  CHECK(last_words([&] { (void)stubs.got_slot(0); }) == "relo: the symbol has no GOT slot\n");
  CHECK(last_words([&] { (void)stubs.veneer(0); }) == "relo: the symbol has no veneer\n");
}

TEST_CASE("a program may say it otherwise") {
  relo::on_broken_contract = [](const char* words) {
    if (write(2, words, std::strlen(words)) < 0) _exit(2);
  };
  CHECK(last_words([] { relo::expects(false, "never"); }) == "never");
  relo::on_broken_contract = nullptr;
  CHECK(last_words([] { relo::expects(true, "never"); }) == "");
}
