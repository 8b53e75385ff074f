// GOT slots and veneers: a slot a symbol, for the symbols that need one.
#pragma once

#include <relo/base/contract.hpp>
#include <relo/reloc/machine.hpp>

namespace relo {

/// What relocations of one type ask of their symbol: a set of bits.
enum class stub_need : unsigned char { none = 0, got_slot = 1, veneer = 2 };

/// Numbers the slots of a load, before memory is allocated: for every symbol that may need one.
/// What is written later is what turned out to be needed. Storage is one word a symbol: its GOT
/// slot in the lower half, its veneer in the upper, each counted from 1.
///
/// First mark() for each relocation, then number() once.
template <class Addr>
class stubs {
 public:
  static constexpr unsigned half = 4 * sizeof(Addr);
  static constexpr Addr most = (Addr{1} << half) - 1;

  /// `words`: one a symbol, zeroed.
  constexpr void use(std::span<Addr> words) noexcept { words_ = words; }
  constexpr bool ready() const noexcept { return !words_.empty(); }
  constexpr std::size_t words() const noexcept { return words_.size(); }

  /// Without a branch: a compiler's mix of types predicts badly.
  constexpr void mark(std::uint32_t i, stub_need need) noexcept {
    const auto bits = static_cast<Addr>(need);
    words_[i] |= static_cast<Addr>((bits & 1) | (bits >> 1) << half);
  }

  /// Gives each marked symbol its slots; may_be_far(i) says whether a veneer is worth one. False:
  /// there are no numbers left.
  template <class MayBeFar>
  constexpr bool number(MayBeFar may_be_far) noexcept {
    for (std::uint32_t i = 0; i < words_.size(); ++i) {
      const Addr marks = words_[i];
      if (marks == 0) continue;
      const bool got = (marks & most) != 0, veneer = marks >> half != 0 && may_be_far(i);
      if ((got && got_ == most) || (veneer && veneers_ == most)) return false;
      words_[i] = static_cast<Addr>((got ? ++got_ : 0) | (veneer ? ++veneers_ : 0) << half);
    }
    return true;
  }

  constexpr Addr got_slots() const noexcept { return got_; }
  constexpr Addr veneers() const noexcept { return veneers_; }

  /// Number of a symbol's slot, from 0; only for symbols that were given one.
  constexpr Addr got_slot(std::uint32_t i) const noexcept {
    expects(has_got_slot(i), "the symbol has no GOT slot");
    return static_cast<Addr>((words_[i] & most) - 1);
  }
  constexpr Addr veneer(std::uint32_t i) const noexcept {
    expects(has_veneer(i), "the symbol has no veneer");
    return static_cast<Addr>((words_[i] >> half) - 1);
  }
  constexpr bool has_got_slot(std::uint32_t i) const noexcept {
    return i < words_.size() && (words_[i] & most) != 0;
  }
  constexpr bool has_veneer(std::uint32_t i) const noexcept {
    return i < words_.size() && words_[i] >> half != 0;
  }

 private:
  std::span<Addr> words_{};
  Addr got_ = 0, veneers_ = 0;
};

}  // namespace relo
