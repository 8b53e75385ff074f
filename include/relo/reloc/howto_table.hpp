// A machine's rows as a loader keeps them: three bytes each, what repeats taken out.
#pragma once

#include <relo/reloc/machine.hpp>

namespace relo {

/// The table by which relocations are applied. It is all known at compile time but for the row
/// that a record asks for; so what no row has leaves no code, and what all rows share no data.
template <class Machine>
class howto_table {
  using addr = typename Machine::format::addr;
  static constexpr unsigned addr_bits = 8 * sizeof(addr);
  static constexpr std::size_t count = detail::howto_count<Machine>;

  /// How a value is checked and written.
  struct coding {
    field where{};
    overflow check{};
    howto_kind kind{};
    constexpr bool operator==(const coding&) const noexcept = default;
  };
  template <class T, std::size_t N>
  struct distinct {
    std::array<T, N> values{};
    std::size_t count = 0;
    constexpr std::uint8_t number_of(const T& value) {
      std::size_t i = 0;
      while (i < count && !(values[i] == value)) ++i;
      if (i == count) values[count++] = value;
      return static_cast<std::uint8_t>(i);
    }
  };

  /// A word that a little-endian machine writes is a field of one part.
  static constexpr field as_parts(field f) {
    if (f.parts[0].width == 0 && f.bytes <= 4 &&
        Machine::format::byte_order == std::endian::little)
      f.parts[0] = {0, static_cast<std::uint8_t>(8 * f.bytes), 0};
    return f;
  }
  static constexpr coding coding_of(const howto& h) {
    if (h.kind != howto_kind::apply) return {.kind = h.kind};
    return {as_parts(h.where), h.where.bits < addr_bits ? h.check : overflow::dont, h.kind};
  }
  static constexpr auto codings = [] {
    distinct<coding, count> out;
    for (const howto& h : Machine::howtos) out.number_of(coding_of(h));
    return out;
  }();
  /// An expression without its P; L is S until a veneer is made.
  static constexpr expression common_part(expression e) {
    e.s = static_cast<signed char>(e.s + e.l);
    e.l = e.p = 0;
    return e;
  }
  static constexpr auto expressions = [] {
    distinct<expression, count> out;
    for (const howto& h : Machine::howtos)
      if (h.kind == howto_kind::apply) out.number_of(common_part(h.value));
    return out;
  }();
  static constexpr std::uint32_t last_type = [] {
    std::uint32_t last = 0;
    for (const howto& h : Machine::howtos) last = h.type > last ? h.type : last;
    return last;
  }();

 public:
  struct row {
    std::conditional_t<(last_type < 256), std::uint8_t, std::uint16_t> type = 0;
    std::uint8_t coding = 0;
    std::uint8_t flags = 0;  ///< is_branch, is_pc_relative, number of the expression

    constexpr bool is_branch() const noexcept { return (flags & 1) != 0; }
    constexpr bool is_pc_relative() const noexcept { return (flags & 2) != 0; }
    constexpr std::size_t expression() const noexcept { return flags >> 2; }
  };

 private:
  static constexpr std::array<row, count> rows = [] {
    std::array<row, count> out{};
    auto c = codings;
    auto e = expressions;
    for (std::size_t i = 0; i < count; ++i) {
      const howto& h = Machine::howtos[i];
      const int terms = h.kind != howto_kind::apply ? 0
                                                    : (h.value.l != 0 ? 1 : 0) | (h.value.p != 0 ? 2 : 0) |
                                                          e.number_of(common_part(h.value)) << 2;
      out[i] = {static_cast<decltype(row::type)>(h.type), c.number_of(coding_of(h)),
                static_cast<std::uint8_t>(terms)};
    }
    return out;
  }();

  /// A property of the codings as a table of bytes, or as a constant.
  template <auto Get>
  static constexpr auto values = [] {
    std::array<std::uint8_t, codings.count> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(Get(codings.values[i]));
    return out;
  }();
  /// What is not applied has no properties but its kind, and agrees with anything.
  template <auto Get>
  static constexpr bool uniform = [] {
    for (std::size_t i = 0; i < codings.count; ++i)
      if (codings.values[i].kind == howto_kind::apply &&
          Get(codings.values[i]) != Get(codings.values[0]))
        return false;
    return true;
  }();
  template <auto Get>
  static constexpr std::uint8_t column(std::size_t c) noexcept {
    if constexpr (uniform<Get>) return static_cast<std::uint8_t>(Get(codings.values[0]));
    else return values<Get>[c];
  }
  /// A property that few codings have.
  template <auto Get>
  static constexpr std::uint32_t rarely(std::size_t c) noexcept {
    std::uint32_t out = 0;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((Get(codings.values[I]) != 0 && c == I ? void(out = Get(codings.values[I])) : void()), ...);
    }(std::make_index_sequence<codings.count>{});
    return out;
  }

