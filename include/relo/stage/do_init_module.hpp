// do_init_module: constructors, init function, live, init memory returned.
#pragma once

#include <relo/layout/regions.hpp>
#include <relo/stage/arrays.hpp>
#include <relo/stage/protect.hpp>

namespace relo::stages {

/// Runs constructors, in the order that the constructors policy has; undone, runs what they
/// registered to be run then, and destructors.
struct do_mod_ctors {
  static constexpr const char* name = "do_mod_ctors";
  static constexpr bool acts = true;
  using needs = facets<facet::relocated>;

  template <class Load>
  constexpr errc run(Load& load) const {
    unless_returned<Load> finalize{load};
    const auto call = [&](typename Load::addr function) { load.loader.execution().call(function); };
    errc e = errc::ok;
    if constexpr (Load::loader_type::sorts_arrays)
      e = detail::for_each_pointer_by_priority(load, detail::construction, call);
    else e = detail::for_each_constructor_in_file_order(load, call);
    finalize.returned = true;
    return e;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    using addr = typename Loader::addr;
    loader.execution().finalize(m.handle());
    if constexpr (requires { m.destructors; }) {
      const auto table = m.bytes_of(m.destructors);
      for (std::size_t i = table.size() / sizeof(addr); i-- > 0;)
        loader.execution().call(
            read_int<addr, Loader::machine::format::byte_order>(table.data() + i * sizeof(addr)));
    }
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

/// The object is gone when the module is unloaded, so what will run then is noted now.
struct do_mod_dtors {
  static constexpr const char* name = "do_mod_dtors";
  using undo = nothing_to_undo;
  using needs = facets<facet::relocated>;
  using gives = facets<facet::destructors>;

  template <class Load>
  constexpr errc run(Load& load) const {
    // What a slot has of a module is lost to g++ 12 when it evaluates constants.
    if (std::is_constant_evaluated()) load.mod->destructors = {};
    if constexpr (Load::loader_type::sorts_arrays) return keep_in_order(load);
    for (std::uint32_t i = load.image.first_special(); i < load.image.sections(); ++i)
      if (const auto s = load.image.section(i); s.sh_type() == elf::sht::fini_array)
        load.mod->destructors = load.section_extent(i);
    return errc::ok;
  }

 private:
  /// In the memory that layout_sections has made room for.
  template <class Load>
  static constexpr errc keep_in_order(Load& load) {
    using addr = typename Load::addr;
    if (!load.destructors) return errc::ok;
    addr size = 0;
    const errc e =
        detail::for_each_pointer_by_priority(load, detail::destruction, [&](addr function) {
          // The arrays are read again: no more of them than there was room made for.
          if (load.destructors_size - size < sizeof(addr)) return;
          const auto to = load.bytes_at(
              {load.destructors.type, static_cast<addr>(load.destructors.offset + size)},
              sizeof(addr));
          if (to.empty()) return;
          load.write_word(to.data(), function);
          size = static_cast<addr>(size + sizeof(addr));
        });
    load.mod->destructors = {load.address_of(load.destructors), size};
    return e;
  }
};

/// Runs the init function; undone, the exit function.
struct do_one_initcall {
  static constexpr const char* name = "do_one_initcall";
  static constexpr bool reads = false, acts = true;
  using needs = facets<facet::relocated>;
  using gives = facets<facet::started>;

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
  using undo = nothing_to_undo;
  static constexpr bool reads = false;
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using module_type = typename Load::module_type;
    constexpr std::size_t area = module_type::area_of(mem_type::ro_after_init);
    const bool sealed = module_type::type_of(area) != mem_type::ro_after_init ||
                        protect(load.loader, *load.mod, area, true);
    return sealed ? errc::ok : load.fail(errc::protection_failed);
  }
};

/// The module is live; regions that held init memory only are returned, once no reader looks there.
struct do_free_init {
  static constexpr const char* name = "do_free_init";
  using undo = nothing_to_undo;
  static constexpr bool reads = false;
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using layout = typename Load::loader_type::layout;
    load.loader.registry().set_state(*load.mod, module_state::live);
    load.loader.readers().synchronize();
    for (std::size_t r = 0; r < layout::regions; ++r) {
      if (!is_init_only<layout>(r) || !load.mod->regions[r]) continue;
      if constexpr (Load::module_type::by_type)
        for (std::size_t t = 0; t < mem_types; ++t)
          if (layout::region_of(static_cast<mem_type>(t)) == r) load.mod->mem[t] = {};
      load.loader.memory().release(load.mod->regions[r]);
      load.mod->regions[r] = {};
    }
    return errc::ok;
  }
};

}  // namespace relo::stages
