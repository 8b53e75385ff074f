// A machine's rows as a loader keeps them: a word each, what repeats taken out.
#pragma once

#include <relo/reloc/machine.hpp>

namespace relo {

namespace detail {
// Not constexpr on purpose: the message of a field that a table cannot describe.
inline void fields_have_no_gaps() {}
}  // namespace detail

/// The table by which relocations are applied: for each type one word, in which each property of
/// a howto has the bits that it needs. It is all known at compile time but for the row that a
/// record asks for; so what no row has leaves no code, and what all rows share no data.
template <class Machine>
class howto_table {
  using addr = typename Machine::format::addr;
  static constexpr unsigned addr_bits = 8 * sizeof(addr);
  static constexpr std::size_t count = detail::howto_count<Machine>;

  template <class T>
  struct distinct {
    std::array<T, detail::howto_count<Machine>> values{};
    std::size_t size = 0;
    constexpr std::uint32_t number_of(const T& value) {
      std::size_t i = 0;
      while (i < size && !(values[i] == value)) ++i;
      if (i == size) values[size++] = value;
      return static_cast<std::uint32_t>(i);
    }
  };

  /// An expression without its P; L is S until a veneer is made.
  static constexpr expression common_part(expression e) {
    e.s = static_cast<signed char>(e.s + e.l);
    e.l = e.p = 0;
    return e;
  }
  static constexpr auto expressions = [] {
    distinct<expression> out;
    for (const howto& h : Machine::howtos)
      if (h.kind == howto_kind::apply) out.number_of(common_part(h.value));
    return out;
  }();

