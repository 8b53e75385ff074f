#include <relo/base/bytes.hpp>

#include <doctest/doctest.h>

namespace {

constexpr unsigned char bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99};

template <class T>
constexpr bool loads(std::size_t at, T little, T big) {
  return relo::read_int<T, std::endian::little>(bytes + at) == little &&
         relo::read_int<T, std::endian::big>(bytes + at) == big;
}

constexpr bool round_trips() {
  unsigned char b[10]{};
  relo::write_int<std::endian::big>(b + 1, std::uint64_t{0x0102030405060788});
  for (std::size_t i = 0; i < 8; ++i)
    if (b[1 + i] != bytes[i]) return false;
  relo::write_int<std::endian::little>(b + 1, std::uint16_t{0x0201});
  return b[0] == 0 && b[1] == 1 && b[2] == 2 && b[3] == 3 && b[9] == 0;
}

static_assert(loads<std::uint16_t>(1, 0x0302, 0x0203));
static_assert(loads<std::uint32_t>(0, 0x04030201, 0x01020304));
static_assert(loads<std::uint64_t>(1, 0x9988070605040302, 0x0203040506078899));
static_assert(round_trips());
static_assert(relo::align_up(13U, 8) == 16 && relo::align_up(16U, 8) == 16 &&
              relo::align_up(7U, 0) == 7);

}  // namespace

TEST_CASE("run time agrees with constant evaluation") {
  // Through volatile, so that nothing is folded.
  volatile std::size_t one = 1, none = 0;
  CHECK(loads<std::uint16_t>(one, 0x0302, 0x0203));
  CHECK(loads<std::uint32_t>(none, 0x04030201, 0x01020304));
  CHECK(loads<std::uint64_t>(one, 0x9988070605040302, 0x0203040506078899));
  CHECK(round_trips());
  alignas(8) unsigned char aligned[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(relo::read_aligned<std::uint32_t, std::endian::little, 4>(aligned + 4 * one) == 0x08070605);
  CHECK(relo::read_aligned<std::uint64_t, std::endian::big, 4>(aligned) == 0x0102030405060708);
}

TEST_CASE("appending never wraps") {
  std::uint32_t v = 0xffff'fff0;
  CHECK_FALSE(relo::checked_append(v, 1, 16));
  CHECK_FALSE(relo::checked_append(v, 0x100, 0));
  CHECK(v == 0xffff'fff0);
  CHECK(relo::checked_append(v, 4, 15));
  CHECK(v == 0xffff'ffff);
}
