// What is refused before memory is taken: blacklisted names, a struct module and a version magic of
// another kernel, livepatches where there are none; and since 6.4, a name that is taken. Then what
// the kernel is tainted with.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/record/version.hpp>
#include <relo/module/modinfo.hpp>
#include <relo/stage/add_unformed_module.hpp>

namespace relo::kmod::stages {

struct blacklisted {
  static constexpr const char* name = "blacklisted";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!listed(load.settings().blacklist, load.name)) return errc::ok;
    if constexpr (Load::traits::says_what_it_refuses)
      load.printk("Module ", load.name, " is blacklisted");
    return load.fail(error::blacklisted, {}, load.name);
  }

 private:
  template <class Name>
  static constexpr bool listed(const char* list, const Name& called) noexcept {
    const std::size_t length = called.size();
    while (*list != '\0') {
      std::size_t n = 0;
      while (list[n] != '\0' && list[n] != ',') ++n;
      bool same = n == length;
      for (std::size_t i = 0; same && i < n; ++i) same = list[i] == called[i];
      if (same) return true;
      list += n + (list[n] == ',' ? 1 : 0);
    }
    return false;
  }
};

/// Kernel: check_modstruct_version(). A module built against another struct module brings another
/// CRC of module_layout.
struct check_modstruct_version {
  static constexpr const char* name = "check_modstruct_version";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    kernel_symbol<typename Load::addr> found;
    // A kernel without the symbol is one that knows no CRCs.
    if (!load.loader.host_symbols().find(elf::name{"module_layout"}, true, found)) return errc::ok;
    return check_version(load, elf::name{"module_layout"}, found)
               ? errc::ok
               : load.fail(error::wrong_module_layout);
  }
};

namespace detail {

/// Without its first word, the release, where CRCs say more. Kernel: same_magic().
template <class Name>
constexpr bool same_magic(const Name& module, const char* kernel, bool has_crcs) noexcept {
  std::size_t i = 0, k = 0;
  if (has_crcs) {
    while (module[i] != '\0' && module[i] != ' ') ++i;
    while (kernel[k] != '\0' && kernel[k] != ' ') ++k;
  }
  for (; module[i] == kernel[k]; ++i, ++k)
    if (kernel[k] == '\0') return true;
  return false;
}

template <class Load>
constexpr errc check_vermagic(Load& load) {
  typename Load::name_type magic{};
  if (load.has_flag(init_flags::ignore_vermagic) || !load.get_modinfo("vermagic", magic))
    return load.try_to_force_load("bad vermagic") ? errc::ok : load.fail(error::not_forced);
  const config& kernel = load.settings();
  const bool has_crcs = kernel.modversions && load.index.vers != 0;
  if (same_magic(magic, kernel.vermagic, has_crcs)) return errc::ok;
  load.printk(load.name, ": version magic '", magic, "' should be '", kernel.vermagic, "'");
  return load.fail(error::wrong_vermagic, {}, magic);
}

template <class Load>
constexpr errc check_livepatch(Load& load) {
  if (!load.has_modinfo("livepatch")) return errc::ok;
  if (load.settings().livepatch) {
    load.mod->livepatch = true;
    return errc::ok;
  }
  load.printk(load.mod->name,
              ": module is marked as livepatch module, but livepatch support is disabled");
  return load.fail(error::livepatch_disabled);
}

template <class Load>
constexpr void taint_livepatch(Load& load) {
  if (!load.mod->livepatch) return;
  load.add_taint(taint::livepatch);
  if (load.kernel().told_livepatch) return;
  load.kernel().told_livepatch = true;
  load.printk(load.mod->name, ": tainting kernel with TAINT_LIVEPATCH");
}

template <class Load>
constexpr void taint_out_of_tree(Load& load) {
  if (load.has_modinfo("intree")) return;
  if (!load.kernel().tainted.test(taint::oot_module))
    load.printk(load.mod->name, ": loading out-of-tree module taints kernel.");
  load.add_taint(taint::oot_module);
}

/// Kernel: check_modinfo_retpoline(), retpoline_module_ok().
template <class Load>
constexpr void check_retpoline(Load& load) {
  if (!load.settings().retpoline || load.has_modinfo("retpoline")) return;
  load.printk("Spectre V2 : System may be vulnerable to spectre v2");
  load.printk(load.mod->name, ": loading module not compiled with retpoline compiler.");
}

template <class Load>
constexpr void taint_staging(Load& load) {
  if (!load.has_modinfo("staging")) return;
  load.add_taint(taint::crap);
  load.printk(load.mod->name, ": module is from the staging directory, the quality is unknown, "
                              "you have been warned.");
}

/// Kernel: set_license(), module_license_taint_check().
template <class Load>
constexpr void taint_license(Load& load) {
  typename Load::name_type given{};
  text<1024> license;  // as long as a line of the log
  if (load.get_modinfo("license", given)) license << given;
  else license << "unspecified";
  if (license_is_gpl_compatible(license.c_str())) return;
  if (!load.kernel().tainted.test(taint::proprietary_module))
    load.printk(load.mod->name, ": module license '", license, "' taints kernel.");
  load.add_taint(taint::proprietary_module, false);
}

template <class Load>
constexpr void taint_test(Load& load) {
  if (!Load::traits::taints_for_tests || !load.has_modinfo("test")) return;
  if (!load.kernel().tainted.test(taint::test))
    load.printk(load.mod->name, ": loading test module taints kernel.");
  load.add_taint(taint::test);
}

template <class Load>
constexpr void taint_unsigned(Load& load) {
  if (!load.settings().module_sig || load.mod->sig_ok) return;
  if (!load.kernel().told_unsigned) {
    load.kernel().told_unsigned = true;
    load.printk(load.mod->name, ": module verification failed: signature and/or required key "
                                "missing - tainting kernel");
  }
  load.add_taint(taint::unsigned_module);
}

/// Modules that are known not to be what they say.
template <class Load>
constexpr void taint_by_name(Load& load, bool was_proprietary) {
  const char* const called = load.mod->name.c_str();
  // It loads proprietary modules, but is to have its GPL-only symbols.
  if (relo::detail::same(called, "ndiswrapper"))
    load.kernel().tainted.add(taint::proprietary_module);
  if (relo::detail::same(called, "driverloader") || relo::detail::same(called, "lve"))
    load.add_taint(taint::proprietary_module, false);
  if (!was_proprietary && load.kernel().tainted.test(taint::proprietary_module))
    load.printk(called, ": module license taints kernel.");
}

}  // namespace detail

