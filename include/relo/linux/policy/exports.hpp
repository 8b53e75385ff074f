// What a loaded module exports: its __ksymtab sections, sorted by the linker, with CRCs and
// namespaces.
#pragma once

#include <relo/linux/record/version.hpp>
#include <relo/module/export_policy.hpp>

namespace relo::kmod {

/// The tables that each_symbol_section() walks, in its order, of a module or of the kernel. The
/// last three are those of kernels up to 5.11, and the last two of these only with
/// CONFIG_UNUSED_SYMBOLS.
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

/// How many of them a kernel of that generation knows.
template <generation G>
inline constexpr std::size_t export_tables =
    release_traits<G>::has_fading_exports ? std::size(export_sections) : 2;

/// A table and the CRCs beside it. Kernel: struct symsearch.
template <class Addr>
struct symsearch {
  extent<Addr> symbols{}, crcs{};
};
/// By export_sections; those that there are not are empty.
template <class Addr>
using symsearch_array = std::array<symsearch<Addr>, std::size(export_sections)>;

/// The symbol of that name in the first table that has it for such a module. `memory` has the
/// tables and what they refer to, as bytes_of(), bytes_at() and name_at() of a module. Searches as
/// the kernel does, by bsearch(): in a table that is not sorted it finds and misses what the kernel
/// would. Kernel: each_symbol_section(), find_exported_symbol_in_section(),
/// check_exported_symbol().
template <template <class, std::endian> class RecordFormat, std::endian Order, class Memory,
          class Addr, class Name, class Symbol>
constexpr bool find_exported_symbol(const Memory& memory, const symsearch_array<Addr>& tables,
                                    const Name& name, bool gpl_ok, Symbol& out) noexcept {
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const symsearch<Addr>& table = tables[t];
    const export_section& is = export_sections[t];
    if (table.symbols.empty() || !visible(is.kind, gpl_ok)) continue;
    const export_records<RecordFormat<Addr, Order>, Memory> records{memory, table.symbols};
    const std::size_t at = records.index_of(name);
    if (at == records.size()) continue;
    out.address = records.value(at);
    out.kind = is.kind;
    if constexpr (requires { out.crc; }) {
      const auto crc = memory.bytes_at(static_cast<Addr>(table.crcs.address + 4 * at), 4);
      out.has_crc = !table.crcs.empty() && !crc.empty();
      if (out.has_crc) out.crc = read_int<std::uint32_t, Order>(crc.data());
      out.unused = is.unused;
      out.name_space = records.name_space(at);
    }
    return true;
  }
  return false;
}

/// The export policy of kernel modules. RecordFormat is how the machine's kernel writes struct
/// kernel_symbol: prel32_ksymtab, or absolute_ksymtab with three words.
template <template <class, std::endian> class RecordFormat>
struct basic_exports {
  using role = relo::role::exports;
  static constexpr bool unique = true;

  template <class Machine>
  struct state {
    symsearch_array<typename Machine::format::addr> tables{};
  };

  template <class Load>
  constexpr errc layout(Load&) const noexcept {
    return errc::ok;
  }
  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    for (std::size_t i = 0; i < export_tables<Load::release>; ++i) {
      if (export_sections[i].unused && !load.settings().unused_symbols) continue;
      load.mod->exports.tables[i] = {load.section_objs(export_sections[i].symbols),
                                     load.section_objs(export_sections[i].crcs)};
    }
  }
  template <class Load>
  constexpr errc finish(Load&) const noexcept {
    return errc::ok;
  }

  /// `out` may be a kernel_symbol.
  template <std::endian Order, class Module, class Name, class Symbol>
  constexpr bool find(const Module& m, const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    if (!find_exported_symbol<RecordFormat, Order>(m, m.exports.tables, name, gpl_ok, out))
      return false;
    if constexpr (requires { out.owner; }) out.owner = m.name.c_str();
    return true;
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    using format = RecordFormat<typename Module::addr, Order>;
    for (const auto& table : m.exports.tables) {
      const export_records<format, Module> records{m, table.symbols};
      for (std::size_t i = 0; i < records.size(); ++i) {
        const unsigned char* const name = records.name(i);
        if (name == nullptr) return errc::bad_section_contents;
        if (const errc e = f(elf::name{name}); e != errc::ok) return e;
      }
    }
    return errc::ok;
  }
};

/// Kernels with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS, as on x86-64.
using prel32_exports = basic_exports<prel32_ksymtab>;
using absolute_exports = basic_exports<relo::detail::ksymtab3>;

}  // namespace relo::kmod
