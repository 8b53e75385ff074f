// Sorting without <algorithm>: freestanding, constexpr, in place, n log n in the worst case.
#pragma once

#include <cstddef>

namespace relo {

/// Heap sort of n things known only by index: less(i, k), swap(i, k).
template <class Less, class Swap>
constexpr void heap_sort(std::size_t n, Less less, Swap swap) {
  const auto sift_down = [&](std::size_t root, std::size_t end) {
    for (std::size_t child = 2 * root + 1; child < end; child = 2 * root + 1) {
      if (child + 1 < end && less(child, child + 1)) ++child;
      if (!less(root, child)) return;
      swap(root, child);
      root = child;
    }
  };
  for (std::size_t i = n / 2; i-- > 0;) sift_down(i, n);
  for (std::size_t end = n; end-- > 1;) {
    swap(0, end);
    sift_down(0, end);
  }
}

/// The same for numbers in a table that stand for things: less(a, b) of two of them.
template <class Numbers, class Less>
constexpr void sort_numbers(const Numbers& table, Less less) {
  heap_sort(
      table.size(), [&](std::size_t i, std::size_t k) { return less(table[i], table[k]); },
      [&](std::size_t i, std::size_t k) {
        const auto moved = table[i];
        table[i] = table[k];
        table[k] = moved;
      });
}
/// How many of them come before something that is sought: before(a) of the first so many is true,
/// and of those after them it is false.
template <class Numbers, class Before>
constexpr std::size_t count_before(const Numbers& table, Before before) {
  std::size_t first = 0;
  for (std::size_t last = table.size(); first != last;) {
    const std::size_t middle = first + (last - first) / 2;
    if (before(table[middle])) first = middle + 1;
    else last = middle;
  }
  return first;
}

}  // namespace relo
