// What the compositions have in common.
#pragma once

#include "board.hpp"

#include <relo/loader.hpp>

struct by_flags {
  using role = relo::role::classifier;
  template <class Name>
  constexpr relo::mem_type classify(const Name&, std::uint64_t flags,
                                    std::uint32_t) const noexcept {
    return (flags & relo::elf::shf::alloc) == 0 ? relo::mem_type::in_image : relo::mem_type::text;
  }
};

struct on_board : relo::run_native {
  void flush(std::span<unsigned char> code) const { sync_code(code.data(), code.size()); }
};
