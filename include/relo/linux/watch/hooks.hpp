// What of the kernel takes part in loading a module, and is not the module loader: tracing,
// debugging, live patching.
#pragma once

#include <relo/module.hpp>

namespace relo::kmod {

/// The hooks of a kernel policy: any of these members, under the names of the kernel's functions;
/// those that are not there are not called. `m` is the loader's module_type. What undoes cannot
/// fail. What is audited is told to the diagnostics policy, see audit().
///
///   dynamic_debug_setup(m)       it has module_table::dyndbg_descs; up to 6.3, from then on that
///                                is a notifier
///   dynamic_debug_remove(m)
///   ftrace_module_init(m)        see module_table::ftrace_callsites; it is unformed yet
///   ftrace_module_enable(m)      it is formed, and coming
///   ftrace_release_mod(m)        undoes both
///   klp_module_coming(m) -> int  before notifiers are told; 0, or an errno to refuse it with
///   klp_module_going(m)
///   kset_find_obj(name) -> bool  whether /sys/module has that directory already, as something
///                                built in has that name
///   kobject_uevent(m)            it is live: udev may look at it
struct no_hooks {};

namespace detail {

// What is undone is undone once, by whoever comes first: a module whose init function was called
// goes in another order than one that did not come that far.

template <class Loader, class Module>
constexpr void klp_module_going(Loader& loader, Module& m) noexcept {
  if constexpr (requires { loader.kernel().hooks.klp_module_going(m); })
    loader.kernel().hooks.klp_module_going(m);
}
template <class Loader, class Module>
constexpr void ftrace_release_mod(Loader& loader, Module& m) noexcept {
  if (!m.attributes.traced) return;
  m.attributes.traced = false;
  if constexpr (requires { loader.kernel().hooks.ftrace_release_mod(m); })
    loader.kernel().hooks.ftrace_release_mod(m);
}

/// Notifiers are told, then live patching. Kernel: the first lines of the label coming_cleanup.
template <class Loader, class Module>
constexpr void tell_going(Loader& loader, Module& m) noexcept {
  if (!m.attributes.announced) return;
  m.attributes.announced = false;
  loader.registry().set_state(m, module_state::going);
  loader.kernel().module_notify_list.call(module_state::going, {m.name.c_str(), &m});
  klp_module_going(loader, m);
}

}  // namespace detail

/// The module came, and is live. Whoever is told may not unload it: it is in use until it is
/// loaded, as by the reference that the kernel holds meanwhile. Kernel: a part of do_init_module(),
/// module_unload_init().
template <class Loader, class Module>
constexpr void module_live(Loader& loader, Module& m) {
  struct in_use {
    Module& m;
    explicit constexpr in_use(Module& of) noexcept : m(of) { ++m.references; }
    constexpr ~in_use() { --m.references; }
  };
  const in_use until_told{m};
  loader.registry().set_state(m, module_state::live);
  loader.kernel().module_notify_list.call(module_state::live, {m.name.c_str(), &m});
  if constexpr (requires { loader.kernel().hooks.kobject_uevent(m); })
    loader.kernel().hooks.kobject_uevent(m);
}
/// It goes, as its exit function has run or its init function failed. Kernel: what delete_module()
/// and do_init_module() do before free_module().
template <class Loader, class Module>
constexpr void module_going(Loader& loader, Module& m) noexcept {
  detail::tell_going(loader, m);
  detail::ftrace_release_mod(loader, m);
}

}  // namespace relo::kmod
