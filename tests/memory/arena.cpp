#include <relo/memory/arena.hpp>
#include <relo/native.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using arena = relo::buffer<std::uint32_t, 4>;
constexpr auto any = relo::mem_type::text;

/// Free neighbours serve a larger request, and alignment counts from the target address.
constexpr bool allocates_in_constant_evaluation() {
  unsigned char bytes[64]{};
  arena a{bytes, 0x1004};
  const auto first = a.allocate(any, 10, 16);
  const auto second = a.allocate(any, 10, 4), third = a.allocate(any, 10, 4);
  if (first.address != 0x1010 || second.address != 0x1004 || third.address != 0x101c ||
      first.bytes.data() != bytes + 12)
    return false;
  if (a.in_use() != 30) return false;
  a.release(first);
  a.release(second);
  a.release(third);
  return a.in_use() == 0 && a.allocate(any, 64, 1).address == 0x1004;
}
static_assert(allocates_in_constant_evaluation());

}  // namespace

TEST_CASE("what does not fit is refused and changes nothing") {
  std::vector<unsigned char> bytes(100, 0xee);
  arena a{bytes, 0x1000};
  CHECK_FALSE(a.allocate(any, 101, 1));
  CHECK_FALSE(a.allocate(any, 1, 0x1000'0000));
  CHECK_FALSE(a.allocate(any, 0xffff'ffff, 1));
  CHECK(a.in_use() == 0);
  CHECK(bytes == std::vector<unsigned char>(100, 0xee));
}

TEST_CASE("memory is zeroed, and no more of it than was asked for") {
  std::vector<unsigned char> bytes(32, 0xee);
  arena a{bytes, 0};
  const auto b = a.allocate(any, 8, 8);
  REQUIRE(b);
  for (std::size_t i = 0; i < bytes.size(); ++i) CHECK(bytes[i] == (i < 8 ? 0 : 0xee));
}

TEST_CASE("a gap between blocks is used again") {
  std::vector<unsigned char> bytes(64);
  arena a{bytes, 0x100};
  const auto one = a.allocate(any, 16, 1), two = a.allocate(any, 16, 1),
             three = a.allocate(any, 32, 1);
  REQUIRE(three);
  CHECK_FALSE(a.allocate(any, 1, 1));
  a.release(two);
  CHECK_FALSE(a.allocate(any, 17, 1));
  const auto again = a.allocate(any, 16, 16);
  CHECK(again.address == two.address);
  a.release(one), a.release(three), a.release(again);
  CHECK(a.in_use() == 0);
}

TEST_CASE("blocks beyond the list's length are refused") {
  std::vector<unsigned char> bytes(64);
  arena a{bytes, 0};
  for (int i = 0; i < 4; ++i) CHECK(a.allocate(any, 1, 1));
  CHECK_FALSE(a.allocate(any, 1, 1));
}

TEST_CASE("a buffer at the very end of the address space") {
  std::vector<unsigned char> bytes(16);
  arena a{bytes, 0xffff'ffe0};
  CHECK(a.allocate(any, 16, 1).address == 0xffff'ffe0);
  CHECK_FALSE(a.allocate(any, 1, 0x100));
}

TEST_CASE("a static arena runs where it is") {
  static relo::static_arena<256, 64, 4> memory;
  const auto first = memory.allocate(any, 100, 64), second = memory.allocate(any, 100, 4);
  REQUIRE(second);
  CHECK(first.address == relo::address_of(first.bytes.data()));
  CHECK(second.address == relo::address_of(second.bytes.data()));
  CHECK(first.address % 64 == 0);
  CHECK_FALSE(memory.allocate(any, 100, 4));
  memory.release(first), memory.release(second);
  CHECK(memory.in_use() == 0);
}
