// Module memory of this process: pages reserved at a place of one's choosing, with permissions.
#pragma once

#include <relo/base/native.hpp>
#include <relo/host/enough_memory.hpp>
#include <relo/host/heap_index.hpp>
#include <relo/host/heap_scratch.hpp>
#include <relo/memory/memory.hpp>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace relo::host {

/// Where pages are reserved.
///  - near(pointer): as near to an address as there is room: for code that refers to this
///    program's symbols with 32-bit displacements, which is what compilers emit by default.
///  - low_2gib: for the kernel code model and other absolute 32-bit addresses.
///  - anywhere: for code that only ever goes through its GOT.
struct placement {
  enum class where : unsigned char { near, low_2gib, anywhere } kind = where::near;
  native_addr address = 0;

  static placement near(const void* p) noexcept { return {where::near, address_of(p)}; }
  static constexpr placement low_2gib() noexcept { return {where::low_2gib, 0}; }
  static constexpr placement anywhere() noexcept { return {where::anywhere, 0}; }
};

namespace detail {
inline const char anchor = 0;

/// A mapping of this process, as /proc/self/maps lists them, in address order.
template <class F>
void for_each_mapping(F&& f) {
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  bool at_start = true;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0, end = 0;
    if (at_start && std::sscanf(line, "%lx-%lx", &begin, &end) == 2)
      f(native_addr{begin}, native_addr{end});
    at_start = false;
    for (const char c : line) {
      if (c == '\n') at_start = true;
      if (c == '\n' || c == '\0') break;
    }
  }
  std::fclose(maps);
}
}  // namespace detail

/// A memory policy: one range of addresses reserved when it is made, handed out in pages, each
/// writable when allocated and executable only by protect(). Modules therefore stand near one
/// another, and returned pages go back to the system at once.
///
/// Not copyable; what it is moved from has nothing left. usable() is false when the system had no
/// such range; allocate() then fails.
class pages {
 public:
  using role = role::memory;
  using addr = native_addr;
  using scratch_by_default = heap_scratch<addr>;
  using index_by_default = heap_index;
  static constexpr addr granularity = 4096;  // x86-64's; checked against the system's at start

  /// A reservation takes addresses and no memory. If its size is not said it is 1 GiB, so that all
  /// of it is within reach of all of it and of what it is near to, or else the half, and so on, as
  /// the system has it.
  explicit pages(placement at = placement::near(&detail::anchor)) noexcept {
    for (std::size_t size = std::size_t{1} << 30; size >= granularity; size /= 2)
      if (reserve(at, size)) return;
  }
  pages(placement at, std::size_t size) noexcept { (void)reserve(at, size); }
  pages(pages&& other) noexcept
      : size_(other.size_),
        base_(std::exchange(other.base_, nullptr)),
        used_(std::exchange(other.used_, {})),
        free_(std::exchange(other.free_, {})) {}
  pages& operator=(pages&&) = delete;
  ~pages() {
    if (usable()) ::munmap(base_, size_);
  }

  bool usable() const noexcept { return base_ != nullptr; }
  addr address() const noexcept { return address_of(base_); }
  std::size_t size() const noexcept { return size_; }
  /// Bytes allocated, in pages.
  std::size_t in_use() const noexcept {
    std::size_t n = 0;
    for (const auto& [offset, size] : used_) n += size;
    return n;
  }

  block<addr> allocate(mem_type, addr size, addr align) noexcept {
    if (!usable() || size > size_) return {};
    const std::size_t wanted = align_up(static_cast<std::size_t>(size), std::size_t{granularity});
    const addr step = align > granularity ? align : granularity;
    const auto aligned = [&](std::size_t offset) {
      return static_cast<std::size_t>(align_up(address() + offset, step) - address());
    };
    // First fit.
    auto hole = free_.begin();
    std::size_t at = 0;
    const auto fits = [&] {
      at = aligned(hole->offset);
      const std::size_t end = hole->offset + hole->size;
      return at <= end && wanted <= end - at;
    };
    while (hole != free_.end() && !fits()) ++hole;
    // Noted first: pages must not be left writable for want of memory to note them in.
    if (hole == free_.end() || !note(hole, at, wanted)) return {};
    unsigned char* const p = base_ + at;
    if (::mprotect(p, wanted, PROT_READ | PROT_WRITE) != 0) {
      forget(used_.find(at));
      return {};
    }
#ifdef MADV_POPULATE_WRITE
    // One call for all pages instead of a fault for each; but not for a large .bss.
    if (wanted <= (std::size_t{4} << 20)) ::madvise(p, wanted, MADV_POPULATE_WRITE);
#endif
    return {{p, static_cast<std::size_t>(size)}, address_of(p)};
  }

  /// See memory. 0 where usable() is false.
  addr available(mem_type, addr align) const noexcept {
    addr most = 0;
    const addr step = align > granularity ? align : granularity;
    for (const auto& [offset, size] : free_) {
      const addr start = align_up(address() + offset, step), end = address() + offset + size;
      if (usable() && start < end && end - start > most) most = end - start;
    }
    return most;
  }

