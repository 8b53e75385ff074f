// Files that are read differently from one moment to the next: what was checked is not what is
// there later.
#pragma once

#include "guarded.hpp"

#include <relo/elf/constants.hpp>

#include <array>
#include <memory>

namespace robust {

/// Bytes of a file that read as `value`, little-endian, from the looks at them number `first` to
/// the one before `last`.
struct lie {
  std::size_t offset = 0, size = 0;
  std::uint64_t value = 0;
  std::size_t first = 0, last = 0;

  void tell(std::size_t from, std::span<unsigned char> to) const {
    for (std::size_t i = 0; i < size; ++i)
      if (offset + i >= from && offset + i - from < to.size())
        to[offset + i - from] = static_cast<unsigned char>(value >> 8 * i);
  }
};

/// A medium that lies.
struct unsteady_reader : checked_reader {
  lie what{};
  std::size_t looks = 0, reads = 0;

  bool read(std::size_t offset, std::span<unsigned char> to) {
    ++reads;
    if (!checked_reader::read(offset, to)) return false;
    if (offset >= what.offset + what.size || what.offset >= offset + to.size()) return true;
    if (looks >= what.first && looks < what.last) what.tell(offset, to);
    ++looks;
    return true;
  }
};

/// Memory that lies: each look at it is at one of two copies, which end where they do but for a
/// NUL.
class unsteady_memory {
 public:
  static constexpr std::size_t alignment = 1;
  using pointer = const unsigned char*;
  using position = pointer;
  using name_type = relo::elf::name<const unsigned char*>;
  using kept_name = name_type;

  unsteady_memory(std::span<const unsigned char> file, const lie& what)
      : what_(what), size_(file.size()) {
    for (auto& copy : *copies_) {
      copy = std::make_unique<unsigned char[]>(size_ + 1);
      std::memcpy(copy.get(), file.data(), size_);
    }
    what_.tell(0, {(*copies_)[1].get(), size_});
  }

  std::size_t size() const { return size_; }
  void truncate(std::size_t n) { size_ = n; }
  bool failed() const { return false; }
  position position_of(std::size_t offset) const { return data() + offset; }
  pointer at(relo::elf::table, position p, std::size_t) const { return p; }
  name_type name_at(position p) const { return name_type{p}; }
  void copy(std::size_t offset, std::span<unsigned char> to) const {
    if (!to.empty()) std::memcpy(to.data(), data() + offset, to.size());
  }
  const unsigned char* data() const {
    const bool lies = *looks_ >= what_.first && *looks_ < what_.last;
    ++*looks_;
    return (*copies_)[lies ? 1 : 0].get();
  }
  std::size_t looks() const { return *looks_; }

 private:
  // A loader has a copy of its source.
  using copies = std::array<std::unique_ptr<unsigned char[]>, 2>;
  std::shared_ptr<copies> copies_ = std::make_shared<copies>();
  std::shared_ptr<std::size_t> looks_ = std::make_shared<std::size_t>(0);
  lie what_;
  std::size_t size_;
};

/// Calls f(lie) for each field of an ELF64 file's header, sections, symbols and relocations, and
/// each of some values; when it is told is f's to choose. At most `most` records of a table.
template <class F>
void for_each_lie(std::span<const unsigned char> file, std::size_t most, F&& f) {
  const auto at = [&](std::size_t offset, std::size_t size) {
    std::uint64_t v = 0;
    for (std::size_t i = size; i-- > 0;) v = v << 8 | file[offset + i];
    return v;
  };
  const auto fields = [&](std::size_t record, std::initializer_list<std::size_t> sizes) {
    std::size_t offset = record;
    for (const std::size_t size : sizes) {
      const std::uint64_t is = at(offset, size);
      for (const auto value : std::initializer_list<std::uint64_t>{
               0, 1, 3, is + 1, is + 24, is << 1, file.size(), 0xffff'ffc0, ~std::uint64_t{0},
               std::uint64_t{1} << 63})
        f(lie{offset, size, value});
      offset += size;
    }
  };
  fields(32, {8, 8, 4, 2, 2, 2, 2, 2, 2});  // from e_phoff
  const auto table = static_cast<std::size_t>(at(40, 8)),
             count = static_cast<std::size_t>(at(60, 2));
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t header = table + 64 * i;
    fields(header, {4, 4, 8, 8, 8, 8, 4, 4, 8, 8});
    const auto type = at(header + 4, 4);
    const auto contents = static_cast<std::size_t>(at(header + 24, 8)),
               size = static_cast<std::size_t>(at(header + 32, 8));
    for (std::size_t n = 0; n < most && 24 * (n + 1) <= size; ++n)
      if (type == relo::elf::sht::symtab) fields(contents + 24 * n, {4, 1, 1, 2, 8, 8});
      else if (type == relo::elf::sht::rela) fields(contents + 24 * n, {8, 4, 4, 8});
  }
}

}  // namespace robust
