// Symbols that no table has, because the loader itself is their answer.
#pragma once

#include <relo/module/param_type.hpp>
#include <relo/reloc/machine.hpp>
#include <relo/symbol/symbol.hpp>

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

}  // namespace relo
