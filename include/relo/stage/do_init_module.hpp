// do_init_module: constructors, init function, live, init memory returned.
#pragma once

#include <relo/layout/regions.hpp>
#include <relo/stage/arrays.hpp>
#include <relo/stage/protect.hpp>

namespace relo::stages {

/// Runs constructors; undone, runs destructors, and those that constructors registered.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";

  template <class Load>
  constexpr errc run(Load& load) const {
    unless_returned<Load> finalize{load};
    const errc e =
        detail::for_each_pointer(load, detail::construction, [&](typename Load::addr function) {
          load.loader.execution().call(function);
        });
    finalize.returned = true;
    return e;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    using addr = typename Loader::addr;
    loader.execution().finalize(m.handle());
    const auto table = m.bytes_of(m.destructors);
    for (std::size_t i = table.size() / sizeof(addr); i-- > 0;)
      loader.execution().call(
          load<addr, Loader::machine::format::byte_order>(table.data() + i * sizeof(addr)));
  }

 private:
  /// One of the constructors may throw; then what those before it made is destroyed.
  template <class Load>
  struct unless_returned {
    Load& load;
    bool returned = false;

    constexpr ~unless_returned() {
      if (!returned) load.loader.execution().finalize(load.mod->handle());
    }
  };
};

/// Runs the init function; undone, the exit function.
struct do_one_initcall {
  static constexpr const char* name = "do_one_initcall";

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::loader_type::entry_points::any) {
      const int result =
          load.mod->init == 0 ? 0 : load.loader.execution().call_init(load.mod->init);
      if (result < 0)
        return load.fail(errc::init_failed,
                         {.value = static_cast<std::uint64_t>(-std::int64_t{result})});
    }
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    if constexpr (Loader::entry_points::any)
      if (m.exit != 0) loader.execution().call(m.exit);
  }
};

/// Seals ro_after_init. Kernel: module_enable_ro(mod, true).
struct module_enable_ro {
  static constexpr const char* name = "module_enable_ro";

  template <class Load>
  constexpr errc run(Load& load) const {
    const bool sealed = protect(load.loader, *load.mod, mem_type::ro_after_init, true);
    return sealed ? errc::ok : load.fail(errc::protection_failed);
  }
};

/// The module is live; regions that held init memory only are returned, once no reader looks there.
struct do_free_init {
  static constexpr const char* name = "do_free_init";

  template <class Load>
  constexpr errc run(Load& load) const {
    using layout = typename Load::loader_type::layout;
    load.loader.registry().set_state(*load.mod, module_state::live);
    load.loader.readers().synchronize();
    for (std::size_t r = 0; r < layout::regions; ++r) {
      if (!is_init_only<layout>(r) || !load.mod->regions[r]) continue;
      if constexpr (requires { load.mod->mem; })
        for (std::size_t t = 0; t < mem_types; ++t)
          if (layout::region_of(static_cast<mem_type>(t)) == r) load.mod->mem[t] = {};
      load.loader.memory().release(load.mod->regions[r]);
      load.mod->regions[r] = {};
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
