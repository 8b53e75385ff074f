// Where a section is, in one word.
#pragma once

#include <relo/elf/constants.hpp>
#include <relo/layout/mem_type.hpp>

namespace relo {

/// Its memory type, and its offset from where that begins in the module. What is not loaded is
/// in_image at max_offset, and its word is 0, as scratch memory is to begin with; what a loader
/// uses where it is in the image, in_image at its offset there. Where all types are one memory, and
/// nothing is used in the image, the word has the offset alone.
template <class Addr, bool Typed = true>
struct place {
  using addr = Addr;
  static constexpr bool typed = true;
  static constexpr unsigned type_shift = 8 * sizeof(Addr) - 3;
  static constexpr Addr max_offset = (Addr{1} << type_shift) - 1;

  mem_type type = mem_type::in_image;
  Addr offset = max_offset;

  static constexpr place decode(Addr word) noexcept {
    word = static_cast<Addr>(~word);
    return {static_cast<mem_type>(word >> type_shift), static_cast<Addr>(word & max_offset)};
  }
  constexpr Addr encode() const noexcept {
    return static_cast<Addr>(~(static_cast<Addr>(type) << type_shift | offset));
  }
  constexpr explicit operator bool() const noexcept { return encode() != 0; }
};

template <class Addr>
struct place<Addr, false> {
  using addr = Addr;
  static constexpr bool typed = false;
  static constexpr Addr max_offset = static_cast<Addr>(~Addr{0} - 1);
  static constexpr mem_type type = mem_type::text;

  Addr offset = max_offset + 1;

  constexpr place() noexcept = default;
  constexpr place(mem_type, Addr at) noexcept : offset(at) {}
  static constexpr place decode(Addr word) noexcept { return {type, static_cast<Addr>(~word)}; }
  constexpr Addr encode() const noexcept { return static_cast<Addr>(~offset); }
  constexpr explicit operator bool() const noexcept { return encode() != 0; }
};

/// Whether a section of an image that is relo::in_place is used there: nobody writes there, not
/// even a relocation, and it happens to be aligned well enough.
template <class Image, class Header>
[[gnu::noinline]] constexpr bool stays(Image& image, std::uint32_t i, const Header& s) noexcept {
  if constexpr (requires { image.source().is_in_place(); })
    if (!image.source().is_in_place()) return false;
  if ((s.sh_flags() & (elf::shf::alloc | elf::shf::write)) != elf::shf::alloc ||
      s.sh_type() == elf::sht::nobits || s.sh_size() == 0)
    return false;
  if (s.sh_addralign() > 1 &&
      (image.source().address_at(s.sh_offset()) & (s.sh_addralign() - 1)) != 0)
    return false;
  for (std::uint32_t k = 1; k < image.sections(); ++k)
    if (const auto r = image.section(k); image.is_relocations(r) && r.sh_info() == i) return false;
  return true;
}

}  // namespace relo
