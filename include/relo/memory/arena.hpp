// Module memory in one buffer of the caller's.
#pragma once

#include <relo/memory/memory.hpp>

#include <array>

namespace relo {

namespace detail {
// A base class, so that the bytes exist before the buffer that refers to them.
template <std::size_t Size, std::size_t Align>
struct arena_bytes {
  alignas(Align) unsigned char bytes[Size]{};
};
}  // namespace detail

/// Module memory in a buffer of the caller's, for running at any target address: cross-loading,
/// constant evaluation, and (with the buffer's own address) loading in place. First fit over a
/// sorted list of at most MaxBlocks allocated blocks, so free neighbours need no merging.
template <class Addr, std::size_t MaxBlocks = 32>
class buffer {
 public:
  using role = role::memory;
  using addr = Addr;
  static constexpr Addr granularity = 1;

  /// `bytes` outlives the arena; its first byte is to run at `address`.
  constexpr buffer(std::span<unsigned char> bytes, Addr address) noexcept
      : bytes_(bytes), address_(address) {}

  constexpr block<Addr> allocate(mem_type, Addr size, Addr align) noexcept {
    if (count_ == MaxBlocks) return {};
    std::size_t at = 0;
    Addr start = align_up(address_, align);
    for (; at < count_ && !fits(start, size, used_[at].begin); ++at)
      start = align_up(used_[at].end, align);
    if (at == count_ && !fits(start, size, address_ + static_cast<Addr>(bytes_.size()))) return {};
    for (std::size_t i = count_++; i > at; --i) used_[i] = used_[i - 1];
    used_[at] = {start, static_cast<Addr>(start + size)};
    const auto out =
        bytes_.subspan(static_cast<std::size_t>(start - address_), static_cast<std::size_t>(size));
    zero_bytes(out.data(), out.size());
    return {out, start};
  }

  constexpr void release(const block<Addr>& b) noexcept {
    std::size_t at = 0;
    while (at < count_ && used_[at].begin != b.address) ++at;
    if (at == count_) return;
    for (--count_; at < count_; ++at) used_[at] = used_[at + 1];
  }

  constexpr bool protect(const block<Addr>&, permission) noexcept { return true; }

  /// Bytes that are allocated.
  constexpr Addr in_use() const noexcept {
    Addr n = 0;
    for (std::size_t i = 0; i < count_; ++i)
      n = static_cast<Addr>(n + (used_[i].end - used_[i].begin));
    return n;
  }

 private:
  struct extent {
    Addr begin = 0, end = 0;
  };
  constexpr bool fits(Addr start, Addr size, Addr limit) const noexcept {
    // Distances: the limit of memory that ends where the address space does is 0.
    return start >= address_ && start - address_ <= limit - address_ && size <= limit - start;
  }

  std::span<unsigned char> bytes_;
  Addr address_;
  std::array<extent, MaxBlocks> used_{};
  std::size_t count_ = 0;
};

}  // namespace relo
