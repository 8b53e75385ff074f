// One relocation, applied: bounds, value, overflow, write.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/reloc/howto_table.hpp>
#include <relo/reloc/upper_parts.hpp>

namespace relo {

/// A section that is being relocated. Of the load it asks
///  - symbol_address(i, out) -> errc: the address of symbol i, below image.symbols();
///  - got_slot(i, S, out) -> bool: the offset in the GOT of the slot that holds S, symbol i's;
///  - veneer(i, S, out) -> bool: the address of a veneer that jumps to S;
/// and it may have take_words(n), see upper_parts.
template <class Load>
struct relocated_section {
  using machine = typename Load::machine;
  using addr = typename Load::addr;

  Load& load;
  unsigned char* data;  ///< `size` bytes
  addr size;
  addr address;
  static constexpr bool tells = Load::loader_type::diagnostics_type::keeps_location;
  /// What a load has no use for: each another type, that it takes no place.
  template <int>
  struct nothing {
    constexpr nothing() noexcept = default;
    explicit constexpr nothing(Load&) noexcept {}
    constexpr operator addr() const noexcept { return 0; }
  };
  /// The value that did not fit, after errc::relocation_overflow.
  [[no_unique_address]] std::conditional_t<tells, addr, nothing<0>> refused{};
  /// Where lower parts find their upper parts.
  static constexpr bool indexes =
      uses_term<machine, &expression::hi> && requires(Load& l) { l.take_words(std::size_t{}); };
  [[no_unique_address]] std::conditional_t<indexes, upper_parts<Load>, nothing<1>> uppers{load};
  /// The first record of a pair, until the second comes.
  struct half {
    bool waits = false;
    std::uint32_t number = 0;
    std::uint64_t value = 0;
    elf::crel<typename machine::format> record{};
  };
  static constexpr bool pairs = detail::has_kind<machine>(howto_kind::set_uleb128);
  [[no_unique_address]] std::conditional_t<pairs, half, nothing<2>> first_half{};

  /// Applies a record, number n of the relocation section `records`. Writes inside the section or
  /// not at all.
  template <class Records, class Record>
  constexpr errc apply(const Records records, std::uint32_t n, const Record r) noexcept {
    if (r.r_sym() >= load.image.symbols()) return errc::relocation_symbol_out_of_range;
    // A mispredicted branch on the type costs more than the rest of a relocation. Where flash
    // is not counted in bytes, types that differ from the first row's in P alone share a path.
    if constexpr (machine::format::is_64 && machine::rela && first.where.parts[0].width == 0)
      if (r.has_addend && in_set(shared_path, r.r_type()) && apply_shared(r)) return errc::ok;
    return apply_row(records, n, r);
  }

  /// Applies a record of the first row's type, if that adds the symbol's address to the word that
  /// stands in the place, and if it is known. False: nothing was done.
  template <class Record>
  constexpr bool apply_known(const Record r) noexcept {
    if constexpr (!machine::rela && first.value == expression{.s = 1, .a = 1} &&
                  first.where == word32) {
      const addr offset = r.r_offset(), s = load.known_address(r.r_sym());
      if (s == 0 || r.r_type() != first.type || !inside(offset, 4) || r.has_addend) return false;
      unsigned char* const place = data + static_cast<std::size_t>(offset);
      write_word(place, 4, static_cast<addr>(read_word(place, 4) + s));
      return true;
    }
    return false;
  }

 private:
  using table = howto_table<machine>;
  using row = typename table::row;
  static constexpr howto first = machine::howtos[0];
  static constexpr std::uint64_t shared_path = types_where<machine>([](const howto& h) {
    const expression e{.s = 1, .a = 1, .p = h.value.p}, branch{.a = 1, .p = h.value.p, .l = 1};
    return h.where == first.where && h.check == first.check &&
           (h.value == e || h.value == branch) && h.value.p <= 0;
  });
  static constexpr std::uint64_t pc_relative =
      types_where<machine>([](const howto& h) { return h.value.p == -1; });

  constexpr bool inside(addr offset, addr n) const noexcept {
    return offset <= size && n <= size - offset;
  }

