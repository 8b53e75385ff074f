// Loads the reference module on mps2-an385, runs it, and runs the copy of it that is linked to this
// program. Prints the code that load() gave, ticks of the processor clock and bytes of stack that
// it took; what module and copy answer, how often each called the host, and the code of unload();
// and how often the module's file was read, and how many blocks of it, of how many.
#include "../board.hpp"

#include "../../../examples/firmware/board/semihosting.hpp"

#include <cstdint>

extern "C" {
extern const unsigned char module_begin[], module_end[];
int module_entry(int);
extern unsigned char stack_top[];
}

asm(".section .rodata\n.balign 4\n.global module_begin, module_end\n"
    "module_begin: .incbin \"mod.o\"\nmodule_end:\n.balign 4\n.text");

bool file::read(std::size_t offset, std::span<unsigned char> to) const {
  if (offset > size() || to.size() > size() - offset) return false;
  ++reads;
  if (!to.empty()) blocks += (offset + to.size() - 1) / block - offset / block + 1;
  __builtin_memcpy(to.data(), module_begin + offset, to.size());
  return true;
}
std::size_t file::size() const { return static_cast<std::size_t>(module_end - module_begin); }
file object;

static std::span<unsigned char> code;
void sync_code(unsigned char* begin, std::size_t size) {
  asm volatile("dsb\nisb" ::: "memory");
  code = {begin, size};
}

namespace {

volatile std::uint32_t& systick(std::uintptr_t offset) {
  return *reinterpret_cast<volatile std::uint32_t*>(0xe000'e010 + offset);
}

relo::errc load_object() {
#ifdef STREAMED
  return load(object);
#else
  return load(module_begin, object.size());
#endif
}

/// The module exports nothing in a table; but its code is first in its memory.
entry* entry_of_module() {
#ifdef STREAMED
  return reinterpret_cast<entry*>(code.data() + MODULE_ENTRY + 1);
#else
  return find("module_entry");
#endif
}

struct measured {
  relo::errc result;
  std::uint32_t ticks;
  std::size_t stack;
};
[[gnu::noinline]] measured measure() {
  constexpr std::size_t painted = 4096;
  constexpr unsigned char paint = 0xa5;
  volatile unsigned char* const top = static_cast<unsigned char*>(__builtin_frame_address(0)) - 64;
  volatile unsigned char* lowest = top - painted;
  for (std::size_t i = 0; i < painted; ++i) lowest[i] = paint;
  systick(4) = 0xff'ffff;
  systick(8) = 0;
  systick(0) = 5;  // counts down, by the processor clock
  const std::uint32_t before = systick(8);
  const relo::errc result = load_object();
  const std::uint32_t after = systick(8);
  while (*lowest == paint) ++lowest;
  std::uintptr_t sp;
  asm volatile("mov %0, sp" : "=r"(sp));
  return {result, (before - after) & 0xff'ffff, sp - reinterpret_cast<std::uintptr_t>(lowest)};
}

[[noreturn]] void start() {
  const measured m = measure();
  relo::text<128> out;
  const auto print = [&](auto... numbers) {
    ((out << static_cast<std::uint64_t>(numbers) << ' '), ...);
  };
  print(m.result, m.ticks, m.stack, code.size());
  if (m.result == relo::errc::ok) {
    const int of_module = entry_of_module()(5), calls = fw_calls;
    fw_calls = 0;
    const int of_copy = module_entry(5);
    print(static_cast<unsigned>(of_module), calls, static_cast<unsigned>(of_copy), fw_calls,
          unload(), object.reads, object.blocks, (object.size() + file::block - 1) / file::block);
  }
  out << '\n';
  constexpr auto write0 = static_cast<semihosting::operation>(4);
  semihosting::trap(write0, reinterpret_cast<const std::uintptr_t*>(out.c_str()));
  semihosting::exit(0);
}

union vector {
  const void* stack;
  void (*handler)();
};
[[gnu::section(".vectors"), gnu::used]] const vector vectors[2] = {{.stack = stack_top},
                                                                   {.handler = start}};

}  // namespace