/// Where check_modinfo taints, in its order, before a livepatch is refused.
struct check_modinfo {
  static constexpr const char* name = "check_modinfo";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = detail::check_vermagic(load); e != errc::ok) return e;
    if constexpr (Load::traits::check_modinfo_taints) {
      detail::taint_out_of_tree(load);
      detail::check_retpoline(load);
      detail::taint_staging(load);
      if (const errc e = detail::check_livepatch(load); e != errc::ok) return e;
      detail::taint_livepatch(load);
      detail::taint_license(load);
      detail::taint_test(load);
      return errc::ok;
    } else {
      return detail::check_livepatch(load);
    }
  }
};

namespace detail {

/// A module of that name may be loading or going just now, whose functions ask for this one. The
/// kernel would wait, and they with it.
template <class Load>
constexpr errc check_exists(Load& load, duplicate why) {
  const elf::name called{load.mod->name.c_str()};
  const auto* const old = load.loader.registry().find(called);
  if (old == nullptr) return errc::ok;
  if constexpr (Load::traits::counts_duplicates)
    if (!load.kernel().statistics.add_duplicate(load.mod->name.c_str(), why))
      load.printk("Could not add fail-tracking for module: ", load.mod->name);
  return load.fail(old->state == module_state::live ? errc::already_loaded : errc::not_live, {},
                   called);
}

}  // namespace detail

/// From 6.4 on: the name is looked up early, too.
struct module_patient_check_exists {
  static constexpr const char* name = "module_patient_check_exists";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    return detail::check_exists(load, duplicate::becoming);
  }
};

/// The name is taken from here on; nobody can use the module yet.
struct add_unformed_module : relo::stages::add_unformed_module {
  template <class Load>
  constexpr errc run(Load& load) const {
    if (load.options.progress != nullptr) load.options.progress->allocated = true;
    audit(load.loader, load.mod->name.c_str());
    if (const errc e = detail::check_exists(load, duplicate::load); e != errc::ok) return e;
    load.loader.registry().add(*load.mod);
    return errc::ok;
  }
};

/// Up to 6.3, when the name is taken.
struct taint_unsigned {
  static constexpr const char* name = "taint_unsigned";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    detail::taint_unsigned(load);
    return errc::ok;
  }
};

/// From 6.4 on.
struct module_augment_kernel_taints {
  static constexpr const char* name = "module_augment_kernel_taints";
  using needs = facets<facet::module>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    const bool was_proprietary = load.kernel().tainted.test(taint::proprietary_module);
    detail::taint_out_of_tree(load);
    detail::check_retpoline(load);
    detail::taint_staging(load);
    detail::taint_livepatch(load);
    detail::taint_license(load);
    detail::taint_test(load);
    detail::taint_unsigned(load);
    detail::taint_by_name(load, was_proprietary);
    return errc::ok;
  }
};

}  // namespace relo::kmod::stages
