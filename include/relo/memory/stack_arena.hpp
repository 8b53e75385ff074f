// Module memory as a stack: the least code there is.
#pragma once

#include <relo/native.hpp>

namespace relo {

/// Module memory taken from one end of a piece of storage. Memory that is released in the reverse
/// order of its allocation is free again at once; other memory when all above it is. For modules
/// that come and go in any order there are page_arena and arena.
template <class Storage>
class stack_arena {
 public:
  using role = role::memory;
  using addr = typename Storage::addr;
  static constexpr addr granularity = 1;

  constexpr block<addr> allocate(mem_type, addr size, addr align) noexcept {
    const std::span all = storage_.bytes();
    const addr start =
        align_up(static_cast<addr>(storage_.address() + used_), align) - storage_.address();
    if (start > all.size() || size > all.size() - start) return {};
    used_ = start + size;
    zero_bytes(all.data() + start, size);
    return {all.subspan(start, size), storage_.address() + start};
  }
  constexpr void release(const block<addr>& b) noexcept { used_ = b.address - storage_.address(); }
  constexpr bool protect(const block<addr>&, permission) noexcept { return true; }
  constexpr bool owns(addr a) noexcept { return detail::has(storage_, a); }

 private:
  Storage storage_;
  addr used_ = 0;
};

template <std::size_t Size, std::size_t Align = 16>
struct static_stack : stack_arena<detail::own_bytes<Size, Align>> {};

}  // namespace relo
