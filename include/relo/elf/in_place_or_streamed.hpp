// An object of which only a running program knows whether it is used where it is, or read.
#pragma once

#include <relo/elf/in_place.hpp>

namespace relo {

namespace detail {

/// Reads from memory, or else from a reader.
template <class Reader>
struct reader_of_either {
  std::span<const unsigned char> bytes{};
  Reader* other = nullptr;  ///< null: they are in memory

  constexpr std::size_t size() const { return other == nullptr ? bytes.size() : other->size(); }
  constexpr bool read(std::size_t offset, std::span<unsigned char> to) const {
    if (other != nullptr) return other->read(offset, to);
    copy_bytes(to.data(), bytes.data() + offset, to.size());
    return true;
  }
};

template <class Reader>
struct holds_reader {
  reader_of_either<Reader> reader;
};

}  // namespace detail

/// An object in memory as in_place has it, or one of a reader as elf::streamed has it. To a loader
/// that is given no other source they are one type, and it has its code once: with windows that are
/// lent, 5 KB less on a Cortex-M3 than with both. Names of what is in memory are read in pieces,
/// too.
template <elf::reader Reader, std::size_t Window = 64, class Windows = elf::windows<Window>&>
class in_place_or_streamed
    : detail::holds_reader<Reader>,
      public elf::streamed<const detail::reader_of_either<Reader>, Window, Windows> {
  using held = detail::holds_reader<Reader>;
  using base = elf::streamed<const detail::reader_of_either<Reader>, Window, Windows>;

 public:
  /// Outlives the load, and with the sections that stay there the module.
  in_place_or_streamed(std::span<const unsigned char> bytes, Windows lent) noexcept
      : held{{bytes, nullptr}}, base(held::reader, lent), data_(bytes.data()) {}
  in_place_or_streamed(Reader& from, Windows lent) noexcept
      : held{{{}, &from}}, base(held::reader, lent) {}
  /// A load works with a copy, and reads by what the original holds.
  in_place_or_streamed(const in_place_or_streamed&) = default;

  /// Records in memory are read there, and good for ever: sections may be compared.
  const unsigned char* at(elf::table t, std::size_t offset, std::size_t n) noexcept {
    return is_in_place() ? data_ + offset : base::at(t, offset, n);
  }
  const unsigned char* end_of(elf::table t) noexcept {
    return is_in_place() ? data_ + this->size() : base::end_of(t);
  }

  bool is_in_place() const noexcept { return data_ != nullptr; }
  const unsigned char* data() const noexcept { return data_; }
  native_addr address_at(std::size_t offset) const noexcept { return address_of(data_ + offset); }

 private:
  const unsigned char* data_ = nullptr;
};

}  // namespace relo
