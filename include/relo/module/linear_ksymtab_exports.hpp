// Exports that a module names with EXPORT_SYMBOL, searched one by one: a plugin has few.
#pragma once

#include <relo/module/export_policy.hpp>

namespace relo {

/// The records of relo/plugin/linux/export.h where the relocated module has them. Nothing is
/// sorted or copied. A record whose name is not in the module exports nothing. What
/// EXPORT_SYMBOL_GPL names is for all, unless there is the stage check_modinfo.
struct linear_ksymtab_exports {
  using role = role::exports;
  static constexpr bool unique = true;

  template <class Machine>
  struct state {
    std::array<extent<typename Machine::format::addr>, 2> tables{};
  };

  template <class Load, class Header, class Name>
  static constexpr void see(Load& load, std::uint32_t i, const Header& s,
                            const Name& called) noexcept {
    auto& tables = load.mod->exports.tables;
    const extent<typename Load::addr> here{load.section_address(i), s.sh_size()};
    if (called == "__ksymtab") tables[0] = here;
    else if (called == "__ksymtab_gpl") tables[1] = here;
  }

  template <class Load>
  constexpr errc finish(Load&) const noexcept {
    return errc::ok;
  }

  template <std::endian Order, class Module, class Name, class Addr>
  constexpr bool find(const Module& m, const Name& wanted, bool gpl_ok,
                      symbol<Addr>& out) const noexcept {
    return for_each_record<Order>(m, gpl_ok, [&](Addr name, Addr value) {
      if (!m.has_name_at(name, wanted)) return false;
      out.address = value;
      return true;
    });
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    errc e = errc::ok;
    for_each_record<Order>(m, true, [&](auto at, auto) {
      const unsigned char* const name = m.name_at(at);
      if (name != nullptr) e = f(elf::name{name});
      return e != errc::ok;
    });
    return e;
  }

 private:
  /// Calls f(address of the name, value) for each record until it returns true; whether it did.
  template <std::endian Order, class Module, class F>
  static constexpr bool for_each_record(const Module& m, bool gpl_ok, F&& f) {
    using addr = typename Module::addr;
    using record = relo::detail::ksymtab3<addr, Order>;
    for (extent<addr> left : std::span{m.exports.tables}.first(gpl_ok ? 2 : 1))
      for (; left.size >= record::size; left = {static_cast<addr>(left.address + record::size),
                                                static_cast<addr>(left.size - record::size)}) {
        const unsigned char* const r = m.at(left.address, static_cast<addr>(record::size));
        if (r == nullptr) break;
        if (f(record::name(r, 0), record::value(r, 0))) return true;
      }
    return false;
  }
};

}  // namespace relo
