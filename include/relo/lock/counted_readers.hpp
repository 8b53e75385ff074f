// Readers that are counted, so that what they see is not taken from under them.
#pragma once

#include <relo/base/native.hpp>
#include <relo/lock/readers.hpp>

#include <array>

namespace relo {

/// A readers policy of two counters, used in turn: who waits for one to fall to zero sends those
/// that come meanwhile to the other. A reader costs two atomic additions. There are Stripes pairs
/// of counters in cache lines of their own, among which threads are spread by where their stacks
/// are.
///
/// The writer calls Wait{}() again and again while it waits. The processor has atomic additions to
/// words of 32 bits. (Cortex-M0 has none; there is one such processor, which may disable
/// interrupts.)
template <class Wait, std::size_t Stripes = 8>
class counted_readers {
  static_assert((Stripes & (Stripes - 1)) == 0 && Stripes != 0);

 public:
  using role = role::readers;
  static constexpr bool any = true;
  using ticket = std::uint32_t*;

  constexpr ticket enter() noexcept {
    if (std::is_constant_evaluated()) return nullptr;
    const ticket mine = &stripes_[stripe()].inside[__atomic_load_n(&turn_, __ATOMIC_RELAXED)];
    // Either synchronize() comes to see this, or this comes after it: additions to one counter have
    // an order, and what was done before the first of two is known after the second.
    __atomic_fetch_add(mine, 1U, __ATOMIC_ACQ_REL);
    return mine;
  }
  constexpr void leave(ticket mine) noexcept {
    if (!std::is_constant_evaluated()) __atomic_fetch_sub(mine, 1U, __ATOMIC_RELEASE);
  }

  constexpr void synchronize() noexcept {
    if (std::is_constant_evaluated()) return;
    // Twice: who took the number of a turn may be slow to add itself to its counter.
    for (int i = 0; i < 2; ++i) {
      const std::uint32_t old = __atomic_load_n(&turn_, __ATOMIC_RELAXED);
      __atomic_store_n(&turn_, old ^ 1, __ATOMIC_RELAXED);
      for (stripe_counters& s : stripes_) wait_for(s.inside[old]);
    }
  }

  // Not by std::atomic, whose header brings a system's threads.
  template <class T>
  static constexpr T load(const T& word) noexcept {
    if (std::is_constant_evaluated()) return word;
    T out{};
    __atomic_load(&word, &out, __ATOMIC_ACQUIRE);
    return out;
  }
  template <class T>
  static constexpr void store(T& word, std::type_identity_t<T> value) noexcept {
    if (std::is_constant_evaluated()) word = value;
    else __atomic_store(&word, &value, __ATOMIC_RELEASE);
  }

 private:
  struct alignas(64) stripe_counters {
    std::array<std::uint32_t, 2> inside{};
  };

  static std::size_t stripe() noexcept {
    const char here = 0;
    const auto stack = static_cast<std::uint32_t>(address_of(&here) >> 16);
    return (stack * 0x9e37'79b9U >> 16) % Stripes;
  }
  static void wait_for(std::uint32_t& c) noexcept {
    while (__atomic_load_n(&c, __ATOMIC_RELAXED) != 0 ||
           __atomic_fetch_add(&c, 0U, __ATOMIC_ACQ_REL) != 0)
      Wait{}();
  }

  std::array<stripe_counters, Stripes> stripes_{};
  std::uint32_t turn_ = 0;
};

}  // namespace relo
