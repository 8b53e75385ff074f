// What the program offers to the modules it loads.
#pragma once

#include "../print.hpp"

#include <relo/symbol/export_table.hpp>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <new>
#include <string>
#include <string_view>

/// Set by --quiet: only what modules print, and errors, are shown.
inline bool quiet = false;

extern "C" {
/// What printk() and pr_*() of relo/plugin/linux/printk.h call.
[[gnu::format(printf, 1, 2)]] inline int _printk(const char* format, ...) {
  static constexpr const char* levels[] = {"emerg",   "alert",  "crit", "err",
                                           "warning", "notice", "info", "debug"};
  const char* level = "";
  if (format[0] == '\001') {
    if (format[1] >= '0' && format[1] <= '7') level = levels[format[1] - '0'];
    format += format[1] == '\0' ? 1 : 2;
  }

  std::va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string text(length < 0 ? 0 : static_cast<std::size_t>(length) + 1, '\0');
  std::vsnprintf(text.data(), text.size(), format, again);
  va_end(again);
  va_end(arguments);
  if (!text.empty()) text.pop_back();

  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string line = example::escaped(rest.substr(0, end), "\t") + '\n';
    if (!quiet) example::print("    ┃ {:>7}: ", level);
    example::print(example::own{line});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::fflush(stdout);
  return length;
}

inline long long ktime_get() noexcept {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

// Of the C and C++ runtimes, without a header that declares them.
void __stack_chk_fail();
int __gxx_personality_v0(...);
void _Unwind_Resume(void*);
void* __cxa_begin_catch(void*) noexcept;
// Not every compiler declares these two.
void sized_delete(void*, std::size_t) noexcept __asm__("_ZdlPvm");
void sized_array_delete(void*, std::size_t) noexcept __asm__("_ZdaPvm");
// What the type information of classes begins with: without a base class, with one, with more.
extern void* const class_type_info[] __asm__("_ZTVN10__cxxabiv117__class_type_infoE");
extern void* const si_class_type_info[] __asm__("_ZTVN10__cxxabiv120__si_class_type_infoE");
extern void* const vmi_class_type_info[] __asm__("_ZTVN10__cxxabiv121__vmi_class_type_infoE");
}

/// For every module. C++ modules may use all but exceptions: for these, see relo/host/unwind.hpp.
constexpr auto offered = relo::exports(
    relo::exported{"_printk", &_printk},
    // stdio.h
    relo::exported{"printf", &std::printf}, relo::exported{"fprintf", &std::fprintf},
    relo::exported{"snprintf", &std::snprintf}, relo::exported{"puts", &std::puts},
    relo::exported{"putchar", &std::putchar}, relo::exported{"fputs", &std::fputs},
    relo::exported{"fwrite", &std::fwrite}, relo::exported{"fflush", &std::fflush},
    relo::exported{"stdout", &stdout}, relo::exported{"stderr", &stderr},
    // stdlib.h
    relo::exported{"malloc", &std::malloc}, relo::exported{"calloc", &std::calloc},
    relo::exported{"realloc", &std::realloc}, relo::exported{"free", &std::free},
    relo::exported{"abort", &std::abort}, relo::exported{"strtol", &std::strtol},
    // string.h
    relo::exported{"memcpy", &std::memcpy}, relo::exported{"memmove", &std::memmove},
    relo::exported{"memset", &std::memset}, relo::exported{"memcmp", &std::memcmp},
    relo::exported{"strlen", &std::strlen}, relo::exported{"strcmp", &std::strcmp},
    relo::exported{"strncmp", &std::strncmp}, relo::exported{"strcpy", &std::strcpy},
    relo::exported{"strncpy", &std::strncpy}, relo::exported{"strcat", &std::strcat},
    // what compilers call
    relo::exported{"__stack_chk_fail", &__stack_chk_fail},
    relo::exported{"__cxa_atexit", &abi::__cxa_atexit},
    relo::exported{"__cxa_guard_acquire", &abi::__cxa_guard_acquire},
    relo::exported{"__cxa_guard_release", &abi::__cxa_guard_release},
    relo::exported{"__cxa_guard_abort", &abi::__cxa_guard_abort},
    relo::exported{"__cxa_pure_virtual", &abi::__cxa_pure_virtual},
    relo::exported{"__gxx_personality_v0", &__gxx_personality_v0},
    relo::exported{"_Unwind_Resume", &_Unwind_Resume},
    relo::exported{"__cxa_begin_catch", &__cxa_begin_catch},
    relo::exported{"_ZSt9terminatev", &std::terminate},
    relo::exported{"_ZTVN10__cxxabiv117__class_type_infoE", &class_type_info},
    relo::exported{"_ZTVN10__cxxabiv120__si_class_type_infoE", &si_class_type_info},
    relo::exported{"_ZTVN10__cxxabiv121__vmi_class_type_infoE", &vmi_class_type_info},
    // operators new, new[], delete, delete[]
    relo::exported{"_Znwm", static_cast<void* (*)(std::size_t)>(&operator new)},
    relo::exported{"_Znam", static_cast<void* (*)(std::size_t)>(&operator new[])},
    relo::exported{"_ZdlPv", static_cast<void (*)(void*) noexcept>(&operator delete)},
    relo::exported{"_ZdaPv", static_cast<void (*)(void*) noexcept>(&operator delete[])},
    relo::exported{"_ZdlPvm", &sized_delete}, relo::exported{"_ZdaPvm", &sized_array_delete});

/// For modules whose licence is compatible with the GPL.
constexpr auto offered_to_gpl = relo::gpl_exports(relo::exported{"ktime_get", &ktime_get});
