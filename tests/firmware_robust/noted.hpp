// Policies that know what a load did, around the firmware's own.
#pragma once

#include "fence.hpp"

#include <loader.hpp>

#include <array>

namespace under_test {

/// Where objects come from.
enum source { contiguous, streamed, in_place };
constexpr const char* name_of(source s) {
  return s == contiguous ? "contiguous" : s == streamed ? "streamed" : "in place";
}

/// The memory that was allocated since this was last emptied: what a load may write.
struct note {
  std::array<std::span<unsigned char>, 64> blocks;
  std::size_t count = 0;

  void add(std::span<unsigned char> b) {
    if (count == blocks.size()) firmware::give_up();
    blocks[count++] = b;
  }
};
inline note allocated;

template <class Memory>
struct noted : Memory {
  using Memory::Memory;
  using typename Memory::addr;
  relo::block<addr> allocate(relo::mem_type type, addr size, addr align) noexcept {
    const auto b = Memory::allocate(type, size, align);
    if (b) allocated.add(b.bytes);
    return b;
  }
  bool grow(relo::block<addr>& b, addr n) noexcept
    requires requires(Memory& m) { m.grow(b, n); }
  {
    const bool grown = Memory::grow(b, n);
    if (grown) allocated.add(b.bytes.last(n));
    return grown;
  }
};

/// Code of modules runs, or nothing of it does.
inline bool may_run = true;

struct careful : firmware::on_board {
  int call_init(relo::native_addr f) const noexcept { return may_run ? on_board::call_init(f) : 0; }
  void call(relo::native_addr f) const noexcept {
    if (may_run) on_board::call(f);
  }
};

/// What modules print is counted instead.
inline std::uint32_t messages = 0;
inline int count_message(const char*, ...) { return static_cast<int>(++messages), 0; }
inline constexpr auto quiet = relo::exports(relo::exported{"_printk", &count_message});
inline constexpr relo::symbols symbols{quiet, firmware::offered};

/// All memory that the board leaves to modules, code and data.
struct modules_memory {
  using addr = relo::native_addr;
  static constexpr std::size_t size = 16 * 1024;
  std::span<unsigned char> bytes() const { return {firmware::modules_code, size}; }
  addr address() const { return relo::address_of(firmware::modules_code); }
};

template <class T>
std::span<const unsigned char> bytes_of(const T& x) {
  return {reinterpret_cast<const unsigned char*>(&x), sizeof x};
}

}  // namespace under_test