  /// S + A or S + A - P; false, and nothing written, where the row has more to say about it.
  template <class Record>
  constexpr bool apply_shared(const Record& r) noexcept {
    const addr offset = r.r_offset();
    addr s = 0;
    if (!inside(offset, first.where.bytes) || load.symbol_address(r.r_sym(), s) != errc::ok)
      return false;
    const addr p = static_cast<addr>(address + offset) &
                   static_cast<addr>(0 - (pc_relative >> r.r_type() & 1));
    const addr value = static_cast<addr>(s + r.r_addend() - p);
    if (!fits<first.check>(first.where.bits, value)) return false;
    write_word(data + static_cast<std::size_t>(offset), first.where.bytes, value);
    return true;
  }

  template <class Records, class Record>
  constexpr errc apply_row([[maybe_unused]] const Records records, [[maybe_unused]] std::uint32_t n,
                           const Record r) noexcept {
    const row* const found = table::find(r.r_type());
    if (found == nullptr) return errc::unknown_relocation;
    const row h = *found;
    const addr offset = r.r_offset(), p = static_cast<addr>(address + offset);
    if (!knows_addend(h, r)) return errc::wrong_relocation_kind;
    if constexpr (pairs)
      if (first_half.waits || is_of_pair(h)) return apply_pair(n, table::kind(h), r);
    if (table::kind(h) != howto_kind::apply) return error_of(table::kind(h), p, r);

    if (!inside(offset, table::bytes(h))) return errc::relocation_out_of_section;
    unsigned char* const place = data + static_cast<std::size_t>(offset);
    if constexpr (uses_term<machine, &expression::hi>)
      if (table::is_lower_part(h)) {
        addr upper_p = 0;
        Record upper = r;
        if (const errc e = load.symbol_address(r.r_sym(), upper_p); e != errc::ok) return e;
        if (r.r_addend() != 0) return errc::relocation_without_upper_part;
        bool near = false;
        if constexpr (indexes) {
          near = !uppers.made() && find_near_upper_part(records, n, upper_p, upper);
          if (!near && uppers.make(records)) {
            typename upper_parts<Load>::record far;
            return uppers.find(static_cast<addr>(upper_p - address), far)
                       ? write_lower_part(h, place, upper_p, far)
                       : errc::relocation_without_upper_part;
          }
        }
        if (!near && !find_upper_part(records, n, upper_p, upper))
          return errc::relocation_without_upper_part;
        return write_lower_part(h, place, upper_p, upper);
      }
    return write(h, place, h, p, r);
  }

  /// Where a machine's addends stand in records, and a record has none, it is what stands in the
  /// place: of words. Instructions have other things there, and so has what adds to the place.
  template <class Record>
  static constexpr bool knows_addend(row h, const Record& r) noexcept {
    if (!machine::rela || r.has_addend) return true;
    bool is_word = !table::has_parts(h);
    table::with_expression(h, [&]<expression E>() { is_word = is_word && E.v == 0; });
    return table::kind(h) == howto_kind::apply
               ? is_word
               : table::kind(h) != howto_kind::align && !is_of_pair(h);
  }
  static constexpr bool is_of_pair(row h) noexcept {
    return table::kind(h) == howto_kind::set_uleb128 || table::kind(h) == howto_kind::sub_uleb128;
  }

  /// Takes the first record of a pair down; with the second writes the difference, in as many bytes
  /// as the number has. As a linker does, it counts with 64 bits.
  template <class Record>
  constexpr errc apply_pair(std::uint32_t n, howto_kind kind, const Record& r) noexcept {
    constexpr addr most_bytes = 10;
    const addr offset = r.r_offset();
    const bool second = kind == howto_kind::sub_uleb128;
    if (first_half.waits != second || (second && first_half.record.offset != offset))
      return errc::relocation_not_paired;
    addr s = 0;
    if (const errc e = load.symbol_address(r.r_sym(), s); e != errc::ok) return e;
    std::uint64_t value = s;
    if constexpr (requires { r.r_addend(); })
      value += static_cast<std::uint64_t>(
          std::int64_t{static_cast<std::make_signed_t<addr>>(r.r_addend())});
    first_half.waits = !second;
    if (!second) {
      first_half.number = n, first_half.value = value;
      first_half.record = {.offset = offset, .symbol = r.r_sym(), .type = r.r_type()};
      return errc::ok;
    }
    std::uint64_t difference = first_half.value - value;
    addr bytes = 0;
    do
      if (!inside(offset, static_cast<addr>(bytes + 1))) return errc::relocation_out_of_section;
    while (data[static_cast<std::size_t>(offset + bytes++)] >= 0x80 && bytes <= most_bytes);
    if (bytes > most_bytes || (bytes < most_bytes && difference >> (7 * bytes) != 0)) {
      if constexpr (tells) refused = static_cast<addr>(difference);
      return errc::relocation_overflow;
    }
    unsigned char* to = data + static_cast<std::size_t>(offset);
    for (; bytes != 1; --bytes, difference >>= 7)
      *to++ = static_cast<unsigned char>(difference | 0x80);
    *to = static_cast<unsigned char>(difference);
    return errc::ok;
  }

