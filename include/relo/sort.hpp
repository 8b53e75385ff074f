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

}  // namespace relo
