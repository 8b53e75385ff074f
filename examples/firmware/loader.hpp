// The loader of this firmware: its policies, in one place.
#pragma once

#ifdef FIRMWARE_SIGNED
#include "auth/module_sig_check.hpp"
#endif
#include "debug.hpp"
#include "offered.hpp"

#if defined(__arm__)
#include <relo/arch/arm.hpp>
#elif defined(__riscv)
#include <relo/arch/riscv.hpp>
#endif
#include <relo/execution/caches.hpp>
#include <relo/loader.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>
#include <relo/small_machine.hpp>

namespace firmware {

#if defined(__ARM_ARCH_6M__)
using machine = relo::arch::armv6m_assembler;
using caches = relo::cortex_m_barriers;
#elif defined(__arm__)
using machine = relo::arch::armv7m_assembler;
using caches = relo::cortex_m_barriers;  // a Cortex-M7 has relo::cortex_m7_caches
#elif defined(__riscv)
using machine = relo::arch::for_isa<relo::arch::rv32_compiler, "rv32imac">;
using caches = relo::riscv_fence_i;
#endif

extern "C" unsigned char modules_code[], modules_code_end[], modules_data[], modules_data_end[];

/// Runs modules here. C++ objects of a module are destroyed when it goes.
struct on_board : caches {
  void finalize(relo::native_addr handle) const { destroy(handle); }
};

/// What is run, and what is not; both for as long as a module lives, or until its init is done.
struct code_and_data {
  using role = relo::role::layout;
  static constexpr std::size_t regions = 4;
  static constexpr std::size_t region_of(relo::mem_type t) noexcept {
    return (is_code(t) ? 0U : 1U) + (is_init(t) ? 2U : 0U);
  }
  static constexpr relo::mem_type first_of(std::size_t region) noexcept {
    constexpr relo::mem_type first[regions]{relo::mem_type::text, relo::mem_type::data,
                                            relo::mem_type::init_text, relo::mem_type::init_data};
    return first[region];
  }
  static constexpr bool is_code(relo::mem_type t) noexcept {
    return relo::permission_of(t, false) == relo::permission::rx;
  }
};

/// Memory that firmware.ld leaves to modules, their code apart: two regions are all that a memory
/// protection unit needs for any number of modules. Code can be written from allocate() until
/// protect(), and run at all other times.
class module_memory {
 public:
  using role = relo::role::memory;
  using addr = relo::native_addr;
  static constexpr addr granularity = 4;  // 1 would say that there is nothing to protect

  relo::block<addr> allocate(relo::mem_type type, addr size, addr align) noexcept {
    if (!code_and_data::is_code(type)) return data_.allocate(type, size, align);
    board::protect_code(true);
    const relo::block<addr> b = code_.allocate(type, size, align);
    if (!b) board::protect_code(false);
    return b;
  }
  void release(const relo::block<addr>& b) noexcept {
    board::protect_code(false);
    if (code_.owns(b.address)) code_.release(b);
    else data_.release(b);
  }
  bool protect(const relo::block<addr>&, relo::permission p) noexcept {
    if (p == relo::permission::rx) board::protect_code(false);
    return true;
  }

  addr available(relo::mem_type type, addr align) noexcept {
    return (code_and_data::is_code(type) ? code_ : data_).available(type, align);
  }

  std::size_t size() const { return size_of(modules_code, modules_data_end); }
  std::size_t in_use() const { return code_.in_use() + data_.in_use(); }

 private:
  using part = relo::buffer<addr>;
  static std::size_t size_of(const unsigned char* begin, const unsigned char* end) {
    return static_cast<std::size_t>(end - begin);
  }

  part code_{{modules_code, modules_code_end}, relo::address_of(modules_code)};
  part data_{{modules_data, modules_data_end}, relo::address_of(modules_data)};
};

/// Nothing here unwinds a stack: what describes stacks is not loaded.
struct without_unwind_tables : relo::by_flags_and_name {
  template <class Name>
  constexpr relo::mem_type classify(const Name& name, std::uint64_t flags,
                                    std::uint32_t type) const noexcept {
    if (name.starts_with(".ARM.ex") || name == ".eh_frame") return relo::mem_type::in_image;
    return by_flags_and_name::classify(name, flags, type);
  }
};

/// Prints what a load goes on in spite of.
struct told : relo::located<48> {
  void warn(const relo::problem& p) {
    console::print("warning: %s: %s\n", relo::message(p.code), p.symbol);
  }
};

/// As many as debuggers are told of. Those in flash may leave there what nobody writes.
using modules = relo::small_machine<std::size(debug::entries), 24, true>;

#ifdef FIRMWARE_SIGNED
inline constexpr example::public_key key{
#include "key.inc"
};
inline constexpr auto load_module =
    relo::load_small_named_module |
    relo::insert_before<"elf_validity_check">(example::module_sig_check<key>{});
#else
inline constexpr auto load_module = relo::load_small_named_module;
#endif

inline constexpr auto stages =
    load_module | relo::insert_after<"layout_sections">(debug::reserve_section_list{}) |
    relo::insert_before<"complete_formation">(debug::write_section_list{}) |
    relo::insert_after<"do_free_init">(debug::shorten_section_list{});

inline module_memory memory;
inline relo::scratch<relo::native_addr, 512> scratch;
inline told diagnostics;
inline constexpr relo::symbols symbols{offered, helpers};
inline constinit relo::loader loader{machine{},   memory,
                                     symbols,     code_and_data{},
                                     scratch,     without_unwind_tables{},
                                     on_board{},  relo::linear_ksymtab_exports{},
                                     diagnostics, modules{},
                                     stages};

}  // namespace firmware
