// The upper parts of a relocation section, for lower parts that stand far from theirs.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/elf/crel.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/reloc/howto_table.hpp>

namespace relo {

/// An index by offset, in scratch memory, which is made when it is first asked for and is given
/// back when this ends: two times through the records and n log n steps, once a section; then log n
/// for each lower part, wherever its upper part is. Without it each could cost a look at every
/// record.
///
/// A load that has scratch memory for it says so by
///  - take_words(n) -> std::span<addr>: n words, or none if there are fewer.
template <class Load>
class upper_parts {
  using machine = typename Load::machine;
  using addr = typename Load::addr;

 public:
  using record = elf::crel<typename machine::format>;

  explicit constexpr upper_parts(Load& load) noexcept : load_(load), used_(load.loader.scratch()) {}

  /// Makes it of these records, unless it has been. False: there is no memory for it.
  template <class Records>
  constexpr bool make(const Records& records) noexcept {
    if (state_ != state::not_made) return made();
    std::size_t count = 0;
    for_each(records, [&](const auto&) { ++count; });
    words_ = load_.take_words(count * width);
    state_ = words_.size() == count * width ? state::made : state::no_memory;
    if (!made()) return false;

    std::size_t n = 0;
    bool sorted = true;
    for_each(records, [&](const auto& r) {
      if (n == count) return;  // a medium that reads differently now has more of them
      addr* const to = &words_[width * n];
      to[0] = r.r_offset(), to[1] = r.r_sym(), to[2] = r.r_type();
      if constexpr (requires { r.r_addend(); }) to[3] = r.r_addend();
      sorted = sorted && (n == 0 || offset(n - 1) <= offset(n));
      ++n;
    });
    if (!sorted)
      heap_sort(
          n, [&](std::size_t i, std::size_t k) { return offset(i) < offset(k); },
          [&](std::size_t i, std::size_t k) {
            for (std::size_t w = 0; w < width; ++w) {
              const addr moved = words_[width * i + w];
              words_[width * i + w] = words_[width * k + w];
              words_[width * k + w] = moved;
            }
          });
    count_ = n;
    return true;
  }

  constexpr bool made() const noexcept { return state_ == state::made; }

  /// The upper part at an offset, if there is one and the index is made.
  constexpr bool find(addr at, record& out) const noexcept {
    std::size_t first = 0, last = count_;
    while (first < last) {
      const std::size_t middle = first + (last - first) / 2;
      if (offset(middle) < at) first = middle + 1;
      else last = middle;
    }
    if (first == count_ || offset(first) != at) return false;
    const addr* const words = &words_[width * first];
    out = {.offset = at,
           .addend = words[3],
           .symbol = static_cast<std::uint32_t>(words[1]),
           .type = static_cast<std::uint32_t>(words[2]),
           .has_addend = true};
    return true;
  }

 private:
  static constexpr std::size_t width = 4;  ///< words of each: offset, symbol, type, addend
  enum class state : unsigned char { not_made, made, no_memory };

  constexpr addr offset(std::size_t i) const noexcept { return words_[width * i]; }

  /// Through a window of its own: the same records are being gone through.
  template <class Records, class F>
  constexpr void for_each(const Records& records, F f) noexcept {
    (void)load_.image.for_each_relocation(
        records,
        [&](std::uint32_t, const auto& r) {
          if (howto_table<machine>::is_upper_part(r.r_type())) f(r);
          return errc::ok;
        },
        elf::table::others);
  }

  Load& load_;
  scratch_use<std::remove_reference_t<decltype(std::declval<Load&>().loader.scratch())>> used_;
  std::span<addr> words_{};
  std::size_t count_ = 0;
  state state_ = state::not_made;
};

}  // namespace relo
