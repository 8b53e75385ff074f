// Threads that share a loader take turns.
#pragma once

#include <relo/base/role.hpp>

#include <concepts>

namespace relo {

/// A mutex of the system: lock() waits until no other thread has it, unlock() gives it back.
///
/// A loader has it while it loads, unloads, looks up and counts references, and for all of that
/// time: stages share its scratch memory, which is a stack. Init functions, constructors and
/// destructors run meanwhile and may use the loader themselves, so the mutex is recursive, as those
/// of most systems are or can be (std::recursive_mutex, k_mutex, TX_MUTEX, osMutexRecursive,
/// xSemaphoreCreateRecursiveMutex()). None of them waits for another thread that uses the loader.
/// It inherits priorities, if threads have any; interrupt handlers do not use loaders.
template <class L>
concept lockable = requires(L l) {
  l.lock();
  l.unlock();
};

/// One thread: costs nothing.
struct no_lock {
  using role = role::lock;
  constexpr void lock() const noexcept {}
  constexpr void unlock() const noexcept {}
};

/// A lock, for as long as this lives.
template <lockable L>
class [[nodiscard]] locked {
 public:
  explicit constexpr locked(L& l) : lock_(l) { lock_.lock(); }
  constexpr ~locked() { lock_.unlock(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

 private:
  L& lock_;
};

}  // namespace relo
