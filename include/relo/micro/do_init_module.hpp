// do_init_module: constructors, and the module is live.
#pragma once

#include <relo/micro/load_info.hpp>

namespace relo::micro {

struct flush_module_icache {
  static constexpr const char* name = "flush_module_icache";
  static constexpr bool reads = false;

  template <class Load>
  constexpr errc run(Load& load) const {
    for (const auto& r : load.mod->regions) load.loader.execution().flush(r.bytes);
    return errc::ok;
  }
};

namespace detail {

/// Nothing, if the table is not in the module.
template <class Loader, class Module>
constexpr void call_each(Loader& loader, const Module& m,
                         const extent<typename Loader::addr>& table) {
  using addr = typename Loader::addr;
  const unsigned char* p = m.at(table.address, table.size);
  if (p == nullptr) return;
  for (addr n = table.size / sizeof(addr); n != 0; --n, p += sizeof(addr))
    loader.execution().call(load<addr, Loader::machine::format::byte_order>(p));
}

}  // namespace detail

/// Runs constructors, those of .preinit_array too, in file order; undone, runs what they registered
/// to be run then. Objects with several constructor priorities want relo::stages::do_mod_ctors,
/// which sorts by name.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";

  template <class Load>
  constexpr errc run(Load& load) const {
    using namespace elf::sht;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (const auto s = load.image.section(i);
          ((s.sh_type() - init_array) & ~(preinit_array - init_array)) == 0)
        detail::call_each(load.loader, *load.mod, {load.section_address(i), s.sh_size()});
    load.mod->state = module_state::live;
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.execution().finalize(m.handle());
  }
};

/// Undone, runs the destructors of .fini_array. Those of C++ objects are usually not there but
/// registered with __cxa_atexit or __aeabi_atexit.
struct do_mod_dtors {
  static constexpr const char* name = "do_mod_dtors";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (const auto s = load.image.section(i); s.sh_type() == elf::sht::fini_array)
        load.mod->destructors = {load.section_address(i), s.sh_size()};
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    detail::call_each(loader, m, m.destructors);
  }
};

}  // namespace relo::micro
