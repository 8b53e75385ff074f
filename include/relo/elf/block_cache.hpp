// A medium that is read in blocks, as cards, disks and flash behind a controller are.
#pragma once

#include <relo/elf/source.hpp>

namespace relo::elf {

/// What a block_cache keeps: Blocks blocks of Block bytes, and two words for each.
template <std::size_t Block = 512, std::size_t Blocks = 8>
class blocks {
  static_assert(Block != 0 && Blocks != 0, "relo: a cache has a block at least, and that a byte");

 public:
  static constexpr std::size_t block_size = Block;
  struct block {
    std::size_t number = 0;  ///< in the file, from 1 on; 0: it holds none
    std::size_t used = 0;    ///< when
    std::array<unsigned char, Block> bytes{};
  };
  std::array<block, Blocks> kept{};
  std::size_t now = 0;
};

/// Reads another reader in whole blocks, from multiples of their size on; of the file's last one
/// what there is of it. It keeps those that were used last, so that tables that are read in turns
/// do not throw each other out. They are the caller's, who lends them to one load at a time:
///
///     relo::elf::blocks<512, 8> kept;
///     relo::elf::block_cache cached{card, kept};
///     loader.load(relo::elf::streamed{cached, windows});
///
/// A section's contents go to their place, past the cache, where they fill blocks of their own. A
/// block that could not be read is asked for again.
template <reader Reader, class Blocks>
class block_cache {
  static constexpr std::size_t block_size = Blocks::block_size;

 public:
  /// Both outlive it. What the blocks held is forgotten: it may have been another file's.
  constexpr block_cache(Reader& from, Blocks& lent) noexcept : reader_(&from), blocks_(&lent) {
    for (auto& b : lent.kept) b.number = 0;
  }

  constexpr std::size_t size() const { return reader_->size(); }
  /// False, as a reader has it: there are not so many bytes, or they could not be read.
  constexpr bool read(std::size_t offset, std::span<unsigned char> to) const {
    if (offset > size() || to.size() > size() - offset) return false;
    while (!to.empty()) {
      const std::size_t first = offset % block_size;
      std::size_t n = to.size() - to.size() % block_size;
      if (first == 0 && n != 0) {
        if (!reader_->read(offset, to.first(n))) return false;
      } else {
        const unsigned char* const bytes = block(offset / block_size);
        if (bytes == nullptr) return false;
        n = to.size() < block_size - first ? to.size() : block_size - first;
        copy_bytes(to.data(), bytes + first, n);
      }
      offset += n;
      to = to.subspan(n);
    }
    return true;
  }

 private:
  /// The bytes of that block of the file, which is read, if it is not kept, in the place of that
  /// which was not used for the longest time. Null: it could not be read.
  constexpr const unsigned char* block(std::size_t number) const {
    auto* found = &blocks_->kept[0];
    for (auto& b : blocks_->kept) {
      if (b.number == number + 1) {
        found = &b;
        break;
      }
      if (b.used < found->used) found = &b;
    }
    found->used = ++blocks_->now;
    if (found->number != number + 1) {
      const std::size_t at = number * block_size, left = size() - at;
      const std::span bytes{found->bytes.data(), left < block_size ? left : block_size};
      found->number = reader_->read(at, bytes) ? number + 1 : 0;
    }
    return found->number == 0 ? nullptr : found->bytes.data();
  }

  Reader* reader_;
  Blocks* blocks_;
};

}  // namespace relo::elf
