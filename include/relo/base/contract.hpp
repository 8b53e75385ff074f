// Contracts: what a caller must see to, and what becomes of one who does not.
//
// A contract is not about what is loaded: whatever that is, it ends in an error. A constant
// evaluation that breaks one does not compile, and the compiler shows its words. So does a program
// that runs end with them, where contracts are looked at: in debug builds (without NDEBUG) for
// systems that have somewhere to say it. Elsewhere they cost no byte. RELO_CONTRACTS, 1 or 0, has
// it otherwise, in all of a program.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <type_traits>

#ifndef RELO_CONTRACTS
#if !defined(NDEBUG) && (defined(__unix__) || defined(__APPLE__))
#define RELO_CONTRACTS 1
#else
#define RELO_CONTRACTS 0
#endif
#endif

namespace relo {

/// Told the words of a broken contract, before the program is stopped by a trap; null: they go to
/// standard error, where there is one. Not asked where contracts are not looked at.
using contract_hook = void (*)(const char* words);
inline contract_hook on_broken_contract = nullptr;

namespace detail {

// Not constexpr on purpose: the message of a constant evaluation that breaks a contract.
inline void a_contract_is_broken(const char*) {}

#if RELO_CONTRACTS
#if defined(__unix__) || defined(__APPLE__)
// As unistd.h has it, which is not the core's to include.
extern "C" std::ptrdiff_t write(int file, const void* bytes, std::size_t size);
#endif

[[noreturn, gnu::noinline, gnu::cold]] inline void stop(const char* words) {
  if (on_broken_contract != nullptr) on_broken_contract(words);
#if defined(__unix__) || defined(__APPLE__)
  else
    for (const char* part : {"relo: ", words, "\n"})
      if (write(2, part, __builtin_strlen(part)) < 0) break;
#endif
  __builtin_trap();
}
#endif

}  // namespace detail

/// Says what the caller has seen to.
constexpr void expects([[maybe_unused]] bool condition,
                       [[maybe_unused]] const char* words) noexcept {
  if (std::is_constant_evaluated()) {
    if (!condition) detail::a_contract_is_broken(words);
  } else {
#if RELO_CONTRACTS
    if (!condition) [[unlikely]]
      detail::stop(words);
#endif
  }
}

}  // namespace relo
