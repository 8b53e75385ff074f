// Module memory in one piece of storage.
#pragma once

#include <relo/memory/memory.hpp>
#include <relo/memory/own_bytes.hpp>

#include <array>

namespace relo {

/// Module memory in one piece of storage: first fit over a sorted list of at most MaxBlocks
/// allocated blocks, so free neighbours need no merging.
///
/// Storage has the target's address type addr, the bytes() and the address() of the first.
template <class Storage, std::size_t MaxBlocks>
class arena {
 public:
  using role = role::memory;
  using addr = typename Storage::addr;
  static constexpr addr granularity = 1;

  arena() = default;
  explicit constexpr arena(const Storage& storage) noexcept : storage_(storage) {}

  constexpr block<addr> allocate(mem_type, addr size, addr align) noexcept {
    if (count_ == MaxBlocks) return {};
    std::size_t at = 0;
    const std::span<unsigned char> all = storage_.bytes();
    addr start = align_up(storage_.address(), align);
    for (; at < count_ && !fits(start, size, used_[at].begin); ++at)
      start = align_up(used_[at].end, align);
    if (at == count_ && !fits(start, size, storage_.address() + static_cast<addr>(all.size())))
      return {};
    for (std::size_t i = count_++; i > at; --i) used_[i] = used_[i - 1];
    used_[at] = {start, static_cast<addr>(start + size)};
    const auto out = all.subspan(static_cast<std::size_t>(start - storage_.address()),
                                 static_cast<std::size_t>(size));
    zero_bytes(out.data(), out.size());
    return {out, start};
  }

  constexpr void release(const block<addr>& b) noexcept {
    std::size_t at = 0;
    while (at < count_ && used_[at].begin != b.address) ++at;
    if (at == count_) return;
    for (--count_; at < count_; ++at) used_[at] = used_[at + 1];
  }

  constexpr bool protect(const block<addr>&, permission) noexcept { return true; }
  constexpr bool owns(addr a) noexcept { return detail::has(storage_, a); }

  /// See memory.
  constexpr addr available(mem_type, addr align) noexcept {
    if (count_ == MaxBlocks) return 0;
    addr most = 0, start = align_up(storage_.address(), align);
    for (std::size_t i = 0; i <= count_; ++i) {
      const addr end = i < count_ ? used_[i].begin
                                  : static_cast<addr>(storage_.address() + storage_.bytes().size());
      if (fits(start, most, end)) most = static_cast<addr>(end - start);
      if (i < count_) start = align_up(used_[i].end, align);
    }
    return most;
  }

  /// Bytes that are allocated.
  constexpr addr in_use() const noexcept {
    addr n = 0;
    for (std::size_t i = 0; i < count_; ++i)
      n = static_cast<addr>(n + (used_[i].end - used_[i].begin));
    return n;
  }

 private:
  struct extent {
    addr begin = 0, end = 0;
  };
  constexpr bool fits(addr start, addr size, addr limit) const noexcept {
    // Distances: the limit of memory that ends where the address space does is 0.
    return start >= storage_.address() &&
           start - storage_.address() <= limit - storage_.address() && size <= limit - start;
  }

  Storage storage_;
  std::array<extent, MaxBlocks> used_{};
  std::size_t count_ = 0;
};

namespace detail {

template <class Addr>
class borrowed_bytes {
 public:
  using addr = Addr;
  constexpr borrowed_bytes(std::span<unsigned char> bytes, Addr address) noexcept
      : bytes_(bytes), address_(address) {}
  constexpr std::span<unsigned char> bytes() const noexcept { return bytes_; }
  constexpr Addr address() const noexcept { return address_; }

 private:
  std::span<unsigned char> bytes_;
  Addr address_;
};

}  // namespace detail

/// Module memory in a buffer of the caller's, for running at any target address: cross-loading,
/// constant evaluation, and (with the buffer's own address) loading in place.
template <class Addr, std::size_t MaxBlocks = 32>
struct buffer : arena<detail::borrowed_bytes<Addr>, MaxBlocks> {
  /// `bytes` outlives the buffer; its first byte is to run at `address`.
  constexpr buffer(std::span<unsigned char> bytes, Addr address) noexcept
      : arena<detail::borrowed_bytes<Addr>, MaxBlocks>(
            detail::borrowed_bytes<Addr>{bytes, address}) {}
};

/// Module memory of Size bytes within the program's own, for machines without an MMU. Static
/// storage duration is what it is made for; it cannot be moved.
template <std::size_t Size, std::size_t Align = 16, std::size_t MaxBlocks = 32>
struct static_arena : arena<detail::own_bytes<Size, Align>, MaxBlocks> {};

}  // namespace relo
