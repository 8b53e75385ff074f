#include <relo/memory/arena.hpp>
#include <relo/memory/mpu.hpp>
#include <relo/memory/pmp.hpp>
#include <relo/memory/pmsa.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using relo::mem_type;
using relo::permission;
using word = std::uint32_t;
using rounded = relo::rounded<word>;

// Worked by hand from the descriptions of the registers; QEMU judges the same in
// tests/firmware_mpu.

// Armv7-M Architecture Reference Manual, MPU_RASR: XN is bit 28; AP, 26 to 24, is 0b110 for reading
// only and 0b011 for both, privileged or not; S 18, C 17; SRD 15 to 8; SIZE 5 to 1, 2^(SIZE+1)
// bytes.
using pmsav7 = relo::pmsav7<>;
static_assert(pmsav7::round(1) == rounded{32, 32});
static_assert(pmsav7::round(33) == rounded{64, 64});
static_assert(pmsav7::round(65) == rounded{96, 128});
static_assert(pmsav7::round(256) == rounded{256, 256});
static_assert(pmsav7::round(257) == rounded{320, 512});       // 5 of 8 times 64, not 512
static_assert(pmsav7::round(8680) == rounded{10240, 16384});  // 5 of 8 times 2048, not 16384
static_assert(pmsav7::round(word{1} << 31) == rounded{word{1} << 31, word{1} << 31});
static_assert(pmsav7::round((word{1} << 31) + 1) == rounded{});
// 1 KiB: SIZE 9.
static_assert(pmsav7::describe(0x2000'0000, 1024, permission::rw) ==
              pmsav7::region{0x2000'0000, 0x1306'0013});
static_assert(pmsav7::describe(0x2000'0400, 1000, permission::rx) ==
              pmsav7::region{0x2000'0400, 0x0606'0013});
static_assert(pmsav7::describe(0x2000'0400, 1024, permission::r) ==
              pmsav7::region{0x2000'0400, 0x1606'0013});
// 600 bytes are 5 eighths of 1 KiB: the last three are disabled.
static_assert(pmsav7::describe(0x2000'0400, 600, permission::rx) ==
              pmsav7::region{0x2000'0400, 0x0606'e013});
// 96 bytes are 3 eighths of 256, SIZE 7, here from the fourth on.
static_assert(pmsav7::describe(0x2000'0080, 96, permission::r) ==
              pmsav7::region{0x2000'0000, 0x1606'8f0f});
static_assert(pmsav7::describe(0x2000'00e0, 1, permission::r) ==
              pmsav7::region{0x2000'0000, 0x1606'7f0f});
// Cacheable, write-back, write-allocate: TEX 1, C, B.
static_assert(relo::pmsav7<0b001'011 << 16>::describe(0, 1024, permission::rw).rasr == 0x130b'0013);

// Armv8-M Architecture Reference Manual, MPU_RBAR: AP[2:1] in bits 2 and 1, XN bit 0. MPU_RLAR:
// the last granule, AttrIndx 3 to 1, EN 0.
using pmsav8 = relo::pmsav8<>;
static_assert(pmsav8::round(1) == rounded{32, 32} && pmsav8::round(32) == rounded{32, 32} &&
              pmsav8::round(8680) == rounded{8704, 32} && pmsav8::round(0xffff'ffe1).size == 0);
static_assert(pmsav8::describe(0x3800'0020, 32, permission::rx) ==
              pmsav8::region{0x3800'0026, 0x3800'0021});
static_assert(pmsav8::describe(0x3800'0020, 33, permission::r) ==
              pmsav8::region{0x3800'0027, 0x3800'0041});
static_assert(pmsav8::describe(0x3800'0020, 200, permission::rw) ==
              pmsav8::region{0x3800'0023, 0x3800'00e1});
static_assert(relo::pmsav8<3>::describe(0x3800'0020, 32, permission::rw).rlar == 0x3800'0027);

// The RISC-V Instruction Set Manual, volume II, pmpcfg: L 7, A 4 to 3 (TOR 1, NAPOT 3), X 2, W 1,
// R 0. pmpaddr: bits 33 to 2; for NAPOT the low bits are a zero and as many ones as 8-byte
// doublings.
using napot = relo::pmp_napot<word>;
static_assert(napot::round(1) == rounded{8, 8} && napot::round(9) == rounded{16, 16} &&
              napot::round(8680) == rounded{16384, 16384} &&
              napot::round((word{1} << 31) + 1) == rounded{});
static_assert(napot::describe(0x8000'0000, 8, permission::r) ==
              napot::region{{0x2000'0000}, 0b11'001});
static_assert(napot::describe(0x8000'0040, 64, permission::rw) ==
              napot::region{{0x2000'0017}, 0b11'011});
static_assert(napot::describe(0x8000'1000, 4000, permission::rx) ==
              napot::region{{0x2000'05ff}, 0b11'101});
static_assert(relo::pmp_napot<word, 4096>::round(1) == rounded{4096, 4096});
using tor = relo::pmp_tor<word>;
static_assert(tor::round(1) == rounded{4, 4} && tor::round(8680) == rounded{8680, 4} &&
              tor::round(0xffff'fffd).size == 0);
static_assert(tor::describe(0x8000'0004, 9, permission::rx) ==
              tor::region{{0x2000'0001, 0x2000'0004}, 0b01'101});
static_assert(relo::pmp_tor<std::uint64_t>::describe(0x1'0000'0000, 8, permission::r) ==
              relo::pmp_tor<std::uint64_t>::region{{0x4000'0000, 0x4000'0002}, 0b01'001});

// No rule rounds down, aligns to less than it needs, or is undone by being applied twice.
template <class Rule>
constexpr bool rounds() {
  for (word size = 1; size < 5000; size += 7) {
    const rounded r = Rule::round(size);
    if (r.size < size || r.size % Rule::granularity != 0 || (r.align & (r.align - 1)) != 0 ||
        Rule::round(r.size).size != r.size)
      return false;
  }
  return true;
}
static_assert(rounds<pmsav7>() && rounds<pmsav8>() && rounds<napot>() && rounds<tor>());

/// A unit on paper.
template <class Rule, std::size_t Regions>
struct unit {
  static constexpr std::size_t regions = Regions;
  std::array<typename Rule::region, Regions> now{};
  constexpr void set(unsigned number, const typename Rule::region& r) noexcept { now[number] = r; }
};

using buffer = relo::buffer<word, 8>;

constexpr bool describes_in_constant_evaluation() {
  unsigned char bytes[2048]{};
  buffer sram{bytes, 0x2000'0000};
  unit<pmsav7, 2> mpu;
  relo::mpu_memory memory{sram, pmsav7{}, mpu};
  const auto text = memory.allocate(mem_type::text, 600, 4);
  if (text.bytes.size() != 600 || memory.round(600).size != 640 || memory.rounding() != 40 ||
      mpu.now[0] != pmsav7::region{})
    return false;
  // The three eighths that are not used are the next one's.
  const auto rodata = memory.allocate(mem_type::rodata, 90, 4);
  if (rodata.address != 0x2000'0280 || memory.rounding() != 46) return false;
  if (!memory.protect(text, permission::rx) || !memory.protect(rodata, permission::r)) return false;
  if (mpu.now[0] != pmsav7::region{0x2000'0000, 0x0606'e013} ||
      mpu.now[1] != pmsav7::region{0x2000'0200, 0x1606'8f0f})
    return false;
  memory.release(text);
  if (mpu.now[0] != pmsav7::region{} || memory.rounding() != 6) return false;
  memory.release(rodata);
  return mpu.now[1] == pmsav7::region{} && sram.in_use() == 0;
}
static_assert(describes_in_constant_evaluation());

}  // namespace

TEST_CASE("a block without a region can be had and returned, not protected") {
  std::vector<unsigned char> bytes(1024);
  buffer sram{bytes, 0x2000'0000};
  relo::mpu_memory memory{sram, pmsav8{}, unit<pmsav8, 1>{}};
  const auto first = memory.allocate(mem_type::text, 10, 4),
             second = memory.allocate(mem_type::text, 10, 4);
  CHECK(memory.protect(first, permission::rx));
  CHECK_FALSE(memory.protect(second, permission::rx));
  memory.release(second);
  CHECK(sram.in_use() == 32);
  memory.release(first);
  CHECK(sram.in_use() == 0);
  // A region is free again.
  CHECK(memory.protect(memory.allocate(mem_type::text, 10, 4), permission::rx));
}

TEST_CASE("a block has one permission") {
  std::vector<unsigned char> bytes(1024);
  buffer sram{bytes, 0x2000'0000};
  unit<pmsav8, 2> mpu;
  relo::mpu_memory memory{sram, pmsav8{}, mpu};
  const auto b = memory.allocate(mem_type::ro_after_init, 96, 4);
  const relo::block<word> head{b.bytes.first(32), b.address},
      tail{b.bytes.subspan(32), b.address + 32};
  CHECK(memory.protect(head, permission::rw));
  CHECK(memory.protect(tail, permission::rw));
  CHECK(mpu.now[0] == pmsav8::describe(0x2000'0000, 96, permission::rw));
  CHECK_FALSE(memory.protect(head, permission::r));
  CHECK_FALSE(memory.protect(b, permission::none));
  CHECK(mpu.now[0] == pmsav8::describe(0x2000'0000, 96, permission::rw));
  CHECK(memory.protect(b, permission::r));
  CHECK(mpu.now[0] == pmsav8::describe(0x2000'0000, 96, permission::r));
}

TEST_CASE("what cannot be described, or is not there, is refused") {
  std::vector<unsigned char> bytes(1024);
  buffer sram{bytes, 0x2000'0000};
  relo::mpu_memory memory{sram, pmsav7{}, unit<pmsav7, 2>{}};
  CHECK_FALSE(memory.allocate(mem_type::text, 0x8000'0001, 4));
  CHECK_FALSE(memory.allocate(mem_type::text, 0xffff'ffff, 4));
  CHECK_FALSE(memory.allocate(mem_type::text, 1025, 4));
  CHECK(memory.rounding() == 0);
  CHECK(sram.in_use() == 0);
}
