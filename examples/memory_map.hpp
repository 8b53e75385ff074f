// A picture of a module's memory: a box a region, a line a memory type, bars to one scale.
#pragma once

#include "print.hpp"

#include <relo/loader.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

namespace example {

/// `text` as often as that.
inline std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- != 0) out += text;
  return out;
}

constexpr const char* letters(relo::permission p) noexcept {
  switch (p) {
    case relo::permission::r: return "r--";
    case relo::permission::rw: return "rw-";
    case relo::permission::rx: return "r-x";
    case relo::permission::none: break;
  }
  return "---";
}

/// A bar of `width` cells, `used` of `whole` of it filled, in eighths of a cell.
inline std::string bar(std::size_t width, std::uint64_t used, std::uint64_t whole) {
  constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const std::size_t filled = static_cast<std::size_t>((8 * width * used + whole - 1) / whole);
  const std::size_t begun = (filled + 7) / 8;
  return repeat("█", filled / 8) + std::string{eighths[filled % 8]} + repeat("░", width - begun);
}

/// How many of `count` stubs at a place are more than zeros.
template <class Load, class Place>
std::size_t written(const Load& load, const Place& at, std::size_t count, std::size_t size) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto stub = load.bytes_at({at.type, at.offset + i * size}, size);
    n += std::any_of(stub.begin(), stub.end(), [](unsigned char byte) { return byte != 0; });
  }
  return n;
}

/// The permissions of a page of this process, as the system tells them: "r-x".
inline std::string permissions_at(std::uint64_t address) {
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    unsigned long long begin = 0, end = 0;
    char permissions[5]{};
    if (std::sscanf(line.c_str(), "%llx-%llx %4s", &begin, &end, permissions) == 3 &&
        begin <= address && address < end)
      return {permissions, 3};
  }
  return "???";
}

/// Prints the memory of the module that is being loaded, after complete_formation has set its
/// permissions, and how many of the stubs reserved in it are in use.
template <class Load>
void print_memory_map(const Load& load) {
  using loader_type = typename Load::loader_type;
  using addr = typename Load::addr;
  using layout = typename loader_type::layout;
  constexpr addr granularity = loader_type::memory_type::granularity;
  const auto& m = *load.mod;
  constexpr std::size_t bar_width = 24;

  const auto whole = [](addr size) { return relo::align_up(size, granularity); };
  addr largest = 1;
  for (const auto& type : m.mem)
    largest = std::max(largest, whole(static_cast<addr>(type.bytes.size())));

  for (std::size_t r = 0; r < layout::regions; ++r) {
    if (!m.regions[r]) continue;
    std::string lines;
    std::size_t width = 0;
    bool stays = false;
    for (const relo::mem_type type : relo::layout_order) {
      const auto& memory = m.memory(type);
      if (layout::region_of(type) != r || !memory) continue;
      stays = stays || !relo::is_init(type);
      const auto size = static_cast<addr>(memory.bytes.size());
      const std::size_t cells = std::max<std::size_t>(1, bar_width * whole(size) / largest);
      std::string allowed = letters(permission_of(type, false));
      if constexpr (loader_type::execution_type::native) allowed = permissions_at(memory.address);
      if (permission_of(type, false) != permission_of(type, true))
        allowed += fmt::format(", then {}", letters(permission_of(type, true)));
      const std::string line =
          fmt::format("{:012x}-{:012x}  {:<13}  {:<13}  {:>7} bytes  ", memory.address,
                      memory.address + whole(size), name_of(type), allowed, size);
      width = line.size() + bar_width;
      lines += fmt::format("    │ {}{}{} │\n", line, bar(cells, size, whole(size)),
                           repeat(" ", bar_width - cells));
    }
    const std::string title = fmt::format(
        "─ {}, {} bytes ", stays ? "stays" : "returned after init", m.regions[r].bytes.size());
    print(own{fmt::format("    ┌{}{}┐\n{}    └{}┘\n", title,
                          repeat("─", width + 2 - (title.size() - 2)), lines,
                          repeat("─", width + 2))});
  }

  const std::size_t slots = load.stub.got_slots(), veneers = load.stub.veneers();
  if (slots != 0)
    print("    GOT: {} slots at {}+{:#x}, {} filled\n", slots, name_of(load.got.type),
          load.got.offset, written(load, load.got, slots, Load::machine::got_entry));
  if (veneers != 0)
    print("    veneers: {} reserved at {}+{:#x}, {} needed\n", veneers, name_of(load.veneers.type),
          load.veneers.offset, written(load, load.veneers, veneers, Load::machine::veneer_size));
}

/// The same, as a stage.
struct print_memory {
  static constexpr const char* name = "print_memory";
  using undo = relo::nothing_to_undo;

  template <class Load>
  relo::errc run(Load& load) const {
    print_memory_map(load);
    return relo::errc::ok;
  }
};

}  // namespace example
