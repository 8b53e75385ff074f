// Memory and a reader that notice what no loader may do.
#pragma once

#include <relo/elf/source.hpp>
#include <relo/memory/arena.hpp>

#include <cstring>
#include <vector>

namespace robust {

/// Module memory amid bytes that nobody may write.
template <class Addr>
class guarded_memory : public relo::buffer<Addr> {
 public:
  guarded_memory(std::size_t size, Addr address)
      : guarded_memory(size, address, std::vector<unsigned char>(size + 2 * guard, untouched)) {}

  relo::block<Addr> allocate(relo::mem_type type, Addr size, Addr align) noexcept {
    const relo::block<Addr> b = relo::buffer<Addr>::allocate(type, size, align);
    if (b) allocated_.push_back(b.bytes);
    return b;
  }

  /// When nothing is allocated: whether everything that was written since the last call had been.
  bool others_untouched() {
    for (const auto& b : allocated_) std::memset(b.data(), untouched, b.size());
    allocated_.clear();
    return bytes_[0] == untouched &&
           std::memcmp(bytes_.data(), bytes_.data() + 1, bytes_.size() - 1) == 0;
  }

 private:
  static constexpr unsigned char untouched = 0xa5;
  static constexpr std::size_t guard = 256;

  // The bytes do not move when their vector does.
  guarded_memory(std::size_t size, Addr address, std::vector<unsigned char>&& bytes)
      : relo::buffer<Addr>(std::span{bytes}.subspan(guard, size), address),
        bytes_(std::move(bytes)) {}

  std::vector<unsigned char> bytes_;
  std::vector<std::span<unsigned char>> allocated_;
};

/// Reads an object that is in memory, and knows whether it was asked for more than there is.
struct checked_reader {
  std::span<const unsigned char> bytes;
  bool in_bounds = true;

  bool read(std::size_t offset, std::span<unsigned char> to) {
    const bool within = offset <= bytes.size() && to.size() <= bytes.size() - offset;
    if (within) std::memcpy(to.data(), bytes.data() + offset, to.size());
    in_bounds = in_bounds && within;
    return within;
  }
  std::size_t size() const { return bytes.size(); }
};

/// A medium with one bad moment: what it reads the nth time has one bit flipped.
struct lying_reader : checked_reader {
  std::size_t nth = 0, bit = 0, reads = 0;

  bool read(std::size_t offset, std::span<unsigned char> to) {
    if (!checked_reader::read(offset, to)) return false;
    if (reads++ == nth) to[bit / 8 % to.size()] ^= static_cast<unsigned char>(1 << bit % 8);
    return true;
  }
};

}  // namespace robust