  /// Writes into a field of row `to` the value of a record at P, whose row h is.
  ///
  /// A is the record's addend, or what stands in the place. It is both on a machine whose psABI has
  /// Elf_Rel, if its records have addends all the same, as LLVM's compact ones do: it leaves in an
  /// instruction what belongs to that (ARM's branches: -4), and takes out what was written beside
  /// the symbol. ld.lld 19 takes the record alone, and such a branch of its own leads beyond S.
  template <class Record>
  constexpr errc write(row to, unsigned char* place, row h, addr p, const Record r) noexcept {
    const std::uint32_t symbol = r.r_sym();
    addr s = 0;
    if (const errc e = load.symbol_address(symbol, s); e != errc::ok) return e;

    const unsigned bytes = table::bytes(to);
    const bool in_place = !machine::rela || !r.has_addend;
    std::uint32_t have = 0;  // read once, where every addend stands in the place
    if (in_place && !table::is_word(to)) have = read_place(place, bytes);
    addr value = 0;
    errc e = errc::ok;
    table::with_expression(h, [&]<expression E>() __attribute__((always_inline)) {
      operands<addr> o{.S = s, .P = p};
      if constexpr (requires { r.r_addend(); }) o.A = r.has_addend ? r.r_addend() : 0;
      if (in_place) o.A = static_cast<addr>(o.A + extract(to, place, have));
      if constexpr (E.v != 0) {
        if (!in_place && !table::is_word(to)) have = read_place(place, bytes);
        o.V = extract(to, place, have);
      }
      e = look_up<E>(symbol, o);
      value = evaluate<E>(o);
    });
    if (e != errc::ok) return e;
    if constexpr (uses_term<machine, &expression::p>)
      if (table::is_pc_relative(h)) value = static_cast<addr>(value - p);

    if (!passes(to, value)) {
      if constexpr (tells) refused = value;
      addr l = s;
      if constexpr (uses_veneers<machine>)
        if (!table::is_branch(h) || !load.veneer(symbol, s, l)) return errc::relocation_overflow;
      value = static_cast<addr>(value + (l - s));
      if (l == s || !passes(to, value)) return errc::relocation_overflow;
    }
    if (table::is_word(to)) return write_word(place, bytes, value), errc::ok;
    if (table::has_parts(to)) value = static_cast<addr>(value >> table::shift(to));
    for (unsigned base = 0;; base = 32, place += 4) {
      if (!in_place || base != 0) have = read_place(place, bytes);
      write_place(place, bytes, insert(to, have, static_cast<std::uint32_t>(value), base));
      if (base != 0 || !table::is_pair(to)) return errc::ok;
    }
  }

  /// Out of line, where there is enough to it.
  static constexpr bool passes(row h, addr value) noexcept {
    if constexpr (table::kinds_of_checks > 2 && !machine::format::is_64)
      return passes_apart(h, value);
    else return table::fits(h, value);
  }
  [[gnu::noinline]] static constexpr bool passes_apart(row h, addr value) noexcept {
    return table::fits(h, value);
  }
  /// The letters that not every expression has.
  template <expression E>
  constexpr errc look_up(std::uint32_t symbol, operands<addr>& o) noexcept {
    if constexpr (E.z != 0) o.Z = load.image.symbol(symbol).st_size();
    if constexpr (E.got != 0) o.GOT = load.got_address();
    if constexpr (E.g != 0)
      if (!load.got_slot(symbol, o.S, o.G)) return errc::relocation_needs_stub;
    return errc::ok;
  }

