// What depends on the running program: its pointers as target addresses, and back, in the only core
// header that turns one into the other; and whether it has exceptions.
#pragma once

#include <relo/base/name.hpp>

namespace relo {

/// Whether what the module's code throws can be passed on, and all be undone.
#ifdef __cpp_exceptions
constexpr bool exceptions = true;
#else
constexpr bool exceptions = false;
#endif

/// The running program's own address type.
using native_addr = std::conditional_t<sizeof(void*) == 8, std::uint64_t, std::uint32_t>;

inline native_addr address_of(const void* p) noexcept {
  return static_cast<native_addr>(reinterpret_cast<std::uintptr_t>(p));
}
/// The function or object at an address, as a pointer.
template <class Pointer>
Pointer pointer_to(native_addr a) noexcept {
  return reinterpret_cast<Pointer>(static_cast<std::uintptr_t>(a));
}

/// A name of the program's as objects have theirs, of bytes: one search in the binary does for
/// both.
inline elf::name<const unsigned char*> name_of_bytes(const char* name) noexcept {
  return elf::name{reinterpret_cast<const unsigned char*>(name)};
}

}  // namespace relo
