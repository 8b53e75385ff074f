// x86-64 as a kernel's modules have it. Kernel: arch/x86/kernel/module.c.
#pragma once

#include <relo/arch/x86_64.hpp>
#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/record/extable.hpp>
#include <relo/reloc/howto_table.hpp>

namespace relo::kmod {

/// The machine policy, and what the kernel's apply_relocate_add() says of records it refuses.
struct x86_64 : arch::x86_64_kernel {
  /// The instruction, its fixup, and the handler's address or of what kind the fixup is.
  template <generation G>
  using extable = relative_extable<format::addr, format::byte_order, 3,
                                   release_traits<G>::extable_has_handlers ? 0b111 : 0b011>;

  /// A place is relocated once, and holds nothing before. Whether it is within the section is asked
  /// later: what is not, but in the module, is looked at as the kernel does.
  template <class Load, class Section, class Record>
  static constexpr errc check_place(Load& load, const Section& section, const Record& r) {
    const std::size_t n = width(r.r_type());
    const auto offset = r.r_offset();
    const bool inside = offset <= section.size && n <= section.size - offset;
    const auto this_module = load.section_address(load.index.mod);
    const auto is_zero = [&](std::size_t i) {
      // By then the kernel has noted a state in struct module, and put it in its list.
      const auto at = section.address + offset + i - this_module;
      if (at == 0 || (at >= 8 && at < 24)) return false;
      if (inside) return section.data[offset + i] == 0;
      const auto byte = load.mod->bytes_at(section.address + offset + i, 1);
      return byte.empty() || byte[0] == 0;
    };
    for (std::size_t i = 0; i < n; ++i)
      if (!is_zero(i))
        return Load::traits::checks_range_before_place &&
                       !fits(r.r_type(), value(load, section, r, false))
                   ? errc::relocation_overflow
                   : error::relocated_place_not_zero;
    return errc::ok;
  }

  /// The kernel looks neither whether PC-relative values fit, which it cuts, nor whether the place
  /// is within the section; relo overlooks it only if it is to be exactly as wrong, and never
  /// writes outside the module.
  template <class Load, class Section, class Record>
  static constexpr bool overlooks(Load& load, const Section& section, const Record& r, errc e) {
    const bool cut = e == errc::relocation_overflow && is_pc_relative(r.r_type());
    const auto v = value(load, section, r, true);
    if (!load.settings().as_kernel ||
        !(cut || (e == errc::relocation_out_of_section && fits(r.r_type(), v))))
      return false;
    const std::size_t n = width(r.r_type());
    const auto place = load.mod->bytes_at(section.address + r.r_offset(), n);
    if (n == 0 || place.size() != n) return false;
    if (n == 8) write_int<std::endian::little>(place.data(), v);
    else write_int<std::endian::little>(place.data(), static_cast<std::uint32_t>(v));
    return true;
  }

  template <class Load, class Section, class Record>
  static constexpr void explain(Load& load, const Section& section, const Record& r, errc e) {
    const auto type = r.r_type();
    if (e == errc::unknown_relocation) {
      load.printk("module: ", load.mod->name, ": Unknown rela relocation: ", type);
    } else if (e == error::relocated_place_not_zero) {
      load.printk("module: x86/modules: ",
                  Load::traits::checks_range_before_place ? "Invalid" : "Skipping invalid",
                  " relocation target, existing value is nonzero for type ", type, ", loc ",
                  hex{section.address + r.r_offset()}, ", val ",
                  hex{value(load, section, r, Load::traits::checks_range_before_place)});
    } else if (e == errc::relocation_overflow) {
      load.printk("module: overflow in relocation type ", type, " val ",
                  hex{value(load, section, r, false)});
      load.printk("module: `", load.mod->name, "' likely not compiled with -mcmodel=kernel");
    }
  }

 private:
  using table = howto_table<arch::x86_64_kernel>;

  /// The row of a type whose places are written, or null.
  static constexpr const table::row* row_of(std::uint32_t type) noexcept {
    const auto* const row = table::find(type);
    return row != nullptr && table::kind(*row) == howto_kind::apply ? row : nullptr;
  }
  static constexpr std::size_t width(std::uint32_t type) noexcept {
    const auto* const row = row_of(type);
    return row == nullptr ? 0 : table::bytes(*row);
  }
  static constexpr bool is_pc_relative(std::uint32_t type) noexcept {
    const auto* const row = row_of(type);
    return row != nullptr && table::is_pc_relative(*row);
  }
  /// PC-relative values the kernel does not check.
  static constexpr bool fits(std::uint32_t type, std::uint64_t value) noexcept {
    const auto* const row = row_of(type);
    return row == nullptr || table::is_pc_relative(*row) || table::fits(*row, value);
  }

  /// S + A, less P if the type is PC-relative and `relative` says that this is done by then.
  template <class Load, class Section, class Record>
  static constexpr std::uint64_t value(Load& load, const Section& section, const Record& r,
                                       bool relative) {
    std::uint64_t s = 0;
    if (r.r_sym() < load.image.symbols()) (void)load.symbol_address(r.r_sym(), s);
    relative = relative && is_pc_relative(r.r_type());
    return s + r.r_addend() - (relative ? section.address + r.r_offset() : 0);
  }
};

}  // namespace relo::kmod
