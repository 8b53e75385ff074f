// Symbols as the kernel exports them, and the CRCs that say whether a module was built against
// them.
#pragma once

#include <relo/base/sort.hpp>
#include <relo/linux/policy/load_info.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::kmod {

/// A symbol with what its exporter says of it. Kernel: struct find_symbol_arg.
template <class Addr>
struct kernel_symbol : symbol<Addr> {
  bool has_crc = false;
  std::uint32_t crc = 0;
  /// The namespace it is in, "" for none; and the module that it is of, "" for the kernel itself.
  const char* name_space = "";
  const char* owner = "";
  bool unused = false;  ///< up to 5.11
  /// The module that it is of is tainted so; where that is in the registry it is asked itself.
  bool proprietary = false;
};

/// The records of a module's __versions. Kernel: struct modversion_info {
/// unsigned long crc; char name[64 - sizeof(unsigned long)]; }. A name may run on behind its
/// record; of a longer one than any that is exported, what is behind does not count.
template <class Load>
class modversions {
  using addr = typename Load::addr;
  static constexpr addr record = 64;

 public:
  explicit constexpr modversions(Load& load) noexcept : load_(load) {
    const auto s = load.image.section(load.index.vers);
    if (load.index.vers == 0 || !load.image.within_file(s.sh_offset(), s.sh_size())) return;
    offset_ = s.sh_offset();
    count_ = s.sh_size() / record;
  }

  constexpr addr size() const noexcept { return count_; }
  constexpr addr crc(addr i) const noexcept {
    const auto* const file = load_.image.source().data();
    return relo::read_int<addr, Load::byte_order>(file + static_cast<std::size_t>(at(i)));
  }
  /// How a name compares to that of record i.
  template <class Name>
  constexpr int compare(const Name& name, addr i) const noexcept {
    const auto other = name_of(i);
    for (std::size_t n = 0; n < elf::max_name; ++n) {
      const auto a = static_cast<unsigned char>(name[n]), b = static_cast<unsigned char>(other[n]);
      if (a != b || a == 0) return a - b;
    }
    return 0;
  }

  /// Has the records found by halves from now on, if they are many: their numbers, by name, are
  /// in scratch memory as long as that is taken; if there is none, they are walked through.
  constexpr void sort() const {
    if (count_ <= few) return;
    const auto count = static_cast<std::size_t>(count_);
    const auto numbers = load_.loader.scratch().take(count);
    if (numbers.size() != count) return;
    for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<addr>(i);
    sort_numbers(numbers, [&](addr i, addr k) {
      const int order = compare(name_of(i), k);
      return order != 0 ? order < 0 : i < k;
    });
    load_.versions_by_name = numbers;
  }
  /// The first record of that name, size() if there is none.
  template <class Name>
  constexpr addr find(const Name& name) const noexcept {
    const std::span<const addr> numbers = load_.versions_by_name;
    if (numbers.empty()) {
      addr i = 0;
      while (i < count_ && compare(name, i) != 0) ++i;
      return i;
    }
    const std::size_t first = count_before(numbers, [&](addr i) { return compare(name, i) > 0; });
    return first < numbers.size() && compare(name, numbers[first]) == 0 ? numbers[first] : count_;
  }

 private:
  static constexpr addr few = 64;

  constexpr addr at(addr i) const noexcept { return static_cast<addr>(offset_ + i * record); }
  constexpr auto name_of(addr i) const noexcept { return load_.image.name_at(at(i), sizeof(addr)); }

  Load& load_;
  addr offset_ = 0, count_ = 0;
};

/// Whether a module's __versions have that symbol's CRC. Kernel: check_version().
template <class Load, class Name, class Addr>
constexpr bool check_version(Load& load, const Name& called, const kernel_symbol<Addr>& found) {
  // An exporter without CRCs has tainted the kernel already.
  if (!load.settings().modversions || !found.has_crc) return true;
  if (load.index.vers == 0) return load.try_to_force_load(called);

  const modversions<Load> versions{load};
  const auto i = versions.find(called);
  if (i < versions.size()) {
    if (versions.crc(i) == found.crc) return true;
    load.printk(load.name, ": disagrees about version of symbol ", called);
    return false;
  }
  load.printk(load.name, ": no symbol version for ", called);
  return !load.settings().missing_crc_refused;
}

}  // namespace relo::kmod
