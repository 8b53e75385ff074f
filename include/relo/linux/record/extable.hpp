// The exception table: which instructions may fault, and what is done then.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/linux/record/module_table.hpp>
#include <relo/linux/watch/module_address.hpp>

namespace relo::kmod {

/// A table whose entries are words of 32 bits, first the instruction. Those of Relative (a bit a
/// word) are offsets from themselves to an address; they change when an entry is moved. Kernel:
/// struct exception_table_entry with ARCH_HAS_RELATIVE_EXTABLE.
template <class Addr, std::endian Order, unsigned Words, unsigned Relative>
class relative_extable {
 public:
  static constexpr std::size_t entry_size = std::size_t{4} * Words;

  explicit constexpr relative_extable(const table_objects<Addr>& t) noexcept
      : table_(t), count_(t.bytes.size() / entry_size) {}

  constexpr std::size_t size() const noexcept { return count_; }
  /// A word of an entry; an address if the word is relative. i < size().
  constexpr Addr word(std::size_t i, unsigned w) const noexcept {
    const std::size_t at = i * entry_size + std::size_t{4} * w;
    const auto value = read_int<std::uint32_t, Order>(table_.bytes.data() + at);
    if (!is_relative(w)) return value;
    return static_cast<Addr>(table_.address + at + extended(value));
  }
  constexpr Addr insn(std::size_t i) const noexcept { return word(i, 0); }

  /// By instruction. Kernel: sort_extable().
  constexpr void sort() const {
    heap_sort(
        count_, [&](std::size_t i, std::size_t k) { return insn(i) < insn(k); },
        [&](std::size_t i, std::size_t k) { swap(i, k); });
  }

  /// The entry of an instruction, size() if there is none. The table is sorted. Kernel:
  /// search_extable().
  constexpr std::size_t search(Addr instruction) const noexcept {
    std::size_t first = 0, last = count_;
    while (first < last) {
      const std::size_t middle = first + (last - first) / 2;
      if (insn(middle) == instruction) return middle;
      if (insn(middle) < instruction) first = middle + 1;
      else last = middle;
    }
    return count_;
  }

 private:
  static constexpr bool is_relative(unsigned w) noexcept { return (Relative >> w & 1) != 0; }
  static constexpr Addr extended(std::uint32_t v) noexcept {
    return static_cast<Addr>(static_cast<std::int64_t>(static_cast<std::int32_t>(v)));
  }

  constexpr void swap(std::size_t i, std::size_t k) const noexcept {
    const auto moved = static_cast<std::uint32_t>((k - i) * entry_size);
    for (unsigned w = 0; w < Words; ++w) {
      unsigned char* const a = table_.bytes.data() + i * entry_size + std::size_t{4} * w;
      unsigned char* const b = table_.bytes.data() + k * entry_size + std::size_t{4} * w;
      const auto x = read_int<std::uint32_t, Order>(a), y = read_int<std::uint32_t, Order>(b);
      const std::uint32_t by = is_relative(w) ? moved : 0;
      write_int<Order>(a, y + by);
      write_int<Order>(b, x - by);
    }
  }

  table_objects<Addr> table_;
  std::size_t count_;
};

template <class Loader>
using extable = typename Loader::machine::template extable<Loader::kernel_type::release>;

/// Whether an address is in memory that is returned after init. Kernel: within_module_init().
template <class Module>
constexpr bool within_module_init(const Module& m, typename Module::addr address) noexcept {
  for (const mem_type t : {mem_type::init_text, mem_type::init_data, mem_type::init_rodata}) {
    const auto& have = m.memory(t);
    if (address >= have.address && address - have.address < have.bytes.size()) return true;
  }
  return false;
}

/// Sorts a module's table, and notes what of it is used after init: entries of memory that is
/// returned then are first or last. Kernel: sort_extable(), trim_init_extable().
template <class Loader, class Module>
constexpr void sort_extable(Module& m) noexcept {
  using addr = typename Module::addr;
  constexpr std::size_t entry = extable<Loader>::entry_size;
  const extable<Loader> table{objects(m, module_table::extable)};
  table.sort();
  std::size_t first = 0, last = table.size();
  while (first < last && within_module_init(m, table.insn(first))) ++first;
  while (first < last && within_module_init(m, table.insn(last - 1))) --last;
  const addr start = m.tables[static_cast<std::size_t>(module_table::extable)].address;
  m.core_extable = {static_cast<addr>(start + first * entry),
                    static_cast<addr>((last - first) * entry)};
}

/// A module's exception table; that of its init, too, until it is live.
template <class Loader>
constexpr extable<Loader> extable_of(const Loader& loader,
                                     const typename Loader::module_type& m) noexcept {
  const auto& seen = loader.seen(m);
  const bool all = loader.registry().state(m) == module_state::coming;
  return extable<Loader>{
      objects_at(seen, module_table::extable,
                 all ? m.tables[static_cast<std::size_t>(module_table::extable)] : m.core_extable)};
}

/// Calls f(table, i) for the entry of an instruction in whichever module's memory it is; false:
/// there is none. Kernel: search_module_extables().
template <class Loader, class F>
constexpr bool search_module_extables(const Loader& loader, typename Loader::addr instruction,
                                      F&& f) {
  const auto* const m = module_address(loader, instruction);
  if (m == nullptr) return false;
  const auto table = extable_of(loader, *m);
  const std::size_t i = table.search(instruction);
  if (i == table.size()) return false;
  f(table, i);
  return true;
}

}  // namespace relo::kmod