  template <class Record>
  static constexpr errc error_of(howto_kind kind, [[maybe_unused]] addr p,
                                 [[maybe_unused]] const Record r) noexcept {
    if constexpr (detail::has_kind<machine>(howto_kind::align))
      if (kind == howto_kind::align) {
        addr mask = 0;  // the alignment - 1
        while (mask < r.r_addend()) mask = static_cast<addr>(2 * mask + 1);
        return ((p + r.r_addend()) & mask) == 0 ? errc::ok : errc::code_not_aligned;
      }
    if constexpr (detail::has_kind<machine>(howto_kind::tls))
      if (kind == howto_kind::tls) return errc::tls_relocation;
    if constexpr (detail::has_kind<machine>(howto_kind::dynamic))
      if (kind == howto_kind::dynamic) return errc::dynamic_relocation;
    return errc::ok;
  }

  template <class Record>
  [[gnu::always_inline]] constexpr errc write_lower_part(row h, unsigned char* place, addr upper_p,
                                                         const Record& upper) noexcept {
    if (upper.r_sym() >= load.image.symbols()) return errc::relocation_symbol_out_of_range;
    return write(h, place, *table::find(upper.r_type()), upper_p, upper);
  }

  /// The upper part at that address. It nearly always stands right before record n, which asks;
  /// but may be any record of the section.
  template <class Records, class Record>
  constexpr bool find_upper_part(const Records records, std::uint32_t n, addr at,
                                 Record& out) noexcept {
    const addr offset = static_cast<addr>(at - address);
    if constexpr (std::is_same_v<Record, elf::crel<typename machine::format>>) {
      bool found = false;
      (void)load.image.for_each_relocation(
          records,
          [&](std::uint32_t, const auto& r) {
            if constexpr (std::is_same_v<decltype(r), const Record&>)
              if (r.r_offset() == offset && table::is_upper_part(r.r_type())) {
                out = r;
                found = true;
              }
            return found ? errc::relocation_overflow : errc::ok;
          },
          elf::table::others);
      return found;
    } else {
      for (std::uint32_t i = n;;) {
        i = (i == 0 ? load.image.count_of(records) : i) - 1;
        if (i == n || load.image.source().failed()) return false;
        out = load.image.relocation(records, i, elf::table::others);
        if (out.r_offset() == offset && table::is_upper_part(out.r_type())) return true;
      }
    }
  }

  /// The same, if it is one of the few records before n, and those are of a size.
  template <class Records, class Record>
  constexpr bool find_near_upper_part(const Records records, std::uint32_t n, addr at,
                                      Record& out) noexcept {
    constexpr std::uint32_t near = 16;
    if constexpr (!std::is_same_v<Record, elf::crel<typename machine::format>>) {
      const addr offset = static_cast<addr>(at - address);
      for (std::uint32_t i = n; i != 0 && n - i != near;) {
        out = load.image.relocation(records, --i, elf::table::others);
        if (out.r_offset() == offset && table::is_upper_part(out.r_type())) return true;
      }
    }
    return false;
  }

  /// A value with the bits inverted that stand so in the place; or without them inverted, again.
  static constexpr std::uint32_t inverted(row h, std::uint32_t value) noexcept {
    const std::uint32_t bits = table::invert(h);
    return (value >> table::invert_by(h) & 1) == 0 ? value ^ bits : value;
  }
  /// Exchanges a field's parts of a value and what stands in the place: the place's word, and in
  /// the upper half the value, turned so that its highest part is the word's highest bits. `base`
  /// is the number of the word's first bit.
  static constexpr std::uint64_t exchange(row h, std::uint32_t have, std::uint32_t value,
                                          unsigned base = 0) noexcept {
    // What is turned out at the bottom comes in at the top, if anybody wants it.
    const auto turn = [&](unsigned by) {
      value = table::extracts_parts ? std::rotr(value, static_cast<int>(by)) : value >> by;
    };
    turn(table::below_parts(h));
    table::for_each_part(h, [&](unsigned width, unsigned at) {
      at -= base;
      if (!table::is_pair(h) || at < 32) {
        const std::uint32_t other = (have >> at ^ value) & ~(~std::uint32_t{0} << width);
        if (table::extracts_parts) value ^= other;
        have ^= other << at;
      }
      turn(width);
    });
    return std::uint64_t{value} << 32 | have;
  }

