// Whose definition a module uses, where several modules have one.
#pragma once

#include <relo/base/role.hpp>

#include <concepts>

namespace relo {

/// Whose definition of a variable counts.
///  - shared: whether a variable that may have several definitions is one for all modules that have
///    one.
/// Its examples are own_definitions and shared_definitions.
template <class D>
concept definitions_policy = requires {
  { D::shared } -> std::convertible_to<bool>;
};

/// Each module uses what it defines.
struct own_definitions {
  using role = role::definitions;
  static constexpr bool shared = false;
};

/// As for shared libraries of one process: of a variable that is weak, unique (STB_GNU_UNIQUE) or
/// common, and has default visibility, the first definition is everybody's: the host's, then that
/// of the module loaded first. In C++ these are inline and static member variables, static
/// variables of inline functions, and the guards by which they are constructed once. A module that
/// uses another's cannot outlive it. Constants are equal everywhere, and each module keeps its own:
/// what is shared is what is written.
///
/// Local modules (load_options::local) share what is unique, as with RTLD_LOCAL; g++ makes C++'s
/// variables so, clang++ weak ones. What a module constructs in another's memory is destroyed when
/// it goes itself. A common variable is never the host's: its name may mean something else there.
/// Nor is a variable that is out of reach of the module's code, if that was compiled without -fPIC.
struct shared_definitions {
  using role = role::definitions;
  static constexpr bool shared = true;
};

}  // namespace relo
