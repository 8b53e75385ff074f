// Build attributes: what a compiler says of the processor and the calling convention that its code
// is for, in .ARM.attributes and .riscv.attributes. Addenda to the ABI for the Arm Architecture
// (ADDENDA32), "Build attributes section"; RISC-V ELF psABI, "Attributes".
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/source.hpp>

namespace relo::elf {

namespace detail {

/// The bytes from `at` to `end`, one after the other; after the last, zeros, and `bad`.
template <std::endian Order, source Source>
struct attribute_bytes {
  Source& from;
  std::size_t at, end;
  bool bad = false;

  [[gnu::noinline]] constexpr unsigned char next() noexcept {
    bad = bad || at == end;
    if (bad) return 0;
    return static_cast<unsigned char>(from.at(table::others, from.position_of(at++), 1)[0]);
  }
  /// ULEB128. What is above 127 is a number with the same bit 0 that is above 127.
  [[gnu::noinline]] constexpr unsigned number() noexcept {
    unsigned value = next();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (unsigned byte = 0x80; byte >= 0x80;) {
      byte = next();
      if (byte % 0x80 != 0) value |= 0x80;
    }
    return value;
  }
  /// The end of what began at `start` and has its length here, and is to end before `outer`.
  [[gnu::noinline]] constexpr std::size_t end_of(std::size_t start, std::size_t outer) noexcept {
    if (outer - at >= 4) {
      const std::size_t size =
          read_int<std::uint32_t, Order>(from.at(table::others, from.position_of(at), 4));
      at += 4;
      if (size >= at - start && size <= outer - start) return start + size;
    }
    bad = true;
    return outer;
  }
};

}  // namespace detail

/// A section of attributes, as it was when it was checked.
struct attribute_section {
  std::uint32_t number = 0;  ///< 0: there is none
  std::size_t offset = 0, size = 0;
};

/// Tells `to` the attributes that hold for the whole file (Tag_File), in the order of the file, out
/// of the `size` bytes at `offset` of `from`. Those of sections and symbols are passed over, as
/// linkers do, and so is what other vendors say, and a format other than 'A'. errc::bad_attributes,
/// if a length leads outside or something ends too early; what was told may be nonsense then.
///  - to.vendor: whose attributes;
///  - to.has_number(tag), to.has_text(tag): what there is of an attribute, a number first;
///  - to.see(tag, number): a number; of tags and numbers above 127 no more than that they are, and
///    whether they are even;
///  - to.see_text(tag, character), if it is there: each character, and the NUL.
template <std::endian Order, source Source, class To>
constexpr errc read_attributes(Source& from, const attribute_section& s, To& to) noexcept {
  detail::attribute_bytes<Order, Source> bytes{from, s.offset, s.offset + s.size};
  if (bytes.next() != 'A') return errc::ok;
  // A vendor's part has a length, a name, and lists; a list says what it is for, and its length.
  for (std::size_t part_end = bytes.at, list_end = part_end; !bytes.bad && bytes.at != bytes.end;) {
    const std::size_t start = bytes.at;
    if (start > list_end) return errc::bad_attributes;
    if (start >= part_end) {
      part_end = bytes.end_of(start, bytes.end);
      for (const char* v = To::vendor;;) {
        if (bytes.next() != static_cast<unsigned char>(*v)) {
          bytes.at = part_end;
          break;
        }
        if (*v++ == '\0') break;
      }
      list_end = bytes.at;
    } else if (start >= list_end) {
      const bool of_file = bytes.number() == 1;
      list_end = bytes.end_of(start, part_end);
      if (!of_file) bytes.at = list_end;
    } else {
      const unsigned tag = bytes.number();
      if (To::has_number(tag)) to.see(tag, bytes.number());
      if (To::has_text(tag))
        for (unsigned char c = 1; c != 0;) {
          c = bytes.next();
          if constexpr (requires { to.see_text(tag, 'c'); }) to.see_text(tag, static_cast<char>(c));
        }
    }
  }
  return bytes.bad ? errc::bad_attributes : errc::ok;
}

}  // namespace relo::elf
