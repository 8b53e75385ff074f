// What compilers call unasked, as a table of exports: a switch on a Cortex-M0 wants
// __gnu_thumb1_case_uqi, a division of 64 bits __aeabi_uldivmod, -msave-restore __riscv_save_0.
// The names of a target are in relo/runtime/.
#pragma once

#include <relo/symbol/export_table.hpp>

namespace relo {

namespace runtime {

/// A function of the compiler's library, whatever its arguments. Plugins call it, and nobody else.
struct helper {
  const char* name;
  void (*function)();
};

// A name that the compiler's library has, less the two underscores that it begins with, is written
// once: RELO_HELPER(divdi3). By a name that a compiler calls otherwise:
// {"__aeabi_h2f", RELO_HELPER_FUNCTION(gnu_h2f_ieee)}.
#define RELO_HELPER(of) {"__" #of, RELO_HELPER_FUNCTION(of)}
#define RELO_HELPER_FUNCTION(of)                                                                   \
  [] {                                                                                             \
    void of() noexcept __asm__("__" #of);                                                          \
    return static_cast<void (*)()>(&of);                                                           \
  }()

}  // namespace runtime

namespace detail {

template <class... Families>
inline constexpr auto helpers_of = [] {
  std::array<runtime::helper, (std::size_t{0} + ... + std::size(Families::helpers))> out{};
  std::size_t n = 0;
  const auto add = [&](const auto& of) {
    for (const runtime::helper& h : of) out[n++] = h;
  };
  (add(Families::helpers), ...);
  return out;
}();

template <const auto& Helpers, std::size_t... I>
consteval auto export_helpers(std::index_sequence<I...>) {
  using table = export_table<export_kind::plain, sizeof...(I), any_pointer<void (*)()>>;
  return table{std::array<typename table::entry, sizeof...(I)>{
      typename table::entry{Helpers[I].name, Helpers[I].function}...}};
}

}  // namespace detail

/// The helpers of those families, sorted by the compiler, in flash: 8 bytes each, and what the
/// compiler's library has behind the name. Of others nothing is linked.
///
///     constexpr auto& helpers = relo::runtime_exports<relo::runtime::arm::switches,
///                                                     relo::runtime::arm::division>;
///     constexpr relo::symbols symbols{table, helpers};
template <class... Families>
inline constexpr auto runtime_exports = detail::export_helpers<detail::helpers_of<Families...>>(
    std::make_index_sequence<detail::helpers_of<Families...>.size()>{});

}  // namespace relo
