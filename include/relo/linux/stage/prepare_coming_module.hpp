// The steps at which others take part in a load: dynamic debugging, tracing; and
// prepare_coming_module, where live patching and whoever is in the notifier chain may refuse it.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/watch/hooks.hpp>

namespace relo::kmod::stages {

/// Up to 6.3; from then on dynamic debugging is in the notifier chain.
struct dynamic_debug_setup {
  static constexpr const char* name = "dynamic_debug_setup";
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (requires { load.kernel().hooks.dynamic_debug_setup(*load.mod); })
      if (has_any(*load.mod)) load.kernel().hooks.dynamic_debug_setup(*load.mod);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    if constexpr (requires { loader.kernel().hooks.dynamic_debug_remove(m); })
      if (has_any(m)) loader.kernel().hooks.dynamic_debug_remove(m);
  }

 private:
  template <class Module>
  static constexpr bool has_any(const Module& m) noexcept {
    return objects(m, module_table::dyndbg_descs).count != 0;
  }
};

/// The module is unformed yet, so nothing of it runs.
struct ftrace_module_init {
  static constexpr const char* name = "ftrace_module_init";
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    load.mod->attributes.traced = true;
    if constexpr (requires { load.kernel().hooks.ftrace_module_init(*load.mod); })
      load.kernel().hooks.ftrace_module_init(*load.mod);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    kmod::detail::ftrace_release_mod(loader, m);
  }
};

struct prepare_coming_module {
  static constexpr const char* name = "prepare_coming_module";
  using needs = facets<facet::formed>;

  template <class Load>
  constexpr errc run(Load& load) const {
    auto& kernel = load.kernel();
    auto& m = *load.mod;
    if constexpr (requires { kernel.hooks.ftrace_module_enable(m); })
      kernel.hooks.ftrace_module_enable(m);
    if constexpr (requires { kernel.hooks.klp_module_coming(m); })
      if (const int error = kernel.hooks.klp_module_coming(m); error != 0)
        return refuse(load, error::refused_by_livepatch, error);

    unless_announced<Load> patched{load};
    const int answer = kernel.module_notify_list.call_robust(
        module_state::coming, module_state::going, {m.name.c_str(), &m});
    // One that stops the others without an error does not refuse the module.
    if (const int error = notifier_to_errno(answer); error != 0)
      return refuse(load, error::refused_by_notifier, error);
    m.attributes.announced = true;
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    kmod::detail::tell_going(loader, m);
  }

 private:
  /// A notifier may refuse the module or throw; then it is not patched.
  template <class Load>
  struct unless_announced {
    Load& load;
    constexpr ~unless_announced() {
      if (!load.mod->attributes.announced) kmod::detail::klp_module_going(load.loader, *load.mod);
    }
  };

  template <class Load>
  static constexpr errc refuse(Load& load, errc e, int error) {
    load.loader.registry().set_state(*load.mod, module_state::going);
    load.answer(-error);
    load.answer(-error);
    return load.fail(e, about(static_cast<std::uint64_t>(error)));
  }
};

}  // namespace relo::kmod::stages
