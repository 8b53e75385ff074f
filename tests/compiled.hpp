// Objects that compilers of this machine make when a test asks for them.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace made {

/// Says what a test leaves out for want of something that `./dev test STEP` installs; ./dev shows
/// it.
inline void left_out(const std::string& what, const std::string& step) {
  std::printf("left out: %s (./dev test %s)\n", what.c_str(), step.c_str());
}

/// Some of LLVM's compilers, each with the step that has it.
inline constexpr std::pair<const char*, const char*> clangs[] = {{"clang-14", "clang-14"},
                                                                 {"clang-19", "asan"}};

/// What a command makes of a text: compiled("clang-19 -c -x c", text, "asan"). Nothing, and says
/// so, if there is no such command here, which that step would install.
inline std::vector<unsigned char> compiled(const std::string& command, const std::string& text,
                                           const std::string& step = "gcc") {
  const std::string program = command.substr(0, command.find(' '));
  if (std::system(("command -v " + program + " >/dev/null").c_str()) != 0) {
    left_out("what " + program + " makes", step);
    return {};
  }
  const std::string name = "compiled_" + std::to_string(::getpid()), object = name + ".o";
  std::ofstream{name} << text;
  REQUIRE(std::system((command + " " + name + " -o " + object).c_str()) == 0);
  std::ifstream file{object, std::ios::binary};
  const std::vector<unsigned char> bytes{std::istreambuf_iterator<char>{file}, {}};
  std::remove(name.c_str());
  std::remove(object.c_str());
  return bytes;
}

}  // namespace made
