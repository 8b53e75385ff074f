// Exports that a module names with EXPORT_SYMBOL, searched one by one: a plugin has few.
#pragma once

#include <relo/symbol/export_policy.hpp>

namespace relo::micro {

/// The records of relo/plugin/linux/export.h where the relocated module has them. Nothing is
/// sorted or copied, and EXPORT_SYMBOL_GPL is EXPORT_SYMBOL. A record whose name is not in the
/// module exports nothing.
struct ksymtab_exports {
  using role = role::exports;
  static constexpr bool unique = true;

  template <class Machine>
  struct state {
    std::array<extent<typename Machine::format::addr>, 2> tables{};
  };

  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    load.mod->exports.tables = {load.section_extent(load.index.ksymtab),
                                load.section_extent(load.index.ksymtab_gpl)};
  }

  template <class Load>
  constexpr errc finish(Load&) const noexcept {
    return errc::ok;
  }

  template <std::endian Order, class Module, class Name, class Addr>
  constexpr bool find(const Module& m, const Name& wanted, bool, symbol<Addr>& out) const noexcept {
    return for_each_record<Order>(m, [&](const unsigned char* name, Addr value) {
      if (!(wanted == name)) return false;
      out.address = value;
      return true;
    });
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    errc e = errc::ok;
    for_each_record<Order>(m, [&](const unsigned char* name, auto) {
      e = f(elf::name{name});
      return e != errc::ok;
    });
    return e;
  }

 private:
  /// Calls f(name, value) for each record until it returns true; whether it did.
  template <std::endian Order, class Module, class F>
  static constexpr bool for_each_record(const Module& m, F&& f) {
    using addr = typename Module::addr;
    using record = relo::detail::ksymtab3<addr, Order>;
    for (const auto& table : m.exports.tables)
      for (addr at = 0; table.size - at >= record::size;
           at = static_cast<addr>(at + record::size)) {
        const unsigned char* const r =
            m.at(static_cast<addr>(table.address + at), static_cast<addr>(record::size));
        if (r == nullptr) break;
        const unsigned char* const name = m.name_at(record::name(r, 0));
        if (name != nullptr && f(name, record::value(r, 0))) return true;
      }
    return false;
  }
};

}  // namespace relo::micro
