// What a loaded module exports: its __ksymtab sections, sorted by the linker, with CRCs and
// namespaces.
#pragma once

#include <relo/linux/version.hpp>
#include <relo/symbol/export_policy.hpp>

namespace relo::kmod {

/// The tables of a module that each_symbol_section() walks, in its order. The last three are those
/// of kernels up to 5.11.
struct export_section {
  const char* symbols;
  const char* crcs;
  export_kind kind;
  bool unused;
};
inline constexpr export_section export_sections[] = {
    {"__ksymtab", "__kcrctab", export_kind::plain, false},
    {"__ksymtab_gpl", "__kcrctab_gpl", export_kind::gpl, false},
    {"__ksymtab_gpl_future", "__kcrctab_gpl_future", export_kind::gpl_future, false},
    {"__ksymtab_unused", "__kcrctab_unused", export_kind::plain, true},
    {"__ksymtab_unused_gpl", "__kcrctab_unused_gpl", export_kind::gpl, true},
};

/// The export policy of kernel modules. RecordFormat is how the machine's kernel writes struct
/// kernel_symbol: prel32_ksymtab, or absolute_ksymtab with three words.
template <template <class, std::endian> class RecordFormat>
struct basic_exports {
  using role = relo::role::exports;
  static constexpr bool unique = true;

  template <class Machine>
  struct state {
    using addr = typename Machine::format::addr;
    struct table {
      extent<addr> symbols{}, crcs{};
    };
    std::array<table, std::size(export_sections)> tables{};
  };

  template <class Load>
  constexpr errc layout(Load&) const noexcept {
    return errc::ok;
  }
  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    for (std::size_t i = 0; i < tables<Load::release>; ++i)
      load.mod->exports.tables[i] = {load.section_objs(export_sections[i].symbols),
                                     load.section_objs(export_sections[i].crcs)};
  }
  template <class Load>
  constexpr errc finish(Load&) const noexcept {
    return errc::ok;
  }

  /// Searches as the kernel does, by bsearch(): what is not sorted is not found. `out` may be a
  /// kernel_symbol.
  template <std::endian Order, class Module, class Name, class Symbol>
  constexpr bool find(const Module& m, const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    using addr = typename Module::addr;
    using format = RecordFormat<addr, Order>;
    for (std::size_t t = 0; t < m.exports.tables.size(); ++t) {
      const auto& table = m.exports.tables[t];
      const export_section& is = export_sections[t];
      if (table.symbols.empty() || !visible(is.kind, gpl_ok)) continue;
      const export_records<format, Module> records{m, table.symbols};
      const std::size_t at = records.index_of(name);
      if (at == records.size()) continue;
      out.address = records.value(at);
      out.kind = is.kind;
      if constexpr (requires { out.crc; }) {
        out.owner = m.name.c_str();
        const auto crc = m.bytes_at(static_cast<addr>(table.crcs.address + 4 * at), 4);
        out.has_crc = !table.crcs.empty() && !crc.empty();
        if (out.has_crc) out.crc = load<std::uint32_t, Order>(crc.data());
        out.unused = is.unused;
        out.name_space = records.name_space(at);
      }
      return true;
    }
    return false;
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    using format = RecordFormat<typename Module::addr, Order>;
    for (const auto& table : m.exports.tables)
      if (const errc e = relo::detail::for_each_export<format>(m, table.symbols, f); e != errc::ok)
        return e;
    return errc::ok;
  }

 private:
  template <generation G>
  static constexpr std::size_t tables = G == generation::v5_11 ? std::size(export_sections) : 2;
};

/// Kernels with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS, as on x86-64.
using prel32_exports = basic_exports<prel32_ksymtab>;
using absolute_exports = basic_exports<relo::detail::ksymtab3>;

}  // namespace relo::kmod
