// Loading into the running program itself: the only core header that turns pointers into
// target addresses and addresses into calls.
#pragma once

#include <relo/elf/source.hpp>
#include <relo/memory/arena.hpp>

namespace relo {

namespace role {
struct execution;
}

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

/// An object that stays where it is and addressable as long as its module lives, as one in flash
/// does. Sections that are not written, that no relocation changes, and that happen to be aligned
/// well enough are used where they are: loaders of relo::micro copy the others only.
template <byte_like Byte, std::size_t Align = 1>
class in_place : public elf::contiguous<Byte, Align> {
 public:
  using elf::contiguous<Byte, Align>::contiguous;
  native_addr address_at(std::size_t offset) const noexcept {
    return address_of(this->data() + offset);
  }
};
template <class Byte, std::size_t Extent>
in_place(std::span<Byte, Extent>) -> in_place<std::remove_const_t<Byte>>;

/// Whether what the module's code throws can be passed on, and all be undone.
#ifdef __cpp_exceptions
constexpr bool exceptions = true;
#else
constexpr bool exceptions = false;
#endif

/// How a loaded module is run.
///  - flush(bytes): makes written code visible to instruction fetch.
///  - call_init(address) -> int, call(address): calls into the module; noexcept where the program
///    is built without exceptions, for what leaves them there leaves the module half loaded.
///  - finalize(handle): destroys what registered itself under that __dso_handle.
template <class E, class Addr>
concept execution = requires(E e, Addr a, std::span<unsigned char> bytes) {
  e.flush(bytes);
  { e.call_init(a) } -> std::same_as<int>;
  e.call(a);
  e.finalize(a);
};

/// Runs modules in this program.
struct run_native {
  using role = role::execution;
  static constexpr bool native = true;

  void flush(std::span<unsigned char> bytes) const noexcept {
    if (!bytes.empty())
      __builtin___clear_cache(reinterpret_cast<char*>(bytes.data()),
                              reinterpret_cast<char*>(bytes.data() + bytes.size()));
  }
  int call_init(native_addr f) const noexcept(!exceptions) { return pointer_to<int (*)()>(f)(); }
  void call(native_addr f) const noexcept(!exceptions) { pointer_to<void (*)()>(f)(); }
  void finalize(native_addr) const noexcept {}
};

/// Lays modules out and never runs them: for other machines, and for constant expressions.
struct dont_run {
  using role = role::execution;
  static constexpr bool native = false;

  constexpr void flush(std::span<unsigned char>) const noexcept {}
  constexpr int call_init(std::uint64_t) const noexcept { return 0; }
  constexpr void call(std::uint64_t) const noexcept {}
  constexpr void finalize(std::uint64_t) const noexcept {}
};

namespace detail {

/// All zeros until it is used, and therefore in .bss.
template <std::size_t Size, std::size_t Align>
class own_bytes {
 public:
  using addr = native_addr;
  static constexpr std::size_t size = Size;
  own_bytes() = default;
  own_bytes(const own_bytes&) = delete;
  own_bytes& operator=(const own_bytes&) = delete;
  std::span<unsigned char> bytes() noexcept { return bytes_; }
  addr address() const noexcept { return address_of(bytes_); }

 private:
  alignas(Align) unsigned char bytes_[Size]{};
};

}  // namespace detail

/// Module memory of Size bytes within the program's own, for machines without an MMU. Static
/// storage duration is what it is made for; it cannot be moved.
template <std::size_t Size, std::size_t Align = 16, std::size_t MaxBlocks = 32>
struct static_arena : arena<detail::own_bytes<Size, Align>, MaxBlocks> {};

}  // namespace relo
