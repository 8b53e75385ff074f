// Blocks of relo::mpu_memory on a core that has the unit: what is allowed works, all else faults.
// UNIT and RULE say which unit, CACHES which execution policy.
#include "board.hpp"

#include <relo/execution/caches.hpp>
#include <relo/loader.hpp>
#include <relo/memory/mpu.hpp>
#include <relo/memory/pmp.hpp>
#include <relo/memory/pmsa.hpp>
#include <relo/small_machine.hpp>
#ifdef __arm__
#include <relo/arch/arm.hpp>
#else
#include <relo/arch/riscv.hpp>
#endif

extern "C" {
extern const unsigned char module_begin[], module_end[];
extern int result;
int attempt(std::uintptr_t function, std::uintptr_t argument);
void fault_handler();
}

namespace {

using relo::mem_type;
using relo::permission;
using block = relo::block<relo::native_addr>;

void print(const char* s) {
  while (*s != '\0') board::put(*s++);
}
void print(std::uint32_t v) {
  for (int shift = 28; shift >= 0; shift -= 4) board::put("0123456789abcdef"[v >> shift & 15]);
}

void check(bool ok, const char* what, int line) {
  if (ok) return;
  print(what);
  print(", line 0x");
  print(static_cast<std::uint32_t>(line));
  print("\n");
  board::exit(1);
}
#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__, __LINE__)

// The processor's own words for what it refused.
#ifdef __arm__
constexpr int instruction_access = 1, data_access = 0x82;  // CFSR: IACCVIOL; DACCVIOL, MMARVALID
constexpr int load_fault = data_access, store_fault = data_access;
#else
constexpr int instruction_access = 1, load_fault = 5, store_fault = 7;  // mcause
#endif

int load_byte(const volatile unsigned char* p) { return *p; }
int store_byte(volatile unsigned char* p) {
  *p = *p;
  return 0;
}
template <class F>
int attempt(F* function, relo::native_addr argument) {
  return ::attempt(relo::address_of(reinterpret_cast<const void*>(function)), argument);
}
int reads(relo::native_addr a) { return attempt(&load_byte, a); }
int writes(relo::native_addr a) { return attempt(&store_byte, a); }
/// Whether the code that answers 7, see below, runs there.
int executes(relo::native_addr a) {
#ifdef __arm__
  a |= 1;
#endif
  result = 0;
  const int cause = ::attempt(a, 0);
  CHECK(cause != 0 || result == 7);
  return cause;
}

constexpr unsigned char answer_7[] = {
#ifdef __arm__
    0x07, 0x20, 0x70, 0x47,  // movs r0, #7; bx lr
#else
    0x1d, 0x45, 0x82, 0x80,  // li a0, 7; ret
#endif
};

relo::static_arena<65536, 65536> sram;
UNIT unit;
relo::mpu_memory memory{sram, RULE{}, unit};

block allocate(mem_type type, std::uint32_t size, std::uint32_t align = 4) {
  const block b = memory.allocate(type, size, align);
  CHECK(static_cast<bool>(b));
  relo::copy_bytes(b.bytes.data(), answer_7, sizeof answer_7);
  CACHES{}.flush(b.bytes);
  return b;
}

void permissions() {
  const block text = allocate(mem_type::text, 200), rodata = allocate(mem_type::rodata, 80),
              data = allocate(mem_type::data, 300), last = allocate(mem_type::data, 5);
  CHECK(executes(text.address) == 0 && writes(text.address) == 0);

  CHECK(memory.protect(text, permission::rx));
  CHECK(memory.protect(rodata, permission::r));
  CHECK(memory.protect(data, permission::rw));
  CHECK(reads(text.address) == 0);
  CHECK(executes(text.address) == 0);
  CHECK(writes(text.address) == store_fault);
  CHECK(writes(text.address + 199) == store_fault);
  CHECK(reads(rodata.address) == 0);
  CHECK(executes(rodata.address) == instruction_access);
  CHECK(writes(rodata.address + 79) == store_fault);
  CHECK(reads(data.address) == 0);
  CHECK(writes(data.address) == 0);
  CHECK(writes(data.address + 299) == 0);
  CHECK(executes(data.address) == instruction_access);

  CHECK(memory.protect(last, permission::rw));
  CHECK(writes(last.address + 4) == 0);
  CHECK(executes(last.address) == instruction_access);

  // Constants that init wrote.
  CHECK(memory.protect(data, permission::r));
  CHECK(writes(data.address) == store_fault);

  // No region is left; the memory is nevertheless returned.
  const block more = allocate(mem_type::data, 40);
  CHECK(!memory.protect(more, permission::rw));
  memory.release(more);

  for (const block& b : {text, rodata, data, last}) memory.release(b);
  for (const block& b : {text, rodata, data, last})
    CHECK(reads(b.address) == 0 && writes(b.address) == 0 && executes(b.address) == 0);
  CHECK(sram.in_use() == 0 && memory.rounding() == 0);
}

/// The region has exactly the block's bytes, wherever it begins: memory beside it is others'.
void extents() {
  for (std::uint32_t size = 1; size < 9000; size += 1 + size / 7)
    for (std::uint32_t before = 0; before < 2; ++before) {
      const block first = before == 0 ? block{} : sram.allocate(mem_type::data, 1 + size / 3, 4);
      const block b = allocate(mem_type::rodata, size < 4 ? 4 : size);
      CHECK(memory.protect(b, permission::r));
      const std::uint32_t begin = b.address, end = begin +
                                                   static_cast<std::uint32_t>(b.bytes.size()) +
                                                   memory.rounding();
      const std::uint32_t step = size < 300 ? 1 : size / 97;
      for (std::uint32_t a = begin; a < end; a += step) CHECK(writes(a) == store_fault);
      CHECK(writes(end - 1) == store_fault);
      CHECK(writes(begin - 1) == 0 && writes(end) == 0);
      // Far enough to meet what the unit would make of a region of a power of two.
      for (std::uint32_t a = end; a < end + size + 256; a += step) CHECK(writes(a) == 0);
      memory.release(b);
      if (first) sram.release(first);
    }
}

#ifdef __arm__
using machine = relo::arch::armv7m;
#else
using machine = relo::arch::rv32;
#endif
const std::span module_bytes{module_begin, module_end};

/// The same through a load. `seals`: what is read-only after init is.
template <class Loader>
void module(Loader& loader, bool seals) {
  const auto m = loader.load(module_bytes, {.name = "module"});
  CHECK(m.error() == relo::errc::ok);
  const auto text = m->memory(mem_type::text);
  print("text ");
  print(text.address);
  print(" ");
  print(static_cast<std::uint32_t>(text.bytes.size()));
  print("\n");

  auto* const step = loader.template find<int(int)>("step");
  auto* const sum = loader.template find<int>("sum");
  auto* const steps = loader.template find<int>("steps");
  auto* const sealed = loader.template find<int>("sealed");
  CHECK(step != nullptr && sum != nullptr && steps != nullptr && sealed != nullptr);
  CHECK(attempt(step, 3) == 0 && result == 8 && *sum == 8 && *sealed == 9);
  CHECK(writes(text.address) == store_fault);
  CHECK(reads(relo::address_of(steps)) == 0);
  CHECK(writes(relo::address_of(steps)) == store_fault);
  CHECK(writes(relo::address_of(sum)) == 0);
  CHECK(executes(relo::address_of(sum)) == instruction_access);
  CHECK(reads(relo::address_of(sealed)) == 0);
  CHECK(writes(relo::address_of(sealed)) == (seals ? store_fault : 0));

  // Another module finds too few regions, and leaves nothing behind.
  const auto used = sram.in_use();
  const auto other = loader.load(module_bytes, {.name = "other"});
  CHECK(other.error() == relo::errc::protection_failed);
  CHECK(sram.in_use() == used);
  CHECK(writes(relo::address_of(steps)) == store_fault);

  CHECK(loader.unload("module") == relo::errc::ok);
  CHECK(writes(text.address) == 0 && writes(relo::address_of(steps)) == 0);
  CHECK(sram.in_use() == 0);
}

void modules() {
  static relo::scratch<relo::native_addr, 256> scratch;
  static relo::loader each{machine{}, memory,   relo::region_per_type{},
                           scratch,   CACHES{}, relo::code_only{}};
  module(each, true);

  // Three regions a module; constants of init have none of their own.
  static relo::loader three{machine{}, memory,   relo::code_rodata_data{},
                            scratch,   CACHES{}, relo::code_only{}};
  CHECK(three.load(module_bytes, {.name = "module"}).error() == relo::errc::protection_failed);
  CHECK(sram.in_use() == 0);
  static relo::loader unsealed{machine{},
                               memory,
                               relo::code_rodata_data{},
                               scratch,
                               CACHES{},
                               relo::code_only{},
                               relo::load_module | relo::drop<"module_enable_ro">};
  module(unsealed, false);
}

/// A small machine's loader.
void small_modules() {
#ifdef __arm__
  using small_machine = relo::arch::armv7m_compiler;
#else
  using small_machine = relo::arch::rv32_compiler;
#endif
  static relo::scratch<relo::native_addr, 256> scratch;
  static relo::loader loader{small_machine{},
                             memory,
                             relo::code_rodata_data{},
                             scratch,
                             CACHES{},
                             relo::code_only{},
                             relo::ksymtab_exports{},
                             relo::small_machine<2, 16>{},
                             relo::load_small_named_module};
  const relo::elf::contiguous source{module_bytes};
  const auto m = loader.load(source, {.name = "module"});
  CHECK(m.error() == relo::errc::ok);
  const auto code = m->regions[0].address, rodata = m->regions[1].address,
             data = m->regions[2].address;
  CHECK(reads(code) == 0 && writes(code) == store_fault);
  CHECK(attempt(relo::pointer_to<int (*)()>(m->exit), 0) == 0);
  CHECK(reads(rodata) == 0 && writes(rodata) == store_fault &&
        executes(rodata) == instruction_access);
  CHECK(writes(data) == 0 && executes(data) == instruction_access);

  const auto used = sram.in_use();
  CHECK(loader.load(source, {.name = "other"}).error() == relo::errc::protection_failed);
  CHECK(sram.in_use() == used);
  CHECK(loader.unload(*m) == relo::errc::ok);
  for (const relo::native_addr a : {code, rodata, data}) CHECK(writes(a) == 0);
  CHECK(sram.in_use() == 0);
}

void switch_on() {
#ifdef __arm__
  using board::device;
  // The vector table, in RAM, with another handler of MemManage.
  alignas(128) static std::uint32_t vectors[16];
  for (std::uint32_t i = 0; i < 16; ++i) vectors[i] = device(device(0xe000'ed08) + 4 * i);
  vectors[4] = relo::address_of(reinterpret_cast<const void*>(&fault_handler));
  device(0xe000'ed08) = relo::address_of(vectors);
  device(0xe000'ed24) = 1 << 16;                  // SHCSR.MEMFAULTENA
  CHECK((device(0xe000'ed90) >> 8 & 0xff) >= 8);  // MPU_TYPE.DREGION
  // What the board's start has set is not ours.
  for (std::uint32_t i = 0; i < 8; ++i) {
    device(0xe000'ed98) = i;  // MPU_RNR
    device(0xe000'eda0) = 0;  // MPU_RASR, MPU_RLAR
  }
  device(0xe000'ed94) = 5;  // MPU_CTRL: PRIVDEFENA, ENABLE
#ifdef PMSAV8
  device(0xe000'edc0) = 0x44;  // MPU_MAIR0: normal, not cached
#endif
  asm volatile("dsb\n\tisb" ::: "memory");
#else
  // User mode may do everything where no entry of a lower number says otherwise.
  asm volatile(".option push\n.option arch, +zicsr\n"
               "csrw mtvec, %0\n"
               "csrw pmpaddr15, %1\n"
               "csrs pmpcfg3, %2\n"
               ".option pop" ::"r"(&fault_handler),
               "r"(0xffff'ffff), "r"(0x1f00'0000));
#endif
}

}  // namespace

void board::fault(std::uint32_t cause, std::uint32_t address) {
  print("exception 0x");
  print(cause);
  print(" at 0x");
  print(address);
  print("\n");
  exit(1);
}

void board::program() {
  switch_on();
  permissions();
  extents();
  modules();
  small_modules();
  print("done\n");
  exit(0);
}
