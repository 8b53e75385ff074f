// Printing for programs that must survive a closed or full standard output.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <string>
#include <utility>

namespace example {

/// As fmt::print(), but a failure is not thrown: finish() tells of it.
template <class... Arguments>
void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// The same, to the error output, after what was printed before.
template <class... Arguments>
void complain(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

/// The exit status: `status`, but 1 if something could not be printed.
inline int finish(const char* program, int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  complain("{}: standard output: {}\n", program, std::strerror(errno));
  return 1;
}

}  // namespace example
