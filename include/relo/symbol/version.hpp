// Versions of symbols, which an assembler's .symver writes into the name: "memcpy@GLIBC_2.2.5".
#pragma once

#include <relo/base/name.hpp>
#include <relo/base/role.hpp>

namespace relo {

/// What answers to a symbol with a version. It is looked for under its whole name first: a table
/// may have it so, and host::process_symbols asks the process for that version.
///  - exact: whether that is all. Else what a module defines as a name's default version,
///    "foo@@V2", answers to "foo" and to "foo@V2", too, and who has no versions may answer to the
///    name without.
/// Its examples are any_version and exact_version.
template <class V>
concept versions_policy = requires {
  { V::exact } -> std::convertible_to<bool>;
};

/// As a dynamic linker takes libraries.
struct any_version {
  using role = role::versions;
  static constexpr bool exact = false;
};
struct exact_version {
  using role = role::versions;
  static constexpr bool exact = true;
};

/// The length of a name without its version, where an '@' is then; elsewhere there is none. It is
/// looked for in elf::max_name characters only.
template <class Name>
constexpr std::size_t size_without_version(const Name& name) noexcept {
  for (std::size_t i = 0; i < elf::max_name; ++i)
    if (const char c = name[i]; c == '@' || c == '\0') return i;
  return elf::max_name;
}

namespace detail {
/// A name's first `size` characters, the mark of a default version, and the version if it has one.
template <class Storage>
struct default_version {
  static constexpr bool marks_default = true;
  Storage of;
  std::size_t size;
  constexpr char operator[](std::size_t i) const noexcept {
    if (i < size) return static_cast<char>(of[i]);
    if (i < size + 2) return '@';
    return static_cast<char>(of[size]) == '\0' ? '\0' : static_cast<char>(of[i - 1]);
  }
};
}  // namespace detail

/// What may answer to a name, of which `size` is without the version: "foo@@V2" to "foo@V2", and to
/// "foo" what is exported as "foo@@", which is the default version whatever it is called.
template <class Storage>
constexpr auto default_version_of(const elf::name<Storage>& name, std::size_t size) noexcept {
  return elf::name<detail::default_version<Storage>>{{name.storage(), size}};
}
/// Whether a name is such a one.
template <class Name>
inline constexpr bool is_default_version = requires(const Name& name) {
  requires std::remove_cvref_t<decltype(name.storage())>::marks_default;
};

}  // namespace relo
