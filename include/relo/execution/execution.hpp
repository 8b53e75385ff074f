// How a loaded module is run: in this program, or not at all.
#pragma once

#include <relo/base/native.hpp>
#include <relo/base/role.hpp>

namespace relo {

/// How a loaded module is run.
///  - flush(bytes) makes written code visible to instruction fetch.
///  - call_init(address) calls an init function, and returns what that does; call(address) calls
///    any other function. They are noexcept where the program is built without exceptions, as what
///    leaves them there leaves the module half loaded.
///  - finalize(handle) destroys what registered itself under that __dso_handle.
///  - native says whether modules run in this program, so that find() may give pointers to what
///    they export.
/// It may have,
///  - unloads_at_end, true if a loader that ends unloads its modules.
template <class E, class Addr>
concept execution = requires(E e, Addr a, std::span<unsigned char> bytes) {
  e.flush(bytes);
  { e.call_init(a) } -> std::same_as<int>;
  e.call(a);
  e.finalize(a);
  { E::native } -> std::convertible_to<bool>;
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

}  // namespace relo
