// Who answers for a symbol that an object does not define, beside the host's tables; and common
// symbols, which nobody defines.
#pragma once

#include <relo/elf/image.hpp>
#include <relo/module.hpp>
#include <relo/module/param_type.hpp>
#include <relo/reloc/machine.hpp>
#include <relo/symbol/hash.hpp>
#include <relo/symbol/symbol.hpp>
#include <relo/symbol/version.hpp>

namespace relo {

/// _GLOBAL_OFFSET_TABLE_ (psABI): this module's GOT. __dso_handle (Itanium C++ ABI, 3.3.6): an
/// address that is this module's own. param_ops_*: see param_type.
template <class Load, class Name, class Addr>
constexpr bool find_provided(Load& load, const Name& name, symbol<Addr>& out) {
  if constexpr (uses_got<typename Load::machine>)
    if (name == "_GLOBAL_OFFSET_TABLE_") {
      out.address = load.address_of(load.got);
      return true;
    }
  if (name == "__dso_handle") {
    out.address = load.mod->handle();
    return true;
  }
  if constexpr (Load::loader_type::has_parameters)
    if (const param_type type = param_type_of_ops(name); type != param_type::unknown) {
      out.address = static_cast<Addr>(type);
      return true;
    }
  return false;
}

namespace detail {

/// Kernel: find_symbol()'s second half, then ref_module(): loaded modules in load order, unformed
/// and local ones skipped.
template <class Load, class Name, class Addr>
constexpr errc find_in_modules(Load& load, const Name& called, symbol<Addr>& out) {
  auto* const m = load.loader.find_exported(called, load.gpl_compatible, out);
  if (m == nullptr) return errc::unknown_symbol;
  if (m->state == module_state::going) return errc::module_going;
  load.loader.registry().use(*load.mod, *m);
  return errc::ok;
}

}  // namespace detail

/// A symbol that the host's tables have not: the loader itself has it, a module, or who has it
/// under another version. Else errc::unknown_symbol; or errc::module_going. A module without a name
/// is nobody's dependency, and asks nobody.
template <class Load, class Name, class Addr>
constexpr errc find_elsewhere([[maybe_unused]] Load& load, [[maybe_unused]] const Name& called,
                              [[maybe_unused]] symbol<Addr>& out) {
  if constexpr (!Load::loader_type::modules_type::named) return errc::unknown_symbol;
  else {
    if (find_provided(load, called, out)) return errc::ok;
    errc e = detail::find_in_modules(load, called, out);
    if constexpr (!Load::loader_type::versions::exact)
      if (e == errc::unknown_symbol) {
        const std::size_t size = size_without_version(called);
        if constexpr (Load::loader_type::finds_default_versions) {
          e = detail::find_in_modules(load, hashed_name{default_version_of(called, size)}, out);
          if (e != errc::unknown_symbol) return e;
        }
        if (called[size] == '@') {
          const auto name = called.first(size);
          e = load.loader.host_symbols().find(name, load.gpl_compatible, out)
                  ? errc::ok
                  : detail::find_in_modules(load, name, out);
        }
      }
    return e;
  }
}

/// Calls f(number, size, align) -> errc for each common symbol (gABI: SHN_COMMON; st_value is its
/// alignment). Those that code reaches at any distance (x86-64 psABI: SHN_X86_64_LCOMMON) come
/// last, to put nothing else out of reach.
template <class Load, class F>
constexpr errc for_each_common(Load& load, F&& f) {
  auto& image = load.image;
  constexpr std::uint32_t common = elf::shn::common, large = large_common<typename Load::machine>;
  for (const std::uint32_t kind : {common, large}) {
    for (std::uint32_t i = 1; i < image.symbols(); ++i) {
      const auto s = image.symbol(i);
      if (image.symbol_section(i, s) != (kind | image.reserved)) continue;
      const auto size = s.st_size(), align = s.st_value();
      if ((align & (align - 1)) != 0)
        return load.fail(errc::bad_common_alignment, of_symbol(i, align));
      if (const errc e = f(i, size, align); e != errc::ok) return load.fail(e, of_symbol(i, size));
    }
    if (common == large) break;
  }
  return errc::ok;
}

}  // namespace relo
