// What plugins may call: the program's own functions, and those that compilers call unasked.
#pragma once

#include "print.hpp"

#include <relo/native.hpp>
#ifdef __arm__
#include <relo/runtime/arm.hpp>
#else
#include <relo/runtime/riscv.hpp>
#endif
#include <relo/symbol/export_table.hpp>

#include <cstring>

namespace firmware {

/// _printk(): plugins mark messages with a level, which a console this small does not show.
[[gnu::format(printf, 1, 2)]] inline int printk(const char* format, ...) {
  if (format[0] == '\001' && format[1] != '\0') format += 2;
  std::va_list arguments;
  va_start(arguments, format);
  console::vprint(format, arguments);
  va_end(arguments);
  return 0;
}

/// Destructors of static objects, to be run when the module that registered them goes.
struct destructor {
  void* handle;  ///< null: free
  void (*function)(void*);
  void* object;
};
inline destructor destructors[32];
inline std::size_t destructors_used = 0;

/// Itanium C++ ABI, 3.3.6.3. -1: there is no room.
inline int cxa_atexit(void (*function)(void*), void* object, void* handle) {
  if (destructors_used == std::size(destructors)) return -1;
  destructors[destructors_used++] = {handle, function, object};
  return 0;
}
/// Run-time ABI for the Arm Architecture, 5.4.2: the same, with the arguments in another order.
inline int aeabi_atexit(void* object, void (*function)(void*), void* handle) {
  return cxa_atexit(function, object, handle);
}

/// Runs those of one module, last registered first.
inline void destroy(relo::native_addr module) {
  for (std::size_t i = destructors_used; i-- > 0;) {
    const destructor d = destructors[i];
    if (relo::address_of(d.handle) != module) continue;
    --destructors_used;
    for (std::size_t k = i; k < destructors_used; ++k) destructors[k] = destructors[k + 1];
    d.function(d.object);
  }
}

/// Called where no code can go on: a pure virtual function, an exception.
[[noreturn]] inline void give_up() {
  console::print("a plugin cannot go on\n");
  board::exit(1);
}

#ifdef __arm__
// Run-time ABI for the Arm Architecture, 4.3.4: the C library's, whatever its arguments.
extern "C" void __aeabi_memclr(), __aeabi_memclr4(), __aeabi_memclr8(), __aeabi_memcpy(),
    __aeabi_memcpy4(), __aeabi_memcpy8(), __aeabi_memmove(), __aeabi_memset();
#endif

// The compiler's: what plugins with integers and single precision can want.
#ifdef __arm__
namespace runtime = relo::runtime::arm;
#else
namespace runtime = relo::runtime::riscv;
#endif
inline constexpr auto& helpers = relo::runtime_exports<
#if defined(__ARM_ARCH_6M__)
    runtime::switches,
#elif defined(__riscv)
    runtime::save_restore,
#endif
    runtime::division, runtime::integers, runtime::single_precision>;

using compare = int(const void*, const void*, std::size_t);
using copy = void*(void*, const void*, std::size_t);

// clang-format off
inline constexpr auto offered = relo::exports(
#ifdef __arm__
    relo::exported{"__aeabi_atexit", &aeabi_atexit},
    relo::exported{"__aeabi_memclr", &__aeabi_memclr},
    relo::exported{"__aeabi_memclr4", &__aeabi_memclr4},
    relo::exported{"__aeabi_memclr8", &__aeabi_memclr8},
    relo::exported{"__aeabi_memcpy", &__aeabi_memcpy},
    relo::exported{"__aeabi_memcpy4", &__aeabi_memcpy4},
    relo::exported{"__aeabi_memcpy8", &__aeabi_memcpy8},
    relo::exported{"__aeabi_memmove", &__aeabi_memmove},
    relo::exported{"__aeabi_memset", &__aeabi_memset},
    relo::exported{"__aeabi_unwind_cpp_pr0", &give_up},
    relo::exported{"__aeabi_unwind_cpp_pr1", &give_up},
#endif
    relo::exported{"__cxa_atexit", &cxa_atexit},
    relo::exported{"__cxa_pure_virtual", &give_up},
    relo::exported{"__gxx_personality_v0", &give_up},
    relo::exported{"_printk", &printk},
    relo::exported{"memcmp", static_cast<compare*>(&std::memcmp)},
    relo::exported{"memcpy", static_cast<copy*>(&std::memcpy)},
    relo::exported{"memmove", static_cast<copy*>(&std::memmove)},
    relo::exported{"memset", static_cast<void* (*)(void*, int, std::size_t)>(&std::memset)},
    relo::exported{"strcmp", static_cast<int (*)(const char*, const char*)>(&std::strcmp)},
    relo::exported{"strlen", static_cast<std::size_t (*)(const char*)>(&std::strlen)});
// clang-format on

}  // namespace firmware
