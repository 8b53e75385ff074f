// An object that is used where it is.
#pragma once

#include <relo/base/native.hpp>
#include <relo/elf/source.hpp>

namespace relo {

/// An object that stays where it is and addressable as long as its module lives, as one in flash
/// does. Sections that are not written, that no relocation changes, and that happen to be aligned
/// well enough are used where they are: loaders whose modules keep their image copy the others
/// only, see small_modules.
template <byte_like Byte, std::size_t Align = 1>
class in_place : public elf::contiguous<Byte, Align> {
 public:
  using elf::contiguous<Byte, Align>::contiguous;
  native_addr address_at(std::size_t offset) const noexcept {
    return address_of(this->data() + offset);
  }
};
template <class Byte, std::size_t Extent>
in_place(std::span<Byte, Extent>) -> in_place<std::remove_const_t<Byte>>;

}  // namespace relo
