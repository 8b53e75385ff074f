#include <relo/host/pages.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using relo::host::pages;
using relo::host::placement;

/// The permissions that the system lists for an address: "rw-p" and so on.
std::string permissions(relo::native_addr address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    char flags[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, flags) == 3 && address >= begin &&
        address < end)
      return flags;
  }
  return "none";
}

std::uint64_t distance(relo::native_addr a, relo::native_addr b) { return a > b ? a - b : b - a; }

const int here = 0;

}  // namespace

TEST_CASE("placement") {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  pages near_here{placement::near(&here)};
  REQUIRE(near_here.usable());
  CHECK(distance(near_here.address(), relo::address_of(&here)) < gib);

  pages low{placement::low_2gib(), 1 << 20};
  REQUIRE(low.usable());
  CHECK(low.address() + low.size() <= 2 * gib);

  pages anywhere{placement::anywhere(), 1 << 20};
  CHECK(anywhere.usable());
}

TEST_CASE("permissions are what was asked for, and never more") {
  pages memory;
  const auto b = memory.allocate(relo::mem_type::text, 100, 1);
  REQUIRE(b);
  CHECK(b.bytes.size() == 100);
  CHECK(b.address % 4096 == 0);
  CHECK(permissions(b.address) == "rw-p");
  b.bytes[0] = 0xc3;
  CHECK(memory.protect({b.bytes, b.address}, relo::permission::rx));
  CHECK(permissions(b.address) == "r-xp");
  CHECK(memory.protect({b.bytes, b.address}, relo::permission::r));
  CHECK(permissions(b.address) == "r--p");
  memory.release(b);
  CHECK(permissions(b.address) == "---p");
  CHECK(memory.in_use() == 0);
  const auto again = memory.allocate(relo::mem_type::text, 100, 1);
  CHECK(again.address == b.address);
  CHECK(again.bytes[0] == 0);
}

TEST_CASE("first fit, large alignments, and the end of the reservation") {
  pages memory{placement::anywhere(), std::size_t{1} << 24};
  const auto a = memory.allocate(relo::mem_type::data, 1, 1),
             b = memory.allocate(relo::mem_type::data, 8192, 1);
  CHECK(b.address == a.address + 4096);
  const auto wide = memory.allocate(relo::mem_type::data, 1, 1 << 21);
  CHECK(wide.address % (1 << 21) == 0);
  memory.release(a);
  CHECK(memory.allocate(relo::mem_type::data, 4096, 1).address == a.address);
  CHECK_FALSE(memory.allocate(relo::mem_type::data, std::uint64_t{1} << 24, 1));
  CHECK_FALSE(memory.allocate(relo::mem_type::data, ~std::uint64_t{0}, 1));
  CHECK_FALSE(memory.allocate(relo::mem_type::data, 1, std::uint64_t{1} << 62));
}

TEST_CASE("a reservation that cannot be had is an allocation that fails") {
  pages memory{placement::low_2gib(), std::size_t{1} << 40};
  CHECK_FALSE(memory.usable());
  CHECK_FALSE(memory.allocate(relo::mem_type::text, 1, 1));
}

TEST_CASE("a large array of a module has room, where the system has it") {
  pages memory;
  REQUIRE(memory.size() == std::size_t{1} << 30);
  CHECK(memory.allocate(relo::mem_type::data, std::size_t{1} << 29, 1));

  std::size_t pages_now = 0;
  std::ifstream{"/proc/self/statm"} >> pages_now;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  rlimit little = before;
  little.rlim_cur = pages_now * 4096 + (std::size_t{300} << 20);
  REQUIRE(::setrlimit(RLIMIT_AS, &little) == 0);
  const pages half;
  REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(half.usable());
  CHECK(half.size() == std::size_t{1} << 28);
}

TEST_CASE("a block goes into the first hole that it fits, and leaves the largest of all again") {
  constexpr std::size_t count = 128, page = 4096;
  pages memory{placement::anywhere(), count * page};
  REQUIRE(memory.usable());
  std::vector<bool> used(count, false);
  std::vector<relo::block<relo::native_addr>> blocks;
  std::mt19937 random{1};
  const auto first_fit = [&](std::size_t size, std::size_t align) {
    for (std::size_t at = 0; at + size <= count; ++at) {
      bool fits = (memory.address() / page + at) % align == 0;
      for (std::size_t i = 0; fits && i < size; ++i) fits = !used[at + i];
      if (fits) return at;
    }
    return count;
  };
  for (int i = 0; i < 3000; ++i) {
    if (random() % 2 == 0) {
      const std::size_t size = 1 + random() % 8, align = std::size_t{1} << random() % 5;
      const auto b = memory.allocate(relo::mem_type::data, size * page, align * page);
      const std::size_t at = first_fit(size, align);
      REQUIRE(bool{b} == (at != count));
      if (!b) continue;
      REQUIRE(b.address == memory.address() + at * page);
      for (std::size_t k = 0; k < size; ++k) used[at + k] = true;
      blocks.push_back(b);
    } else if (!blocks.empty()) {
      const std::size_t which = random() % blocks.size();
      const auto b = blocks[which];
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
      memory.release(b);
      for (std::size_t k = 0; k < b.bytes.size() / page; ++k)
        used[(b.address - memory.address()) / page + k] = false;
    }
    std::size_t run = 0, longest = 0;
    for (const bool taken : used) longest = std::max(longest, run = taken ? 0 : run + 1);
    REQUIRE(memory.available(relo::mem_type::data, 1) == longest * page);
  }
  for (const auto& b : blocks) memory.release(b);
  CHECK(memory.in_use() == 0);
  CHECK(memory.available(relo::mem_type::data, 1) == count * page);
}