  /// What stands in the place, whose first word is given, sign-extended: Elf_Rel's addend, RISC-V's
  /// V.
  static constexpr addr extract(row h, const unsigned char* place, std::uint32_t have) noexcept {
    if (table::is_word(h)) return read_word(place, table::bytes(h));
    const unsigned unused = 32 - table::bits(h);
    const auto extended = [&](std::uint32_t v) {
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(v) >> unused);
    };
    std::uint32_t value = 0;
    if (table::extracts_parts && table::has_parts(h)) {
      value = static_cast<std::uint32_t>(exchange(h, have, 0) >> 32) >> table::above_parts(h);
      value = inverted(h, extended(value));
      if (const auto minus = table::minus(h), signs = minus | table::plus(h);
          signs != 0 && (have & signs) == minus)
        value = 0 - value;
    } else value = extended(have << unused);
    return static_cast<addr>(std::int64_t{static_cast<std::int32_t>(value)});
  }

  /// `have` with a field's parts of a value. A field without parts is all there is.
  static constexpr std::uint32_t insert(row h, std::uint32_t have, std::uint32_t value,
                                        unsigned base) noexcept {
    if (!table::has_parts(h)) return value;
    value = inverted(h, (value + table::round(h)) ^ table::round(h));
    const auto plus = table::plus(h), minus = table::minus(h);
    if ((plus | minus) != 0) {
      const bool negative = value >> 31 != 0;
      have = (have & ~(plus | minus)) | (negative ? minus : plus);
      if (negative) value = 0 - value;
    }
    return static_cast<std::uint32_t>(exchange(h, have, value, base));
  }

  /// The first word of a place. Where words must be aligned, byte by byte.
  static constexpr std::uint32_t read_place(const unsigned char* p, unsigned bytes) noexcept {
    if (detail::unaligned_words) {
      if (bytes > 2) return relo::read_int<std::uint32_t, std::endian::little>(p);
      return bytes == 1 ? p[0] : relo::read_int<std::uint16_t, std::endian::little>(p);
    }
    std::uint32_t v = 0;
    for (unsigned i = 0; i < bytes && i < 4; ++i) v |= std::uint32_t{p[i]} << 8 * i;
    return v;
  }
  static constexpr void write_place(unsigned char* p, unsigned bytes, std::uint32_t v) noexcept {
    if (detail::unaligned_words) {
      if (bytes > 2) return write_int<std::endian::little>(p, v);
      if (bytes == 2) return write_int<std::endian::little>(p, static_cast<std::uint16_t>(v));
      return write_int<std::endian::little>(p, static_cast<std::uint8_t>(v));
    }
    for (unsigned i = 0; i < bytes && i < 4; ++i) p[i] = static_cast<unsigned char>(v >> 8 * i);
  }

  /// The same for words in the machine's byte order.
  static constexpr addr read_word(const unsigned char* p, unsigned bytes) noexcept {
    switch (bytes) {
      case 1: return sign_extended(relo::read_int<std::uint8_t, Load::byte_order>(p));
      case 2: return sign_extended(relo::read_int<std::uint16_t, Load::byte_order>(p));
      case 4: return sign_extended(relo::read_int<std::uint32_t, Load::byte_order>(p));
      default: return static_cast<addr>(relo::read_int<std::uint64_t, Load::byte_order>(p));
    }
  }
  static constexpr void write_word(unsigned char* p, unsigned bytes, addr v) noexcept {
    switch (bytes) {
      case 1: return write_int<Load::byte_order>(p, static_cast<std::uint8_t>(v));
      case 2: return write_int<Load::byte_order>(p, static_cast<std::uint16_t>(v));
      case 4: return write_int<Load::byte_order>(p, static_cast<std::uint32_t>(v));
      default: return write_int<Load::byte_order>(p, static_cast<std::uint64_t>(v));
    }
  }
  template <class Word>
  static constexpr addr sign_extended(Word w) noexcept {
    return static_cast<addr>(static_cast<std::int64_t>(static_cast<std::make_signed_t<Word>>(w)));
  }
};

}  // namespace relo
