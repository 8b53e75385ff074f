// Objects that compilers of this machine make when a test asks for them.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

namespace made {

/// What a command makes of a text: compiled("gcc -c -x c", ...). Nothing, if there is no such
/// command here.
inline std::vector<unsigned char> compiled(const std::string& command, const std::string& text) {
  const std::string program = command.substr(0, command.find(' '));
  if (std::system(("command -v " + program + " >/dev/null").c_str()) != 0) return {};
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