  using part_list = std::array<part, 8>;
  static constexpr std::uint32_t number_of_parts(const part_list& list) {
    std::uint32_t n = 0;
    for (const part& p : list) n += p.width != 0 ? 1 : 0;
    return n;
  }
  /// From the value's lowest part to its highest. No field leaves out bits between them.
  static constexpr part_list sorted(part_list list) {
    for (std::size_t i = 1; i < list.size(); ++i)
      for (std::size_t k = i; k != 0 && list[k].width != 0 && list[k].value < list[k - 1].value;
           --k) {
        const part lower = list[k];
        list[k] = list[k - 1];
        list[k - 1] = lower;
      }
    return list;
  }
  static constexpr auto part_lists = [] {
    distinct<part_list> out;
    out.number_of({});
    for (const howto& h : Machine::howtos)
      if (h.kind == howto_kind::apply) out.number_of(sorted(h.where.parts));
    return out;
  }();
  static constexpr std::uint32_t parts_before(std::size_t list) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < list; ++i) n += number_of_parts(part_lists.values[i]);
    return n;
  }
  /// Of each: its width, its place, and whether it is the last of its field. The first is none.
  static constexpr std::uint16_t last_part = 1U << 15;
  static constexpr auto parts = [] {
    std::array<std::uint16_t, parts_before(part_lists.size) + 1> out{};
    std::size_t n = 1;
    for (std::size_t i = 1; i < part_lists.size; ++i) {
      const auto& list = part_lists.values[i];
      for (std::size_t k = 0; k < number_of_parts(list); ++k) {
        const part p = list[k], next = k + 1 < list.size() ? list[k + 1] : part{};
        const bool last = next.width == 0;
        if (p.width >= 32 || (!last && p.value + p.width != next.value))
          detail::fields_have_no_gaps();
        out[n++] = static_cast<std::uint16_t>(p.width | p.place << 5 | (last ? last_part : 0));
      }
    }
    return out;
  }();

  /// What rows differ in.
  enum class property {
    type,
    kind,
    check,
    log2_bytes,
    unused,       ///< bits of an address that the value has not
    below_parts,  ///< bits of the value that are below its parts
    above_parts,  ///< and above
    first_part,   ///< 0: none
    expression,
    pc_relative,
    branch,
    shift,
    invert,
    invert_by,  ///< number of the bit that says whether
    round,
    checked_round,  ///< the part of it that may make a value overflow
    plus,
    minus
  };

  /// Of a field that has bits to be inverted; others agree with the first that has.
  static constexpr std::uint32_t sign_bit(const field& f) {
    if (f.invert != 0) return f.bits - 1U;
    for (const howto& h : Machine::howtos)
      if (h.where.invert != 0) return h.where.bits - 1U;
    return 0;
  }
  /// What all shifts are a multiple of.
  static constexpr unsigned shift_unit = [] {
    unsigned unit = 32;
    for (const howto& h : Machine::howtos)
      while (h.where.shift % unit != 0) unit /= 2;
    return unit;
  }();
  static constexpr std::uint32_t value_of(property p, const howto& h) {
    const field& f = h.where;
    const overflow check = f.bits < addr_bits ? h.check : overflow::dont;
    switch (p) {
      case property::type: return h.type;
      case property::kind: return static_cast<std::uint32_t>(h.kind);
      case property::check: return static_cast<std::uint32_t>(check);
      case property::log2_bytes: return static_cast<std::uint32_t>(std::bit_width(f.bytes) - 1);
      case property::unused: return addr_bits - f.bits;
      case property::below_parts: return sorted(f.parts)[0].value;
      case property::above_parts: {
        std::uint32_t above =
            number_of_parts(f.parts) == 0 ? 0 : f.bits - value_of(property::below_parts, h);
        for (const part& part : f.parts) above -= above == 0 ? 0 : part.width;
        return above;
      }
      case property::first_part: {
        auto lists = part_lists;
        const std::uint32_t list = lists.number_of(sorted(f.parts));
        return list == 0 ? 0 : parts_before(list) + 1;
      }
      case property::expression: {
        auto e = expressions;
        return e.number_of(common_part(h.value));
      }
      case property::pc_relative: return h.value.p != 0;
      case property::branch: return h.value.l != 0;
      case property::shift: return f.shift / shift_unit;
      case property::invert: return f.invert;
      case property::invert_by: return sign_bit(f);
      case property::round: return f.round;
      case property::checked_round: return check == overflow::dont ? 0 : f.round;
      case property::plus: return f.plus;
      case property::minus: return f.minus;
    }
    return 0;
  }
  /// What is not applied has no properties but its type and kind, and agrees with anything.
  static constexpr std::uint32_t column(property p, const howto& h) {
    if (h.kind == howto_kind::apply || p == property::type || p == property::kind)
      return value_of(p, h);
    for (const howto& other : Machine::howtos)
      if (other.kind == howto_kind::apply) return value_of(p, other);
    return 0;
  }

  template <property P>
  static constexpr auto values = [] {
    distinct<std::uint32_t> out;
    for (const howto& h : Machine::howtos) out.number_of(column(P, h));
    return out;
  }();
  /// Numbers stand in a row as they are; the other properties as the number of their value.
  template <property P>
  static constexpr bool is_number =
      P == property::type || P == property::unused || P == property::first_part ||
      P == property::expression || P == property::log2_bytes || P == property::shift;
  template <property P>
  static constexpr unsigned width = []() -> unsigned {
    if (values<P>.size == 1) return 0;
    std::uint32_t most = static_cast<std::uint32_t>(values<P>.size - 1);
    if constexpr (is_number<P>)
      for (std::size_t i = 0; i < values<P>.size; ++i)
        most = values<P>.values[i] > most ? values<P>.values[i] : most;
    const auto bits = static_cast<unsigned>(std::bit_width(most));
    return P == property::type ? (bits + 7) / 8 * 8 : bits;  // loaded alone
  }();
  template <int... Before>
  static constexpr unsigned sum_of_widths(std::integer_sequence<int, Before...>) {
    return (0U + ... + width<static_cast<property>(Before)>);
  }
  /// Number of the lowest bit.
  template <property P>
  static constexpr unsigned position =
      sum_of_widths(std::make_integer_sequence<int, static_cast<int>(P)>{});
  static constexpr unsigned row_bits = position<property::minus> + width<property::minus>;

 public:
  using row = std::conditional_t<(row_bits <= 32), std::uint32_t, std::uint64_t>;
  static_assert(row_bits <= 8 * sizeof(row));

 private:
  template <property P>
  static constexpr row put(const howto& h) {
    auto numbers = values<P>;
    const std::uint32_t value = column(P, h);
    return static_cast<row>(row{width<P> == 0  ? 0
                                : is_number<P> ? value
                                               : numbers.number_of(value)}
                            << position<P>);
  }
  template <int... P>
  static constexpr row make_row(const howto& h, std::integer_sequence<int, P...>) {
    return (put<static_cast<property>(P)>(h) | ...);
  }
  static constexpr auto rows = [] {
    std::array<row, count> out{};
    for (std::size_t i = 0; i < count; ++i)
      out[i] = make_row(Machine::howtos[i],
                        std::make_integer_sequence<int, static_cast<int>(property::minus) + 1>{});
    return out;
  }();

  template <property P>
  [[gnu::always_inline]] static constexpr std::uint32_t get(row r) noexcept {
    if constexpr (width<P> == 0) {
      return values<P>.values[0];
    } else {
      const auto bits = static_cast<std::uint32_t>(r >> position<P>) &
                        static_cast<std::uint32_t>((std::uint64_t{1} << width<P>)-1);
      if constexpr (is_number<P>) {
        return bits;
      } else {
        std::uint32_t out = values<P>.values[0];
        [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
          ((bits == I
                ? void(out = std::integral_constant<std::uint32_t, values<P>.values[I]>::value)
                : void()),
           ...);
        }(std::make_index_sequence<values<P>.size>{});
        return out;
      }
    }
  }
  template <property P>
  static constexpr bool has(std::uint32_t value) {
    for (std::size_t i = 0; i < values<P>.size; ++i)
      if (values<P>.values[i] == value) return true;
    return false;
  }

 public:
  /// The row of a type, or null.
  static constexpr const row* find(std::uint32_t type) noexcept {
    for (const row& r : rows)
      if (get<property::type>(r) == type) return &r;
    return nullptr;
  }

  [[gnu::always_inline]] static constexpr howto_kind kind(row r) noexcept {
    return static_cast<howto_kind>(get<property::kind>(r));
  }
  static constexpr bool is_branch(row r) noexcept { return get<property::branch>(r) != 0; }
  static constexpr bool is_pc_relative(row r) noexcept {
    return get<property::pc_relative>(r) != 0;
  }
  static constexpr unsigned bytes(row r) noexcept { return 1U << get<property::log2_bytes>(r); }
  static constexpr unsigned bits(row r) noexcept { return addr_bits - get<property::unused>(r); }
  static constexpr unsigned shift(row r) noexcept { return get<property::shift>(r) * shift_unit; }
  [[gnu::always_inline]] static constexpr std::uint32_t invert(row r) noexcept {
    return get<property::invert>(r);
  }
  static constexpr unsigned invert_by(row r) noexcept { return get<property::invert_by>(r); }
  static constexpr std::uint32_t round(row r) noexcept { return get<property::round>(r); }
  static constexpr std::uint32_t plus(row r) noexcept { return get<property::plus>(r); }
  static constexpr std::uint32_t minus(row r) noexcept { return get<property::minus>(r); }
  static constexpr bool has_parts(row r) noexcept { return get<property::first_part>(r) != 0; }
  static constexpr unsigned below_parts(row r) noexcept { return get<property::below_parts>(r); }
  static constexpr unsigned above_parts(row r) noexcept { return get<property::above_parts>(r); }
  /// Whether the field is a word of the machine's, and not just a little-endian one of 32 bits or
  /// less, which is a field of no parts.
  static constexpr bool is_word(row r) noexcept { return any_word && !has_parts(r); }
  static constexpr bool any_word = [] {
    for (const howto& h : Machine::howtos)
      if (h.kind == howto_kind::apply && number_of_parts(h.where.parts) == 0 &&
          (h.where.bytes == 8 || Machine::format::byte_order == std::endian::big))
        return true;
    return false;
  }();
  /// Whether what stands in a place is asked for where it stands in parts.
  static constexpr bool extracts_parts = [] {
    for (const howto& h : Machine::howtos)
      if (h.kind == howto_kind::apply && (!Machine::rela || h.value.v != 0) &&
          number_of_parts(h.where.parts) != 0)
        return true;
    return false;
  }();
  /// Whether the field has parts in two words.
  static constexpr bool is_pair(row r) noexcept {
    if constexpr (has<property::log2_bytes>(3)) return bytes(r) == 8 && !is_word(r);
    return false;
  }

  /// Calls f(width, place) for each part of the field, which has some, from the value's lowest to
  /// its highest.
  template <class F>
  [[gnu::always_inline]] static constexpr void for_each_part(row r, F&& f) noexcept {
    const std::uint16_t* p = parts.data() + get<property::first_part>(r);
    std::uint32_t now = 0;
    do {
      now = *p++;
      f(now & 31U, now >> 5 & 63U);
    } while ((now & last_part) == 0);
  }

  /// Calls f.operator()<E>() with the row's expression, L being S and without its P.
  template <class F>
  [[gnu::always_inline]] static constexpr void with_expression(row r, F&& f) noexcept {
    const std::uint32_t number = get<property::expression>(r);
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
      (void)((I + 1 == sizeof...(I) || number == I
                  ? (f.template operator()<expressions.values[I]>(), true)
                  : false) ||
             ...);
    }(std::make_index_sequence<expressions.size>{});
  }
  static constexpr std::size_t kinds_of_checks = values<property::check>.size;
  /// Whether v passes the check of a row.
  [[gnu::always_inline]] static constexpr bool fits(row r, addr v) noexcept {
    const auto check = static_cast<overflow>(get<property::check>(r));
    v = static_cast<addr>(v + get<property::checked_round>(r));
    bool out = check == overflow::dont;
    const auto try_check = [&]<overflow O>() __attribute__((always_inline)) {
      if (has<property::check>(static_cast<std::uint32_t>(O)) && check == O)
        out = relo::fits<O>(bits(r), v);
    };
    try_check.template operator()<overflow::bitfield>();
    try_check.template operator()<overflow::signed_>();
    try_check.template operator()<overflow::unsigned_>();
    try_check.template operator()<overflow::magnitude>();
    return out;
  }
  /// Whether its value is that of an upper part.
  [[gnu::always_inline]] static constexpr bool is_lower_part(row r) noexcept {
    bool out = false;
    with_expression(r, [&]<expression E>() __attribute__((always_inline)) { out = E.hi != 0; });
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
