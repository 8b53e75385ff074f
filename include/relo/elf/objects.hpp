// Which objects a loader reads, and when it checks them.
#pragma once

#include <relo/base/role.hpp>
#include <relo/elf/image.hpp>

namespace relo {

/// Which objects are read.
///  - numbering says how sections are numbered, and so how many there may be. With plain numbering,
///    records are checked when they are used.
/// Its examples are any_object and plain_object.
template <class O>
concept objects_policy = requires {
  { O::numbering } -> std::convertible_to<elf::numbering>;
};

/// Every object there is: with more than 65,279 sections, compact relocations, none at all. What it
/// says of itself is checked before anything is done with it.
struct any_object {
  using role = role::objects;
  static constexpr elf::numbering numbering = elf::numbering::extended;
};

/// What compilers make for small machines, in less code: at most 65,279 sections, and compact
/// relocations if the machine is with_crel. Symbols and relocation records are checked when they
/// are used, so that what nobody uses is not read.
struct plain_object {
  using role = role::objects;
  static constexpr elf::numbering numbering = elf::numbering::plain;
};

}  // namespace relo
