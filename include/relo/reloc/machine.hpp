// A machine: what an architecture header tells the loader.
#pragma once

#include <relo/base/fixed_string.hpp>
#include <relo/base/role.hpp>
#include <relo/elf/format.hpp>
#include <relo/reloc/howto.hpp>

#include <array>
#include <utility>

namespace relo {

namespace detail {

// Not constexpr on purpose: the message of a misspelt name.
inline void no_such_relocation_type() {}

template <class Machine>
consteval howto howto_named(const char* name) {
  for (const howto& h : Machine::howtos)
    if (same(h.name, name)) return h;
  no_such_relocation_type();
  return {};
}

template <class Machine>
inline constexpr std::size_t howto_count = std::size(Machine::howtos);

/// Whether any row's expression has a term for which `has(expression)` holds.
template <class Machine, class Has>
consteval bool any_howto(Has has) {
  for (const howto& h : Machine::howtos)
    if (h.kind == howto_kind::apply && has(h.value)) return true;
  return false;
}

template <class Machine>
consteval bool has_kind(howto_kind kind) {
  for (const howto& h : Machine::howtos)
    if (h.kind == kind) return true;
  return false;
}

}  // namespace detail

/// The machine of which one has some relocation types only, with all of them.
template <class Machine>
struct whole_machine {
  using type = Machine;
};
template <class Machine>
  requires requires { typename Machine::whole; }
struct whole_machine<Machine> {
  using type = typename Machine::whole;
};

/// A machine with only the named relocation types: no other is compiled in, and an object that
/// has one is refused; where errors have words, with the reason, for which all types are named.
/// only<arch::x86_64, "R_X86_64_64", "R_X86_64_PLT32">
template <class Machine, fixed_string... Names>
struct only : Machine {
  using whole = typename whole_machine<Machine>::type;
  static constexpr std::array<howto, sizeof...(Names)> howtos{
      detail::howto_named<Machine>(Names.s)...};
};

/// A machine whose branches are known to reach: L is S, no veneer is ever reserved.
template <class Machine>
struct without_veneers : Machine {
  static constexpr auto howtos = [] {
    std::array<howto, detail::howto_count<Machine>> rows{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = Machine::howtos[i];
      rows[i].value.s = static_cast<signed char>(rows[i].value.s + rows[i].value.l);
      rows[i].value.l = 0;
    }
    return rows;
  }();
};

/// A machine for which loaders of a plain_object read compact relocations, too (SHT_CREL); others
/// do so for every machine.
template <class Machine>
struct with_crel : Machine {
  static constexpr bool crel = true;
};

/// A set of relocation types below 64: those whose row satisfies a predicate.
template <class Machine, class Has>
consteval std::uint64_t types_where(Has has) {
  std::uint64_t set = 0;
  for (const howto& h : Machine::howtos)
    if (h.type < 64 && h.kind == howto_kind::apply && has(h)) set |= std::uint64_t{1} << h.type;
  return set;
}
constexpr bool in_set(std::uint64_t set, std::uint32_t type) noexcept {
  return type < 64 && (set >> type & 1) != 0;
}

/// Whether any row's expression has that term: uses_term<arch::x86_64, &expression::got>.
template <class Machine, auto Term>
inline constexpr bool uses_term =
    detail::any_howto<Machine>([](const expression& e) { return e.*Term != 0; });
template <class Machine>
inline constexpr bool uses_got =
    uses_term<Machine, &expression::g> || uses_term<Machine, &expression::got>;
template <class Machine>
inline constexpr bool uses_veneers = uses_term<Machine, &expression::l>;

/// The st_shndx of a machine's own common symbols, beside SHN_COMMON; or that, if it has none.
template <class Machine>
inline constexpr std::uint32_t large_common = [] {
  if constexpr (requires { Machine::large_common; }) return Machine::large_common;
  else return elf::shn::common;
}();

/// What a processor's psABI says of its objects. All of it is static.
///  - format is the ELF layout, machine the e_machine, and rela says whether records are Elf_Rela.
///  - accepts(e_flags) says whether an object of that ABI can be loaded.
///  - howtos is an array of howto, one row for each relocation type, the frequent ones first.
///  - got_entry is the number of bytes of a GOT slot.
/// If any row has an L, there are veneers: stubs that jump to any address, and change no register
/// that a caller may rely on.
///  - veneer_size and veneer_align are the bytes of one and what its address is a multiple of.
///  - write_veneer(bytes, address, target) writes one that runs at that address.
///  - is_veneer_for(bytes, target) says whether the veneer that stands there jumps to the target.
/// If any row has a HI,
///  - upper_field is the field of upper parts.
/// It may have,
///  - large_common, the st_shndx of common symbols that code reaches at any distance;
///  - refused, an array of refused_type, for types that the psABI has and no row describes;
///  - attributes<Machine>, if its objects have build attributes. elf::read_attributes() tells it
///    what they say. verdict(e_flags) is an errc on all that was told; where that depends on
///    symbols, looks_at_symbols() says so, and see_symbol(type, value, name) is an errc on each. Of
///    what the verdict refuses, refused() is the name and value() the number.
///  - crel, true if small loaders, too, are to read compact relocations; see with_crel;
///  - whole, of a machine that has some types only, the one with all of them; see only.
template <class M>
concept machine = requires(std::uint32_t flags) {
  typename M::format::addr;
  { M::machine } -> std::convertible_to<std::uint16_t>;
  { M::rela } -> std::convertible_to<bool>;
  { M::howtos[0] } -> std::convertible_to<howto>;
  { M::got_entry } -> std::convertible_to<std::size_t>;
  { M::accepts(flags) } -> std::same_as<bool>;
} && (!uses_veneers<M> || requires(unsigned char* bytes, typename M::format::addr a) {
                    { M::veneer_size } -> std::convertible_to<std::size_t>;
                    { M::veneer_align } -> std::convertible_to<std::size_t>;
                    M::write_veneer(bytes, a, a);
                    { M::is_veneer_for(bytes, a) } -> std::same_as<bool>;
                  }) && (!uses_term<M, &expression::hi> || requires {
                    { M::upper_field } -> std::convertible_to<field>;
                  });

/// Whether that machine's objects say in attributes what they are for.
template <class Machine>
concept has_attributes = requires { typename Machine::template attributes<Machine>; };

/// Calls f.operator()<I>() for the row of that type; errc-like `otherwise` if there is none.
/// Compiles to a switch.
template <class Machine, class Result, class F>
constexpr Result with_howto(std::uint32_t type, Result otherwise, F&& f) noexcept {
  Result result = otherwise;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)((type == std::integral_constant<std::uint32_t, Machine::howtos[I].type>::value &&
            ((result = f.template operator()<I>()), true)) ||
           ...);
  }(std::make_index_sequence<detail::howto_count<Machine>>{});
  return result;
}

}  // namespace relo
