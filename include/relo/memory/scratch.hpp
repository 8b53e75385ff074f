// Memory that a load needs only while it runs: two words a section and symbol, about.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/base/role.hpp>

#include <array>

namespace relo {

/// Words that a load needs only while it runs. What is taken last is returned first, as the init
/// function of a module may load another one.
///  - take(n) gives n words, which are 0. If there are fewer, it gives those.
///  - mark() gives a value, and release(mark) makes free again all that was taken since.
/// It may have this, and then errors and measure() say how much there was:
///  - available() is the number of words that take() would give now.
/// A load takes one word a section and one a symbol, another a symbol when the machine has a GOT
/// or veneers and the object needs one, and for a while two an array of constructors.
template <class S, class Addr>
concept scratch_memory = requires(S s, std::size_t n) {
  { s.take(n) } -> std::convertible_to<std::span<Addr>>;
  s.release(s.mark());
};

/// Scratch memory that is taken while this lives is free again when it ends, in whatever way.
template <class Scratch>
class scratch_use {
 public:
  explicit constexpr scratch_use(Scratch& scratch) noexcept
      : scratch_(scratch), mark_(scratch.mark()) {}
  scratch_use(const scratch_use&) = delete;
  scratch_use& operator=(const scratch_use&) = delete;
  constexpr ~scratch_use() { scratch_.release(mark_); }

 private:
  Scratch& scratch_;
  decltype(scratch_.mark()) mark_;
};

/// Words words within the loader itself.
template <class Addr, std::size_t Words>
class scratch {
 public:
  using role = role::scratch;

  constexpr std::span<Addr> take(std::size_t n) noexcept {
    if (n > Words - used_) n = Words - used_;
    const std::span<Addr> out{words_.data() + used_, n};
    used_ += n;
    for (Addr& w : out) w = 0;
    return out;
  }
  constexpr std::size_t mark() const noexcept { return used_; }
  constexpr void release(std::size_t mark) noexcept { used_ = mark; }
  constexpr std::size_t available() const noexcept { return Words - used_; }

 private:
  std::array<Addr, Words> words_{};
  std::size_t used_ = 0;
};

/// The same for loaders that take what there is, once, and are done with it before they run a
/// module's code, as those with values_when_asked are. It is for the least flash: such a loader
/// spends none on what would only be quicker, see veneers_when_asked.
template <class Addr, std::size_t Words>
class scratch_of_one {
 public:
  using role = role::scratch;

  constexpr std::span<Addr, Words> take(std::size_t) noexcept {
    for (Addr& w : words_) w = 0;
    return words_;
  }
  constexpr int mark() const noexcept { return 0; }
  constexpr void release(int) noexcept {}
  constexpr std::size_t available() const noexcept { return Words; }

 private:
  std::array<Addr, Words> words_{};
};

}  // namespace relo
