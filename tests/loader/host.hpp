// The program that the objects of objects/ are loaded into.
#pragma once

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/process.hpp>
#include <relo/relo.hpp>

#include <cxxabi.h>
#include <doctest/doctest.h>

#include <string>
#include <unistd.h>
#include <vector>

#include "../compiled.hpp"

#ifdef _LIBCPPABI_VERSION
// Itanium C++ ABI, 3.3.5.2. libc++abi defines it, but does not declare it in <cxxabi.h>.
extern "C" int __cxa_atexit(void (*)(void*), void*, void*);
namespace __cxxabiv1 {
using ::__cxa_atexit;
}
#endif

namespace host {

inline int variable = 5;
inline int init_result = 0;
inline std::vector<std::string> events;

inline int add(int a, int b) { return a + b; }
inline void event(const char* what) { events.emplace_back(what); }

inline constexpr auto exports =
    relo::exports(relo::exported{"host_add", &add}, relo::exported{"host_variable", &variable},
                  relo::exported{"event", &event}, relo::exported{"init_result", &init_result},
                  relo::exported{"__cxa_atexit", &abi::__cxa_atexit});

/// What was told since the last call.
inline std::vector<std::string> told() { return std::exchange(events, {}); }

using strings = std::vector<std::string>;

/// What `as` makes of a text.
inline std::vector<unsigned char> assembled(const std::string& text) {
  auto object = made::compiled("as", text);
  REQUIRE_FALSE(object.empty());
  return object;
}

}  // namespace host

/// A loader into this process: `loader(memory)` for host::pages memory.
#define RELO_HOST_LOADER(loader, memory, ...)                                                      \
  relo::loader loader {                                                                            \
    relo::arch::x86_64{}, memory, relo::symbols{host::exports}, relo::host::run_in_process{},      \
        relo::host::heap_scratch<std::uint64_t> {}                                                 \
    __VA_OPT__(, ) __VA_ARGS__                                                                     \
  }
