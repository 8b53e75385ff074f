// Execution policies that make written code visible to instruction fetch, machine by machine.
//
// On bare machines __builtin___clear_cache(), which run_native calls, does nothing: GCC drops it
// for arm-none-eabi, and its library's __clear_cache() for riscv-none-elf is empty.
#pragma once

#include <relo/execution/execution.hpp>

namespace relo {

#ifdef __arm__

/// Cortex-M without caches: what was written is in memory, and no older instruction in the
/// pipeline.
struct cortex_m_barriers : run_native {
  void flush(std::span<unsigned char>) const noexcept { asm volatile("dsb\n\tisb" ::: "memory"); }
};

/// Cortex-M7, and M55 and M85, whose lines are of 32 bytes, too: data is cleaned to where
/// instructions are fetched from, and instructions are fetched anew. Armv7-M Architecture Reference
/// Manual, "Cache and branch predictor maintenance operations". For privileged code. Nothing is
/// amiss when the caches are off.
struct cortex_m7_caches : run_native {
  void flush(std::span<unsigned char> bytes) const noexcept {
    constexpr native_addr line = 32, iciallu = 0xe000'ef50, dccmvau = 0xe000'ef64,
                          bpiall = 0xe000'ef78;
    if (bytes.empty()) return;
    barrier();
    const native_addr first = address_of(bytes.data()) & ~(line - 1);
    const auto count = (address_of(bytes.data() + bytes.size() - 1) - first) / line + 1;
    for (native_addr i = 0; i < count; ++i) write(dccmvau, first + i * line);
    barrier();
    write(iciallu, 0);
    write(bpiall, 0);
    barrier();
    asm volatile("isb" ::: "memory");
  }

 private:
  static void barrier() noexcept { asm volatile("dsb" ::: "memory"); }
  static void write(native_addr at, native_addr value) noexcept {
    *pointer_to<volatile native_addr*>(at) = value;
  }
};

#endif
#ifdef __riscv

/// RISC-V with one hart, or where no other hart runs modules: fence.i orders this hart's fetches
/// after its stores, whatever caches there are. The RISC-V Instruction Set Manual, volume I,
/// "Zifencei".
struct riscv_fence_i : run_native {
  void flush(std::span<unsigned char>) const noexcept {
    asm volatile(".option push\n.option arch, +zifencei\nfence.i\n.option pop" ::: "memory");
  }
};

#endif

}  // namespace relo
