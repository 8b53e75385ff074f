#include <relo/memory/page_arena.hpp>
#include <relo/memory/regions.hpp>
#include <relo/memory/stack_arena.hpp>
#include <relo/memory/arena.hpp>

#include <doctest/doctest.h>

namespace {

using relo::mem_type;
using relo::memory_chain;
using relo::memory_regions;
using buffer = relo::buffer<std::uint32_t, 4>;

static_assert(relo::bounded_memory<buffer> && relo::bounded_memory<relo::static_arena<64>> &&
              relo::bounded_memory<relo::static_pages<128>> &&
              relo::bounded_memory<relo::static_stack<64>>);
static_assert(
    relo::memory<memory_chain<buffer&, buffer>> &&
    relo::bounded_memory<memory_regions<memory_chain<buffer&, buffer&>, buffer, buffer&>>);

/// Each memory type to its memory, code to the second when the first is full, and all back again.
constexpr bool serves_in_constant_evaluation() {
  unsigned char bytes[4][64]{};
  buffer itcm{bytes[0], 0x1000}, sram{bytes[1], 0x2000'0000}, flash{bytes[2], 0x6000'0000},
      dtcm{bytes[3], 0x3000'0000};
  memory_regions memory{memory_chain{itcm, sram}, flash, dtcm};

  const auto text = memory.allocate(mem_type::text, 40, 4),
             more = memory.allocate(mem_type::init_text, 40, 4),
             rodata = memory.allocate(mem_type::rodata, 8, 4),
             constants = memory.allocate(mem_type::init_rodata, 8, 4),
             data = memory.allocate(mem_type::data, 8, 4),
             sealed = memory.allocate(mem_type::ro_after_init, 8, 4),
             init = memory.allocate(mem_type::init_data, 8, 4);
  if (text.address != 0x1000 || more.address != 0x2000'0000 || rodata.address != 0x6000'0000 ||
      constants.address != 0x6000'0008 || data.address != 0x3000'0000 ||
      sealed.address != 0x3000'0008 || init.address != 0x3000'0010)
    return false;
  // Full, both of them; others have room, but not for code.
  if (memory.allocate(mem_type::text, 40, 4)) return false;
  if (itcm.in_use() != 40 || sram.in_use() != 40 || flash.in_use() != 16 || dtcm.in_use() != 24)
    return false;

  memory.release(more);
  if (itcm.in_use() != 40 || sram.in_use() != 0) return false;
  memory.release(text);
  if (memory.allocate(mem_type::text, 40, 4).address != 0x1000) return false;
  for (const auto& b : {text, rodata, constants, data, sealed, init}) memory.release(b);
  return itcm.in_use() == 0 && sram.in_use() == 0 && flash.in_use() == 0 && dtcm.in_use() == 0;
}
static_assert(serves_in_constant_evaluation());

/// Says how it was protected.
struct guarded : buffer {
  using buffer::buffer;
  static constexpr std::uint32_t granularity = 32;
  bool refuses = false;
  std::uint32_t address = 0;
  relo::permission now = relo::permission::none;
  constexpr bool protect(const relo::block<std::uint32_t>& b, relo::permission p) noexcept {
    address = b.address;
    now = p;
    return !refuses;
  }
};

}  // namespace

TEST_CASE("the memory that a block is of protects it") {
  unsigned char bytes[3][64]{};
  guarded code{bytes[0], 0x1000};
  buffer data{bytes[1], 0x2000}, more{bytes[2], 0x3000};
  memory_regions memory{code, memory_chain{data, more}, data};
  static_assert(decltype(memory)::granularity == 32);

  const auto text = memory.allocate(mem_type::text, 8, 4);
  CHECK(memory.protect(text, relo::permission::rx));
  CHECK(code.address == 0x1000);
  CHECK(code.now == relo::permission::rx);
  code.refuses = true;
  CHECK_FALSE(memory.protect(text, relo::permission::r));
  CHECK(memory.protect(memory.allocate(mem_type::rodata, 8, 4), relo::permission::r));
}

TEST_CASE("a memory that is two regions' gets back what each took") {
  unsigned char bytes[2][64]{};
  buffer code{bytes[0], 0x1000}, other{bytes[1], 0x2000};
  memory_regions memory{code, other, other};
  const auto rodata = memory.allocate(mem_type::rodata, 8, 4),
             data = memory.allocate(mem_type::data, 8, 4);
  CHECK(rodata.address == 0x2000);
  CHECK(data.address == 0x2008);
  memory.release(rodata);
  CHECK(other.in_use() == 8);
  memory.release(data);
  CHECK(other.in_use() == 0);
}

TEST_CASE("what is owned ends where the storage does, at the end of the address space, too") {
  unsigned char bytes[64]{};
  buffer low{bytes, 0x1000}, high{bytes, 0xffff'ffc0};
  CHECK(low.owns(0x1000));
  CHECK(low.owns(0x103f));
  CHECK_FALSE(low.owns(0x0fff));
  CHECK_FALSE(low.owns(0x1040));
  CHECK(high.owns(0xffff'ffff));
  CHECK_FALSE(high.owns(0));
}

TEST_CASE("the program's own memories") {
  static relo::static_pages<256, 64> pages;
  static relo::static_stack<256> stack;
  static relo::static_arena<256> arena;
  memory_chain memory{pages, stack, arena};
  relo::block<relo::native_addr> blocks[3];
  for (auto& b : blocks) b = memory.allocate(mem_type::data, 200, 4);
  CHECK(pages.owns(blocks[0].address));
  CHECK(stack.owns(blocks[1].address));
  CHECK(arena.owns(blocks[2].address));
  CHECK_FALSE(memory.allocate(mem_type::data, 200, 4));
  for (auto& b : blocks) memory.release(b);
  CHECK(pages.in_use() == 0);
  CHECK(arena.in_use() == 0);
  CHECK(stack.allocate(mem_type::data, 256, 4));
}
