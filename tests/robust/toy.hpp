// A machine for any ELF layout: what is tested with it is the loader, and no psABI.
#pragma once

#include <relo/reloc/machine.hpp>

namespace robust {

template <class Format, bool Rela>
struct toy {
  using role = relo::role::machine;
  using format = Format;
  using addr = typename Format::addr;
  static constexpr std::uint16_t machine = 0x7079;
  static constexpr bool rela = Rela;
  static constexpr std::size_t got_entry = sizeof(addr), veneer_size = 8, veneer_align = 8;
  static constexpr void write_veneer(unsigned char*, std::uint64_t, std::uint64_t) noexcept {}
  static constexpr bool accepts(std::uint32_t) noexcept { return true; }

  enum : std::uint32_t { none, abs8, abs16, abs32, absolute, pc32, got_pc32 };
  static constexpr auto howtos = [] {
    using namespace relo::terms;
    constexpr relo::field address = Format::is_64 ? relo::word64 : relo::word32;
    return std::array<relo::howto, 7>{{
        {abs8, "R_TOY_8", relo::word8, S + A, relo::overflow::signed_},
        {abs16, "R_TOY_16", relo::word16, S + A, relo::overflow::bitfield},
        {abs32, "R_TOY_32", relo::word32, S + A, relo::overflow::unsigned_},
        {absolute, "R_TOY_ADDRESS", address, S + A, relo::overflow::dont},
        {pc32, "R_TOY_PC32", relo::word32, S + A - P, relo::overflow::signed_},
        {got_pc32, "R_TOY_GOTPC32", relo::word32, G + GOT + A - P, relo::overflow::signed_},
        {.type = none, .name = "R_TOY_NONE", .kind = relo::howto_kind::none},
    }};
  }();
};

}  // namespace robust
