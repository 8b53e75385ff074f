// Module memory as a stack: the least code there is.
#pragma once

#include <relo/memory/memory.hpp>
#include <relo/memory/own_bytes.hpp>

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
    const addr address = (storage_.address() + used_ + align - 1) & (0 - align),
               start = address - storage_.address();
    if (start > Storage::size || size > Storage::size - start) return {};
    used_ = start + size;
    unsigned char* const bytes = storage_.bytes().data() + start;
    __builtin_memset(bytes, 0, size);
    return {{bytes, size}, address};
  }
  constexpr void release(const block<addr>& b) noexcept { used_ = b.address - storage_.address(); }
  /// See memory.
  constexpr bool grow(block<addr>& b, addr n) noexcept {
    if (n > Storage::size - used_) return false;
    used_ += n;
    b.bytes = {b.bytes.data(), b.bytes.size() + n};
    return true;
  }
  constexpr bool protect(const block<addr>&, permission) noexcept { return true; }
  constexpr bool owns(addr a) noexcept { return detail::has(storage_, a); }
  /// See memory.
  constexpr addr available(mem_type, addr align) noexcept {
    const addr start =
        ((storage_.address() + used_ + align - 1) & (0 - align)) - storage_.address();
    return start > Storage::size ? 0 : static_cast<addr>(Storage::size - start);
  }

 private:
  Storage storage_;
  addr used_ = 0;
};

template <std::size_t Size, std::size_t Align = 16>
struct static_stack : stack_arena<detail::own_bytes<Size, Align>> {};

}  // namespace relo
