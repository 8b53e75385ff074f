// An index from the heap: what a loader on a host finds its modules by, if it may have many.
#pragma once

#include <relo/host/enough_memory.hpp>
#include <relo/module/module_index.hpp>

#include <cerrno>
#include <memory>
#include <unistd.h>

namespace relo::host {

/// As many nodes as are wanted, in pieces of which each is as large as all before it, so that none
/// ever moves; and a key that the system has drawn.
struct heap_index {
  using role = role::index;
  static constexpr bool any = true;

  class nodes {
   public:
    nodes() noexcept {
      // Without any entropy, what is left is where the system has put this.
      if (::getentropy(key_.data(), sizeof key_) != 0)
        key_ = {reinterpret_cast<std::uintptr_t>(this), reinterpret_cast<std::uintptr_t>(&errno)};
    }

    bool has(std::uint32_t i) noexcept {
      const place p{i};
      if (p.piece >= pieces_.size()) return false;
      for (; have_ <= p.piece; ++have_)
        if (!enough_memory([&] {
              pieces_[have_] = std::make_unique<index_node[]>(std::size_t{least} << have_);
            }))
          return false;
      return true;
    }
    index_node& operator[](std::uint32_t i) noexcept {
      const place p{i};
      return pieces_[p.piece][p.at];
    }
    const index_node& operator[](std::uint32_t i) const noexcept {
      const place p{i};
      return pieces_[p.piece][p.at];
    }
    std::array<std::uint64_t, 2> key() const noexcept { return key_; }

   private:
    static constexpr std::uint32_t least = 256;
    /// Piece n begins with node least * (2^n - 1).
    struct place {
      explicit place(std::uint32_t i) noexcept
          : piece(static_cast<std::size_t>(std::bit_width(i / least + 1)) - 1),
            at(i - least * ((std::size_t{1} << piece) - 1)) {}
      std::size_t piece, at;
    };

    std::array<std::unique_ptr<index_node[]>, 22> pieces_{};  // 2^30 nodes: less than a mark's bit
    std::size_t have_ = 0;
    std::array<std::uint64_t, 2> key_{};
  };
};

}  // namespace relo::host
