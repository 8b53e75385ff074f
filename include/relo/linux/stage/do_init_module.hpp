// do_init_module: constructors, init function, live, ro_after_init sealed. Init memory is returned
// by do_free_init.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/watch/hooks.hpp>
#include <relo/stage/protect.hpp>

namespace relo::kmod::stages {

/// Runs constructors, in the order of the file. A kernel has no destructors.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";
  using needs = facets<facet::relocated>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!load.settings().constructors) return errc::ok;
    const auto table = objects(*load.mod, module_table::ctors);
    for (std::size_t i = 0; i < table.count && !table.bytes.empty(); ++i)
      load.loader.execution().call(load.read_word(table[i].data()));
    return errc::ok;
  }
};

/// Runs the init function; the module is live unless that fails. Undone, the exit function runs.
struct do_one_initcall {
  static constexpr const char* name = "do_one_initcall";
  using needs = facets<facet::relocated>;
  using gives = facets<facet::started>;

  template <class Load>
  constexpr errc run(Load& load) const {
    auto& mod = *load.mod;
    unless_live<Load> gone{load};
    const int result = mod.init == 0 ? 0 : load.loader.execution().call_init(mod.init);
    if (result < 0) {
      load.answer(result);
      return load.fail(errc::init_failed,
                       {.value = static_cast<std::uint64_t>(-std::int64_t{result})});
    }
    if (result > 0) {
      load.printk("do_init_module: '", mod.name, "'->init suspiciously returned ", dec{result},
                  ", it should follow 0/-E convention");
      load.printk("do_init_module: loading module anyway...");
    }
    gone.exit = mod.exit;
    module_live(load.loader, mod);
    gone.live = true;
    note_size(load);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    if (m.exit != 0) loader.execution().call(m.exit);
    module_going(loader, m);
  }

 private:
  /// The init function may fail or throw, and so may who is told that the module is live: then it
  /// goes, by its exit function if init is done.
  template <class Load>
  struct unless_live {
    Load& load;
    typename Load::addr exit = 0;
    bool live = false;

    constexpr ~unless_live() {
      if (live) return;
      auto& mod = *load.mod;
      load.loader.registry().set_state(mod, module_state::going);
      if (exit != 0) load.loader.execution().call(exit);
      module_going(load.loader, mod);
    }
  };

  template <class Load>
  static constexpr void note_size(Load& load) noexcept {
    auto& to = load.kernel().statistics;
    constexpr auto page = Load::loader_type::memory_type::granularity;
    for (std::size_t t = 0; t < mem_types; ++t) {
      const auto type = static_cast<mem_type>(t);
      const std::uint64_t size =
          align_up(static_cast<typename Load::addr>(load.mod->memory(type).bytes.size()), page);
      to.total_mod_size += size;
      if (type == mem_type::text || type == mem_type::init_text) to.total_text_size += size;
    }
    ++to.modcount;
  }
};

/// Seals ro_after_init. That it cannot be is no reason any more to unload the module.
struct module_enable_ro {
  static constexpr const char* name = "module_enable_ro";
  using needs = facets<facet::memory>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!relo::stages::protect(load.loader, *load.mod,
                               Load::module_type::area_of(mem_type::ro_after_init), true))
      load.warn(errc::protection_failed, {}, elf::name{load.mod->name.c_str()});
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
