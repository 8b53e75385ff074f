// Module memory in pages: a byte a page says whether it is taken.
#pragma once

#include <relo/memory/memory.hpp>
#include <relo/memory/own_bytes.hpp>

namespace relo {

/// Module memory of Pages pages of PageSize bytes each: first fit over a map of one byte a page.
/// Less code than an arena, no bound on the number of blocks; a block ends at a page's end.
///
/// Storage has the target's address type addr, the bytes() and the address() of the first, which
/// is a multiple of PageSize.
template <class Storage, std::size_t PageSize>
class page_arena {
  static_assert((PageSize & (PageSize - 1)) == 0);

 public:
  using role = role::memory;
  using addr = typename Storage::addr;
  static constexpr addr granularity = 1;

  constexpr block<addr> allocate(mem_type, addr size, addr align) noexcept {
    std::size_t first = 0;  // of the free pages in a row that end here
    for (std::size_t i = 0; i < pages; ++i) {
      const std::size_t begin = first * PageSize, end = (i + 1) * PageSize;
      const auto address = static_cast<addr>(storage_.address() + begin);
      if (taken_[i] != 0 || (address & (align - 1)) != 0) {
        first = i + 1;
      } else if (end - begin >= size) {
        for (; first <= i; ++first) taken_[first] = 1;
        const auto out = storage_.bytes().subspan(begin, size);
        zero_bytes(out.data(), out.size());
        return {out, address};
      }
    }
    return {};
  }
  constexpr void release(const block<addr>& b) noexcept {
    std::size_t i = (b.address - storage_.address()) / PageSize;
    for (std::size_t n = 0; n < b.bytes.size(); n += PageSize) taken_[i++] = 0;
  }
  /// See memory. By at most a page, if the one after the block is free.
  constexpr bool grow(block<addr>& b, addr n) noexcept {
    const std::size_t last = b.address - storage_.address() + b.bytes.size() - 1,
                      page = (last + n) / PageSize;
    if (page != last / PageSize) {  // the page after it will do, or not
      if (n > PageSize || page == pages || taken_[page] != 0) return false;
      taken_[page] = 1;
    }
    b.bytes = {b.bytes.data(), b.bytes.size() + n};
    return true;
  }
  constexpr bool protect(const block<addr>&, permission) noexcept { return true; }
  constexpr bool owns(addr a) noexcept { return detail::has(storage_, a); }

  /// See memory.
  constexpr addr available(mem_type, addr align) noexcept {
    std::size_t most = 0;
    for (std::size_t first = 0, i = 0; i < pages; ++i) {
      const auto address = static_cast<addr>(storage_.address() + first * PageSize);
      if (taken_[i] != 0 || (address & (align - 1)) != 0) first = i + 1;
      else if (i + 1 - first > most) most = i + 1 - first;
    }
    return static_cast<addr>(most * PageSize);
  }

  /// Bytes that are allocated.
  constexpr std::size_t in_use() const noexcept {
    std::size_t n = 0;
    for (const unsigned char t : taken_) n += t * PageSize;
    return n;
  }

 private:
  static constexpr std::size_t pages = Storage::size / PageSize;
  Storage storage_;
  std::array<unsigned char, pages> taken_{};
};

/// In the program's own memory, see static_arena.
template <std::size_t Size, std::size_t PageSize = 64>
struct static_pages : page_arena<detail::own_bytes<Size, PageSize>, PageSize> {};

}  // namespace relo