  static constexpr bool has_check(overflow o) {
    for (std::size_t i = 0; i < codings.count; ++i)
      if (codings.values[i].check == o) return true;
    return false;
  }
  static constexpr bool is_word(const coding& c) {
    return c.kind == howto_kind::apply && c.where.parts[0].width == 0;
  }
  static constexpr std::size_t parts_before(std::size_t c) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < c; ++i)
      for (const part& p : codings.values[i].where.parts) n += p.width != 0 ? 1 : 0;
    return n;
  }
  static constexpr auto first_part = [] {
    std::array<std::uint8_t, codings.count + 1> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(parts_before(i));
    return out;
  }();
  static constexpr auto parts = [] {
    std::array<std::uint16_t, parts_before(codings.count) + 1> out{};
    std::size_t n = 0;
    for (std::size_t i = 0; i < codings.count; ++i)
      for (const part& p : codings.values[i].where.parts)
        if (p.width != 0)
          out[n++] = static_cast<std::uint16_t>(p.value | (p.width - 1) << 5 | p.place << 10);
    return out;
  }();

 public:
  /// The row of a type, or null.
  static constexpr const row* find(std::uint32_t type) noexcept {
    for (const row& r : rows)
      if (r.type == type) return &r;
    return nullptr;
  }

  /// What codings differ in, by the number of a coding.
  static constexpr howto_kind kind(std::size_t c) noexcept {
    return static_cast<howto_kind>(values<[](const coding& k) { return k.kind; }>[c]);
  }
  static constexpr overflow check(std::size_t c) noexcept {
    return static_cast<overflow>(column<[](const coding& k) { return k.check; }>(c));
  }
  static constexpr unsigned bytes(std::size_t c) noexcept {
    return column<[](const coding& k) { return k.where.bytes; }>(c);
  }
  static constexpr unsigned bits(std::size_t c) noexcept {
    return column<[](const coding& k) { return k.where.bits; }>(c);
  }
  static constexpr unsigned shift(std::size_t c) noexcept {
    return rarely<[](const coding& k) -> std::uint32_t { return k.where.shift; }>(c);
  }
  /// Whether that field has parts in two words.
  static constexpr bool is_pair(std::size_t c) noexcept {
    return rarely<[](const coding& k) {
             return static_cast<std::uint32_t>(k.where.bytes == 8 && !is_word(k));
           }>(c) != 0;
  }
  static constexpr std::uint32_t invert(std::size_t c) noexcept {
    return rarely<[](const coding& k) { return k.where.invert; }>(c);
  }
  static constexpr std::uint32_t round(std::size_t c) noexcept {
    return rarely<[](const coding& k) { return k.where.round; }>(c);
  }
  static constexpr std::uint32_t plus(std::size_t c) noexcept {
    return rarely<[](const coding& k) { return k.where.plus; }>(c);
  }
  static constexpr std::uint32_t minus(std::size_t c) noexcept {
    return rarely<[](const coding& k) { return k.where.minus; }>(c);
  }
  /// The part of it that may make a value overflow.
  static constexpr std::uint32_t checked_round(std::size_t c) noexcept {
    return rarely<[](const coding& k) { return k.check == overflow::dont ? 0 : k.where.round; }>(c);
  }
  /// Whether that field is a word in the machine's own byte order; whether some, or all, are.
  static constexpr bool is_word(std::size_t c) noexcept {
    return has_words && first_part[c] == first_part[c + 1];
  }
  static constexpr bool has_words = [] {
    for (std::size_t i = 0; i < codings.count; ++i)
      if (is_word(codings.values[i])) return true;
    return false;
  }();

  /// Calls f(value, width, place) for each part of a field.
  template <class F>
  [[gnu::always_inline]] static constexpr void for_each_part(std::size_t c, F&& f) noexcept {
    const std::size_t end = first_part[c + 1];
    for (std::size_t i = first_part[c]; i < end; ++i) {
      const unsigned p = parts[i];
      f(p & 31, (p >> 5 & 31) + 1, p >> 10);
    }
  }

  /// Calls f.operator()<E>() with the row's expression, L being S and without its P.
  template <class F>
  [[gnu::always_inline]] static constexpr void with_expression(const row& r, F&& f) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (void)((I + 1 == sizeof...(I) || r.expression() == I
                  ? (f.template operator()<expressions.values[I]>(), true)
                  : false) ||
             ...);
    }(std::make_index_sequence<expressions.count>{});
  }
  /// Whether v passes the check of a coding.
  static constexpr bool fits(std::size_t c, addr v) noexcept {
    const overflow o = check(c);
    const unsigned n = bits(c);
    v = static_cast<addr>(v + checked_round(c));
    bool out = o == overflow::dont;
    [&]<overflow... O>(std::integer_sequence<overflow, O...>) {
      ((has_check(O) && o == O ? void(out = relo::fits<O>(n, v)) : void()), ...);
    }(std::integer_sequence<overflow, overflow::bitfield, overflow::signed_,
                            overflow::unsigned_, overflow::magnitude>{});
    return out;
  }
  /// Whether its value is that of an upper part.
  static constexpr bool is_lower_part(const row& r) noexcept {
    bool out = false;
    with_expression(r, [&]<expression E>() { out = E.hi != 0; });
    return out;
  }
  /// Whether another relocation may have the lower bits of such a one's value.
  static constexpr bool is_upper_part(std::uint32_t type) noexcept {
    return with_howto<Machine>(type, false, []<std::size_t I>() {
      constexpr howto h = Machine::howtos[I];
      constexpr bool is_upper = h.value.p < 0 && h.where == Machine::upper_field;
      return is_upper;
    });
  }
};

}  // namespace relo
