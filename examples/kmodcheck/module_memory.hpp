// Memory for modules at a kernel's addresses, which nothing runs from.
#pragma once

#include "simulated_kernel.hpp"

#include <relo/memory/memory.hpp>

#include <cstring>
#include <map>
#include <sys/mman.h>

namespace kmodcheck {

/// A memory policy: addresses as x86-64 hands them out, or those of a record. What is returned last
/// is used first. The bytes are of the one module that is being loaded: of those that stay only the
/// addresses are taken.
class module_memory {
 public:
  using role = relo::role::memory;
  using addr = std::uint64_t;
  using block = relo::block<addr>;
  static constexpr addr granularity = 4096;  // PAGE_SIZE

  module_memory() noexcept {
    void* const p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED) bytes_ = static_cast<unsigned char*>(p);
  }
  module_memory(const module_memory&) = delete;
  module_memory& operator=(const module_memory&) = delete;
  ~module_memory() {
    if (bytes_ != nullptr) ::munmap(bytes_, size);
  }

  /// Whether what is released from now on is a module's that stays, so that no other gets its
  /// addresses.
  void keep_addresses(bool keep) noexcept { keep_ = keep; }

  /// Where the next module goes; null: wherever there is room.
  void place(const placement* p) noexcept { place_ = p; }

  block allocate(relo::mem_type type, addr n, addr align) {
    block b = take(n, align);
    if (place_ != nullptr && b)
      for (const auto& r : place_->regions)
        if (r.base != 0 && (r.name == relo::name_of(type) || r.name == region_of(type)))
          b.address = r.base;
    return b;
  }
  block allocate_percpu(addr n, addr align, unsigned cpus) {
    const addr each = relo::align_up(n, align);
    if (each < n || each > size / cpus) return {};
    block b = take(each * cpus, align);
    b.address =
        place_ != nullptr && place_->percpu != 0 ? place_->percpu : b.address - base + percpu_base;
    return b;
  }
  void release(const block& b) noexcept {
    const auto at = taken_.find(static_cast<addr>(b.bytes.data() - bytes_));
    if (at == taken_.end()) return;
    used_.give_back(at->first);
    if (!keep_) addresses_.give_back(at->second);
    taken_.erase(at);
  }
  void release_percpu(const block& b) noexcept { release(b); }
  bool protect(const block&, relo::permission) noexcept { return true; }

 private:
  static constexpr addr base = 0xffff'ffff'c000'0000;  // MODULES_VADDR
  static constexpr addr size = 0x3f00'0000;            // MODULES_LEN
  static constexpr addr percpu_base = 0x3'0000;

  static constexpr const char* region_of(relo::mem_type t) noexcept {
    return relo::is_init(t) ? "init" : "core";
  }

  /// Ranges below `size`.
  class ranges {
   public:
    /// Behind all others, else first fit; `size`: there is no room.
    addr take(addr n) {
      addr at = used_.empty() ? 0 : used_.rbegin()->second;
      if (size - at < n) {
        at = 0;
        for (const auto& [begin, end] : used_) {
          if (begin - at >= n) break;
          at = end;
        }
        if (size - at < n) return size;
      }
      used_.emplace_hint(used_.end(), at, at + n);
      return at;
    }
    void give_back(addr at) noexcept { used_.erase(at); }

   private:
    std::map<addr, addr> used_;
  };

  /// An address is a multiple of the page size even where more is asked for, as the kernel's is.
  block take(addr n, addr) {
    if (bytes_ == nullptr || n > size) return {};
    const addr whole = relo::align_up(n, granularity);
    const addr address = addresses_.take(whole);
    if (address == size) return {};
    const addr at = used_.take(whole);
    if (at == size) {
      addresses_.give_back(address);
      return {};
    }
    taken_.emplace(at, address);
    clear(bytes_ + at, static_cast<std::size_t>(whole));
    return {{bytes_ + at, static_cast<std::size_t>(n)}, base + address};
  }

  /// Many pages that nobody touches take no memory.
  static void clear(unsigned char* at, std::size_t n) noexcept {
    constexpr std::size_t many = std::size_t{1} << 20;
    if (n < many || ::madvise(at, n, MADV_DONTNEED) != 0) std::memset(at, 0, n);
  }

  unsigned char* bytes_ = nullptr;
  const placement* place_ = nullptr;
  ranges used_, addresses_;
  std::map<addr, addr> taken_;  ///< of bytes in use, which address they have
  bool keep_ = false;
};

}  // namespace kmodcheck
