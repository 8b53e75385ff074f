// What the compositions have in common.
#pragma once

#include "board.hpp"

#include <relo/loader.hpp>
#include <relo/small_machine.hpp>

#if defined(__arm__)
#include <relo/arch/arm.hpp>
#else
#include <relo/arch/riscv.hpp>
#endif

#if defined(__ARM_ARCH_6M__)
using compiled_for = relo::arch::armv6m_compiler;
using assembled_for = relo::arch::armv6m_assembler;
#elif defined(__arm__)
using compiled_for = relo::arch::armv7m_compiler;
using assembled_for = relo::arch::armv7m_assembler;
#else
using compiled_for = relo::arch::rv32_compiler;
using assembled_for = relo::arch::rv32_compiler;
#endif

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
