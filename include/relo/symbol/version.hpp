// Versions of symbols, which an assembler's .symver writes into the name: "memcpy@GLIBC_2.2.5".
#pragma once

#include <relo/elf/name.hpp>

namespace relo {

namespace role {
struct versions;
}

// A symbol with a version is looked for under its whole name first: a table may have it so, and
// host::process_symbols asks the process for that version. A versions policy says whether that is
// all, `exact`, or who has no versions may answer to the name without.

/// As a dynamic linker takes a library without versions.
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

}  // namespace relo
