// One relocation, applied: bounds, value, overflow, write.
#pragma once

#include <relo/load_info.hpp>

namespace relo {

/// A section that is being relocated.
template <class Load>
struct relocated_section {
  using machine = typename Load::machine;
  using addr = typename Load::addr;

  Load& load;
  std::span<unsigned char> bytes;
  addr address;
  addr refused = 0;  ///< the value that did not fit, after errc::relocation_overflow

  /// Applies one record. Writes inside `bytes` or not at all.
  template <class Record>
  constexpr errc apply(const Record& r) noexcept {
    if (r.r_sym() >= load.values.size()) return errc::relocation_symbol_out_of_range;
    // A mispredicted branch on the type costs more than the rest of a relocation. Where flash
    // is not counted in bytes, types that differ from the first row's in P alone share a path.
    if constexpr (machine::format::is_64 && machine::rela)
      if (in_set(shared_path, r.r_type()) && apply_shared(r)) return errc::ok;
    return with_howto<machine>(r.r_type(), errc::unknown_relocation,
                               [&]<std::size_t I>() { return apply_row<I>(r); });
  }

 private:
  static constexpr howto first = machine::howtos[0];
  static constexpr std::uint64_t shared_path = types_where<machine>([](const howto& h) {
    const expression e{.s = 1, .a = 1, .p = h.value.p}, branch{.a = 1, .p = h.value.p, .l = 1};
    return h.where == first.where && h.check == first.check &&
           (h.value == e || h.value == branch) && h.value.p <= 0;
  });
  static constexpr std::uint64_t pc_relative =
      types_where<machine>([](const howto& h) { return h.value.p == -1; });

  constexpr bool inside(addr offset, std::size_t size) const noexcept {
    return offset <= bytes.size() && size <= bytes.size() - offset;
  }

  /// S + A or S + A - P; false, and nothing written, where the row has more to say about it.
  template <class Record>
  constexpr bool apply_shared(const Record& r) noexcept {
    const addr offset = r.r_offset();
    if (!inside(offset, first.where.bytes)) return false;
    const addr p = static_cast<addr>(address + offset) &
                   static_cast<addr>(0 - (pc_relative >> r.r_type() & 1));
    const addr value = static_cast<addr>(load.values[r.r_sym()] + r.r_addend() - p);
    if (!fits<first.check, first.where.bits>(value)) return false;
    write<first.where.bytes>(bytes.data() + static_cast<std::size_t>(offset), value);
    return true;
  }

  template <std::size_t Row, class Record>
  constexpr errc apply_row(const Record& r) noexcept {
    constexpr howto h = machine::howtos[Row];
    if constexpr (h.kind == howto_kind::none) return errc::ok;
    else if constexpr (h.kind == howto_kind::tls) return errc::tls_relocation;
    else if constexpr (h.kind == howto_kind::dynamic) return errc::dynamic_relocation;
    else {
      const addr offset = r.r_offset();
      if (!inside(offset, h.where.bytes)) return errc::relocation_out_of_section;
      unsigned char* const place = bytes.data() + static_cast<std::size_t>(offset);

      const std::uint32_t symbol = r.r_sym();
      operands<addr> o{.S = load.values[symbol], .P = static_cast<addr>(address + offset)};
      if constexpr (machine::rela) o.A = r.r_addend();
      else o.A = implicit_addend<h.where.bytes>(place);
      o.L = o.S;
      if constexpr (h.value.z != 0) o.Z = load.image.symbol(symbol).st_size();
      if constexpr (h.value.got != 0) o.GOT = load.address_of(load.got);
      if constexpr (h.value.g != 0)
        if (!got_slot(symbol, o)) return errc::relocation_needs_stub;

      addr value = evaluate<h.value>(o);
      if constexpr (h.value.l != 0)
        if (!fits<h.check, h.where.bits>(value) && veneer(symbol, o)) value = evaluate<h.value>(o);
      if (!fits<h.check, h.where.bits>(value)) {
        refused = value;
        return errc::relocation_overflow;
      }
      write<h.where.bytes>(place, value);
      return errc::ok;
    }
  }

  /// G, with the slot filled; the same symbol's slot is filled the same way each time.
  constexpr bool got_slot(std::uint32_t symbol, operands<addr>& o) noexcept {
    if (!load.stub.has_got_slot(symbol)) return false;
    o.G = static_cast<addr>(load.stub.got_slot(symbol) * machine::got_entry);
    const auto slot =
        load.bytes_at({load.got.type, static_cast<addr>(load.got.offset + o.G)}, sizeof(addr));
    if (slot.empty()) return false;
    load.store_word(slot.data(), o.S);
    return true;
  }

  /// L, with the veneer written.
  constexpr bool veneer(std::uint32_t symbol, operands<addr>& o) noexcept {
    if (!load.stub.has_veneer(symbol)) return false;
    const place<addr> at{
        load.veneers.type,
        static_cast<addr>(load.veneers.offset + load.stub.veneer(symbol) * machine::veneer_size)};
    const auto code = load.bytes_at(at, machine::veneer_size);
    if (code.empty()) return false;
    o.L = load.address_of(at);
    machine::write_veneer(code.data(), o.L, o.S);
    return true;
  }

  template <unsigned Bytes>
  using uint = std::conditional_t<
      Bytes == 1, std::uint8_t,
      std::conditional_t<Bytes == 2, std::uint16_t,
                         std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t>>>;

  /// Elf_Rel: the addend is what stands in the place, sign-extended.
  template <unsigned Bytes>
  static constexpr addr implicit_addend(const unsigned char* place) noexcept {
    using sint = std::make_signed_t<uint<Bytes>>;
    return static_cast<addr>(static_cast<std::int64_t>(
        static_cast<sint>(relo::load<uint<Bytes>, Load::byte_order>(place))));
  }
  template <unsigned Bytes>
  static constexpr void write(unsigned char* place, addr value) noexcept {
    store<Load::byte_order>(place, static_cast<uint<Bytes>>(value));
  }
};

}  // namespace relo