  void release(const block<addr>& b) noexcept {
    const auto at = used_.find(static_cast<std::size_t>(b.address - address()));
    if (at == used_.end()) return;
    // A new mapping drops contents and permissions in one step.
    ::mmap(base_ + at->offset, at->size, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    forget(at);
  }

  bool protect(const block<addr>& b, permission p) noexcept {
    const int flags = p == permission::rx   ? PROT_READ | PROT_EXEC
                      : p == permission::rw ? PROT_READ | PROT_WRITE
                      : p == permission::r  ? PROT_READ
                                            : PROT_NONE;
    return ::mprotect(b.bytes.data(), b.bytes.size(), flags) == 0;
  }

 private:
  struct extent {
    std::size_t offset;
    mutable std::size_t size;  ///< extents are in the order of their offsets
  };
  /// A set and no map: to see that a map's node is no pair, clang 17 looks into libstdc++ 14's
  /// pair, and stops there.
  struct by_offset {
    using is_transparent = void;
    static std::size_t offset_of(const extent& e) noexcept { return e.offset; }
    static std::size_t offset_of(std::size_t offset) noexcept { return offset; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      return offset_of(a) < offset_of(b);
    }
  };
  using extents = std::set<extent, by_offset>;

  bool reserve(placement at, std::size_t size) noexcept {
    size_ = size;
    free_.clear();
    if (static_cast<addr>(::sysconf(_SC_PAGESIZE)) == granularity &&
        enough_memory([&] { free_.insert(extent{0, size}); }))
      base_ = reserve_at(at, size);
    return usable();
  }

  /// Takes an extent out of a hole. False, and nothing changed: there is no memory to note it in.
  bool note(extents::iterator hole, std::size_t at, std::size_t size) noexcept {
    const std::size_t before = at - hole->offset, behind = hole->offset + hole->size - (at + size);
    if (!enough_memory([&] { used_.insert(extent{at, size}); })) return false;
    if (before == 0) {
      auto node = free_.extract(hole);
      node.value() = {at + size, behind};
      if (behind != 0) free_.insert(std::move(node));
      return true;
    }
    if (behind != 0 && !enough_memory([&] { free_.insert(extent{at + size, behind}); })) {
      used_.erase(used_.find(at));
      return false;
    }
    hole->size = before;
    return true;
  }
  /// Makes it a hole again, one with those beside it; which takes no memory.
  void forget(extents::iterator used) noexcept {
    auto node = used_.extract(used);
    const extent& whole = node.value();
    auto next = free_.lower_bound(whole.offset);
    if (next != free_.end() && next->offset == whole.offset + whole.size) {
      whole.size += next->size;
      next = free_.erase(next);
    }
    if (next != free_.begin())
      if (const auto before = std::prev(next); before->offset + before->size == whole.offset) {
        before->size += whole.size;
        return;
      }
    free_.insert(next, std::move(node));
  }

  static unsigned char* reserve_at(placement at, std::size_t size) noexcept {
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (at.kind == placement::where::anywhere)
      return mapped(::mmap(nullptr, size, PROT_NONE, flags, -1, 0));

    // The gaps between mappings; the nearest to the wish first, as it may be taken meanwhile.
    constexpr addr lowest = 0x10000, low_end = 0x8000'0000, highest = 0x7fff'ffff'f000;
    std::multimap<addr, addr> candidates;  // distance -> address
    addr free_from = lowest;
    const auto gap = [&](addr begin, addr end) {
      begin = align_up(begin, addr{granularity});
      if (begin >= end || end - begin < size) return;
      if (at.kind == placement::where::low_2gib) {
        if (begin + size <= low_end) candidates.emplace(begin, begin);
        return;
      }
      constexpr addr page = ~(granularity - 1);
      const addr nearest = std::clamp(at.address & page, begin, (end - size) & page);
      candidates.emplace(nearest > at.address ? nearest - at.address : at.address - nearest,
                         nearest);
    };
    const bool all_gaps = enough_memory([&] {
      detail::for_each_mapping([&](addr begin, addr end) {
        gap(free_from, begin);
        if (end > free_from) free_from = end;
      });
      gap(free_from, highest);
    });
    if (!all_gaps) return nullptr;
    for (const auto& [distance, address] : candidates) {
      auto* const p = mapped(
          ::mmap(pointer_to<void*>(address), size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0));
      if (p == pointer_to<unsigned char*>(address)) return p;
      if (p != nullptr) ::munmap(p, size);
    }
    return nullptr;
  }
  static unsigned char* mapped(void* p) noexcept {
    return p == MAP_FAILED ? nullptr : static_cast<unsigned char*>(p);
  }

  std::size_t size_ = 0;
  unsigned char* base_ = nullptr;
  extents used_, free_;  // no two free ones side by side
};

}  // namespace relo::host
