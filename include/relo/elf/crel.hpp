// Compact relocations: the records of an SHT_CREL section, as the proposal to the gABI says ("CREL
// relocation format", generic-abi list, 2024) and LLVM writes them.
//
// A header tells how many records there are; a record tells what differs from the one before. So
// they have no size of their own, and are read from the first to the last. All numbers are LEB128.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/format.hpp>
#include <relo/elf/source.hpp>

namespace relo::elf {

/// A record, decoded: asked as Elf_Rel and Elf_Rela are. Unlike theirs, its type has 32 bits in
/// ELF32 too, and only each section says whether addends stand in records or in the places.
template <class Format>
struct crel {
  using addr = typename Format::addr;
  addr offset = 0, addend = 0;
  std::uint32_t symbol = 0, type = 0;
  bool has_addend = false;

  constexpr addr r_offset() const noexcept { return offset; }
  constexpr std::uint32_t r_sym() const noexcept { return symbol; }
  constexpr std::uint32_t r_type() const noexcept { return type; }
  constexpr addr r_addend() const noexcept { return addend; }  ///< 0, where it has none
};

/// Decodes them. It reads inside the section only, and each byte once, whatever they are.
///
///     relo::elf::crel_reader<format, Source> reader{source, table, offset, size};
///     relo::errc e = reader.begin();
///     for (std::uint32_t n = 0; e == relo::errc::ok && n < reader.count(); ++n)
///       if (e = reader.next(); e == relo::errc::ok) use(reader.record());
///
/// What is no such section ends in an error: errc::crel_truncated, where the bytes end before the
/// records do; errc::crel_number, where a number has more bytes than it needs or more bits than its
/// field. That a sum wraps is none: it is how an encoder goes back to a lower offset, as the
/// proposal truncates differences to the field; what then is out of range is refused as in any
/// record.
template <class Format, source Source>
class crel_reader {
 public:
  using addr = typename Format::addr;
  using position = typename Source::position;

  /// Of `size` bytes of the file, at `at`, through the window of table t.
  constexpr crel_reader(Source& source, table t, position at, std::size_t size) noexcept
      : source_(source), table_(t), at_(at), left_(size) {}

  /// Reads the header: count * 8 + addend_bit * 4 + shift.
  constexpr errc begin() noexcept {
    std::uint64_t header = 0;
    if (const errc e = number<false>(header); e != errc::ok) return e;
    promised_ = header >> 3;
    record_.has_addend = (header & 4) != 0;
    shift_ = static_cast<unsigned>(header & 3);
    // No record is shorter than a byte.
    return promised_ > left_ || promised_ >= where::none ? errc::crel_truncated : errc::ok;
  }
  constexpr std::uint64_t promised() const noexcept { return promised_; }
  constexpr std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(promised_); }
  /// Bytes that are not read yet.
  constexpr std::size_t left() const noexcept { return left_; }

  constexpr errc next() noexcept {
    if (source_.failed()) return errc::read_failed;
    if (left_ == 0) return errc::crel_truncated;
    // Flags and what differs in r_offset are one number, of up to 67 bits.
    const unsigned first = byte(), flags = record_.has_addend ? 3 : 2, low = 7 - flags;
    addr offset = static_cast<addr>((first & 0x7f) >> flags);
    if (first >= 0x80) {
      std::uint64_t high = 0;
      if (const errc e = number<false>(high); e != errc::ok) return e;
      if (high == 0 || high >> (8 * sizeof(addr) - low) != 0) return errc::crel_number;
      offset = static_cast<addr>(offset | static_cast<addr>(high) << low);
    }
    record_.offset = static_cast<addr>(record_.offset + static_cast<addr>(offset << shift_));
    errc e = errc::ok;
    if ((first & 1) != 0) e = add_difference(record_.symbol);
    if ((first & 2) != 0 && e == errc::ok) e = add_difference(record_.type);
    if ((first & 4) != 0 && record_.has_addend && e == errc::ok) e = add_difference(record_.addend);
    return e;
  }
  constexpr const crel<Format>& record() const noexcept { return record_; }

 private:
  constexpr unsigned char byte() noexcept {
    const auto out = static_cast<unsigned char>(source_.at(table_, at_, 1)[0]);
    at_ += 1;
    --left_;
    return out;
  }

  /// A ULEB128 or SLEB128 number of at most 64 bits, in the fewest bytes that it fits.
  template <bool Signed>
  constexpr errc number(std::uint64_t& out) noexcept {
    out = 0;
    // What a last byte would add nothing to: zeros, or copies of the sign.
    unsigned redundant = 0xff;
    for (unsigned shift = 0; left_ != 0; shift += 7) {
      const unsigned next = byte(), bits = next & 0x7f;
      // One bit is left for the tenth byte.
      if (shift == 63 && (Signed ? bits != 0 && bits != 0x7f : bits != 1)) return errc::crel_number;
      out |= std::uint64_t{bits} << shift;
      if (next < 0x80) {
        if (Signed && (bits & 0x40) != 0 && shift < 57) out |= ~std::uint64_t{0} << (shift + 7);
        return bits == redundant ? errc::crel_number : errc::ok;
      }
      if (shift == 63) return errc::crel_number;
      redundant = Signed && (bits & 0x40) != 0 ? 0x7f : 0;
    }
    return errc::crel_truncated;
  }

  /// A difference has the bits of what it is added to, and may be written as signed or unsigned.
  template <class T>
  constexpr errc add_difference(T& to) noexcept {
    std::uint64_t v = 0;
    if (const errc e = number<true>(v); e != errc::ok) return e;
    const T low = static_cast<T>(v);
    if (v != low && v != static_cast<std::uint64_t>(
                             static_cast<std::int64_t>(static_cast<std::make_signed_t<T>>(low))))
      return errc::crel_number;
    to = static_cast<T>(to + low);
    return errc::ok;
  }

  Source& source_;
  table table_;
  position at_;
  std::size_t left_;
  std::uint64_t promised_ = 0;
  unsigned shift_ = 0;
  crel<Format> record_{};
};

}  // namespace relo::elf
