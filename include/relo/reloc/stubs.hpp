// GOT slots and veneers: a slot a symbol, for the symbols that need one.
#pragma once

#include <relo/reloc/machine.hpp>

namespace relo {

/// Numbers the slots of a load. Storage is one word a symbol: its GOT slot in the lower half,
/// its veneer in the upper, each counted from 1. Numbers are given before memory is allocated,
/// for every symbol that may need a slot; what is written is what turns out to be needed.
template <class Addr>
class stubs {
 public:
  static constexpr unsigned half = 4 * sizeof(Addr);
  static constexpr Addr most = (Addr{1} << half) - 1;

  /// `words`: one a symbol, zeroed.
  constexpr void use(std::span<Addr> words) noexcept { words_ = words; }
  constexpr bool ready() const noexcept { return !words_.empty(); }

  /// Gives symbol i a slot if it has none; false: there are no numbers left.
  constexpr bool need_got(std::uint32_t i) noexcept { return need(i, 0, got_); }
  constexpr bool need_veneer(std::uint32_t i) noexcept { return need(i, half, veneers_); }

  constexpr Addr got_slots() const noexcept { return got_; }
  constexpr Addr veneers() const noexcept { return veneers_; }

  /// Number of a symbol's slot, from 0; only for symbols that were given one.
  constexpr Addr got_slot(std::uint32_t i) const noexcept { return static_cast<Addr>((words_[i] & most) - 1); }
  constexpr Addr veneer(std::uint32_t i) const noexcept { return static_cast<Addr>((words_[i] >> half) - 1); }
  constexpr bool has_got_slot(std::uint32_t i) const noexcept { return i < words_.size() && (words_[i] & most) != 0; }
  constexpr bool has_veneer(std::uint32_t i) const noexcept { return i < words_.size() && words_[i] >> half != 0; }

 private:
  constexpr bool need(std::uint32_t i, unsigned shift, Addr& count) noexcept {
    if ((words_[i] >> shift & most) != 0) return true;
    if (count == most) return false;
    words_[i] = static_cast<Addr>(words_[i] | ++count << shift);
    return true;
  }

  std::span<Addr> words_{};
  Addr got_ = 0, veneers_ = 0;
};

}  // namespace relo
