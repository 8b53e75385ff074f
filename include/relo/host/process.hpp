// What a process adds to running a module, and to loading a large one.
#pragma once

#include <relo/host/enough_memory.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/native.hpp>

#include <cxxabi.h>
#include <memory>
#include <vector>

#ifdef _LIBCPPABI_VERSION
// Itanium C++ ABI, 3.3.5.3. libc++abi defines it, but does not declare it in <cxxabi.h>.
extern "C" void __cxa_finalize(void* handle);
namespace __cxxabiv1 {
using ::__cxa_finalize;
}
#endif

namespace relo::host {

/// Runs modules in this process. C++ modules register their destructors with __cxa_atexit;
/// they run when the module goes, not after it has gone.
struct run_in_process : run_native {
  void finalize(native_addr handle) const noexcept {
    if (handle != 0) abi::__cxa_finalize(pointer_to<void*>(handle));
  }
};

/// Scratch memory from the heap: as much as the object at hand needs.
template <class Addr>
class heap_scratch {
 public:
  using role = role::scratch;

  std::span<Addr> take(std::size_t n) noexcept {
    if (!enough_memory([&] { pieces_.push_back(std::make_unique<Addr[]>(n)); })) return {};
    return {pieces_.back().get(), n};
  }
  std::size_t mark() const noexcept { return pieces_.size(); }
  void release(std::size_t mark) noexcept { pieces_.resize(mark); }

 private:
  std::vector<std::unique_ptr<Addr[]>> pieces_;
};

}  // namespace relo::host
