// What is kept of a module's file for sysfs, and of what was done with the module.
#pragma once

#include <relo/memory/memory.hpp>
#include <relo/module.hpp>

#include <array>
#include <concepts>

namespace relo::kmod {

/// Kernel: struct module's version, srcversion, sect_attrs and notes_attrs; all of them in memory
/// of their own.
template <class Addr>
struct attributes {
  block<Addr> modinfo{};  ///< strings, each with its NUL: version, then srcversion
  bool has_version = false, has_srcversion = false;
  block<Addr> sections{};  ///< see section_attributes
  std::uint32_t section_count = 0;
  /// Texts that charp parameters were set to by write_parameter().
  std::array<block<Addr>, 4> stored{};
  bool in_sysfs = false;   ///< /sys/module has its directory
  bool announced = false;  ///< notifiers know that it came, and not that it goes
  bool traced = false;     ///< ftrace knows of it

  /// If it has one.
  constexpr const unsigned char* version() const noexcept { return modinfo.bytes.data(); }
  constexpr const unsigned char* srcversion() const noexcept {
    const unsigned char* s = modinfo.bytes.data();
    if (has_version) s += elf::name{s}.size() + 1;
    return s;
  }
};

/// A memory may have a place of its own for what the kernel keeps about modules:
///  - kmalloc(size): a block of `size` bytes; no bytes: none.
///  - kfree(block): takes it back, whole.
/// In other memories that is data as any other.
template <class M>
concept kernel_memory = requires(M m, typename M::addr n, const block<typename M::addr>& b) {
  { m.kmalloc(n) } -> std::same_as<block<typename M::addr>>;
  { m.kfree(b) } noexcept;
};

template <class Loader>
constexpr auto kmalloc(Loader& loader, typename Loader::addr size) {
  if constexpr (kernel_memory<typename Loader::memory_type>) return loader.memory().kmalloc(size);
  else return loader.memory().allocate(mem_type::data, size, sizeof(typename Loader::addr));
}
template <class Loader>
constexpr void kfree(Loader& loader, block<typename Loader::addr>& b) noexcept {
  if (!b) return;
  if constexpr (kernel_memory<typename Loader::memory_type>) loader.memory().kfree(b);
  else loader.memory().release(b);
  b = {};
}

/// The module's loaded sections, in the order of the file: where each is, how many bytes of it are
/// a note (0: it is none), and its name. One record a section, all names behind them.
template <class Addr, std::endian Order>
class section_attributes {
 public:
  static constexpr std::size_t record = 2 * sizeof(Addr);

  explicit constexpr section_attributes(const attributes<Addr>& a) noexcept
      : left_(a.section_count),
        at_(a.sections.bytes.data()),
        name_(at_ + (at_ == nullptr ? 0 : a.section_count * record)) {}

  constexpr bool next() noexcept {
    if (left_ == 0) return false;
    --left_;
    address = read_int<Addr, Order>(at_);
    note = read_int<Addr, Order>(at_ + sizeof(Addr));
    at_ += record;
    name = elf::name{name_};
    name_ += name.size() + 1;
    return true;
  }

  Addr address = 0, note = 0;
  elf::name<const unsigned char*> name{};

 private:
  std::uint32_t left_;
  const unsigned char* at_;
  const unsigned char* name_;
};

}  // namespace relo::kmod
