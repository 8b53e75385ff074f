// Printing for programs that must survive a closed or full standard output, and that show what
// others have written: names and texts of files, which may hold anything.
#pragma once

#include "escaped.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <type_traits>

namespace example {

/// Text of the program's own, which may be of several lines.
struct own {
  std::string_view text;
};

namespace detail {

template <class T>
decltype(auto) harmless(const T& argument) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) return escaped(argument);
  else return (argument);
}

inline int output_error = 0;

/// A reader that has gone is an error of a write, and does not end the program in silence.
inline const auto pipe_signal = std::signal(SIGPIPE, SIG_IGN);

inline void write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && output_error == 0)
    output_error = errno;
}
inline void write_error(std::string_view text) {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace detail

/// As fmt::print(), but arguments that are text are escaped(), and a failure is not thrown:
/// finish() tells of it.
template <class... Arguments>
void print(fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
  detail::write(
      fmt::format(fmt::runtime(fmt::string_view{format}), detail::harmless(arguments)...));
}
inline void print(own lines) { detail::write(lines.text); }

/// The same, to the error output, after what was printed before.
template <class... Arguments>
void complain(fmt::format_string<const Arguments&...> format, const Arguments&... arguments) {
  detail::write_error(
      fmt::format(fmt::runtime(fmt::string_view{format}), detail::harmless(arguments)...));
}

/// Whether something could not be printed: there is no use in going on.
inline bool output_failed() noexcept { return detail::output_error != 0; }

/// The exit status: `status`, but 1 if something could not be printed.
inline int finish(const char* program, int status) {
  if (std::fflush(stdout) != 0 && !output_failed()) detail::output_error = errno;
  if (!output_failed()) return status;
  complain("{}: standard output: {}\n", program, std::strerror(detail::output_error));
  return 1;
}

/// What is left to do when CLI11 has parsed no command, but thrown `e`: its help was asked for, or
/// the words are none. The exit status.
template <class App, class Error>
int finish_usage(const char* program, const App& app, const Error& e) {
  if (e.get_exit_code() != 0) {
    complain("{}: {}\nRun with --help for more information.\n", program, e.what());
    return 2;
  }
  print(own{app.help()});
  return finish(program, 0);
}

}  // namespace example
