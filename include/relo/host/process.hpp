// What a process adds to running a module, and to loading a large one.
#pragma once

#include <relo/memory/scratch.hpp>
#include <relo/native.hpp>

#include <memory>
#include <new>

extern "C" void __cxa_finalize(void*) noexcept;

namespace relo::host {

/// Runs modules in this process. C++ modules register their destructors with __cxa_atexit;
/// they run when the module goes, not after it has gone.
struct run_in_process : run_native {
  void finalize(native_addr handle) const noexcept {
    if (handle != 0) __cxa_finalize(pointer_to<void*>(handle));
  }
};

/// Scratch memory from the heap: as much as the object at hand needs.
template <class Addr>
class heap_scratch {
 public:
  using role = role::scratch;

  std::span<Addr> take(std::size_t n) noexcept {
    // A load takes three times at most; each piece lives until reset().
    if (count_ == std::size(pieces_)) return {};
    auto* const p = new (std::nothrow) Addr[n]();
    if (p == nullptr) return {};
    pieces_[count_++].reset(p);
    return {p, n};
  }
  void reset() noexcept {
    while (count_ != 0) pieces_[--count_].reset();
  }

 private:
  std::unique_ptr<Addr[]> pieces_[4];
  std::size_t count_ = 0;
};

}  // namespace relo::host
