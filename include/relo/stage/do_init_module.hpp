// do_init_module: constructors, init function, live, init memory returned.
#pragma once

#include <relo/stage/arrays.hpp>
#include <relo/stage/protect.hpp>

namespace relo::stages {

/// Runs constructors; undone, runs destructors, and those that constructors registered.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";

  template <class Load>
  constexpr errc run(Load& load) const {
    return detail::for_each_pointer(load, detail::construction, [&](typename Load::addr function) {
      load.loader.execution().call(function);
    });
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
};

/// Runs the init function; undone, the exit function.
struct do_one_initcall {
  static constexpr const char* name = "do_one_initcall";

  template <class Load>
  constexpr errc run(Load& load) const {
    if (load.mod->init == 0) return errc::ok;
    const int result = load.loader.execution().call_init(load.mod->init);
    return result >= 0 ? errc::ok
                       : load.fail(errc::init_failed,
                                   {.value = static_cast<std::uint64_t>(-std::int64_t{result})});
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
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

/// Returns regions that held init memory only; the module is live.
struct do_free_init {
  static constexpr const char* name = "do_free_init";

  template <class Load>
  constexpr errc run(Load& load) const {
    using layout = typename Load::loader_type::layout;
    for (std::size_t r = 0; r < layout::regions; ++r) {
      if (!is_init_only<layout>(r) || !load.mod->regions[r]) continue;
      if constexpr (requires { load.mod->mem; })
        for (std::size_t t = 0; t < mem_types; ++t)
          if (layout::region_of(static_cast<mem_type>(t)) == r) load.mod->mem[t] = {};
      load.loader.memory().release(load.mod->regions[r]);
      load.mod->regions[r] = {};
    }
    load.mod->state = module_state::live;
    return errc::ok;
  }

 private:
  template <class Layout>
  static constexpr bool is_init_only(std::size_t region) noexcept {
    for (std::size_t t = 0; t < mem_types; ++t)
      if (Layout::region_of(static_cast<mem_type>(t)) == region &&
          !is_init(static_cast<mem_type>(t)))
        return false;
    return true;
  }
};

}  // namespace relo::stages
