// do_init_module: constructors, and the module is live.
#pragma once

#include <relo/micro/load_info.hpp>

namespace relo::micro {

struct flush_module_icache {
  static constexpr const char* name = "flush_module_icache";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (const auto& r : load.mod->regions) load.loader.execution().flush(r.bytes);
    return errc::ok;
  }
};

/// Runs constructors, in file order; undone, runs destructors, and those that constructors
/// registered. Objects with several constructor priorities want relo::stages::do_mod_ctors, which
/// sorts by name.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!load.is_loaded(i)) continue;
      const extent<typename Load::addr> table{load.section_address(i), s.sh_size()};
      if (s.sh_type() == elf::sht::init_array) call_each(load.loader, *load.mod, table);
      if (s.sh_type() == elf::sht::fini_array) load.mod->destructors = table;
    }
    load.mod->state = module_state::live;
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.execution().finalize(m.handle());
    call_each(loader, m, m.destructors);
  }

 private:
  template <class Loader, class Module>
  static constexpr void call_each(Loader& loader, const Module& m,
                                  const extent<typename Loader::addr>& table) {
    using addr = typename Loader::addr;
    for (addr at = table.address, n = table.size / sizeof(addr); n != 0; --n, at += sizeof(addr))
      if (const unsigned char* const p = m.at(at, sizeof(addr)); p != nullptr)
        loader.execution().call(load<addr, Loader::machine::format::byte_order>(p));
  }
};

}  // namespace relo::micro
