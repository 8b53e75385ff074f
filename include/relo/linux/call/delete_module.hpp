// delete_module(): who may not go, and why.
#pragma once

#include <relo/linux/call/init_module.hpp>

namespace relo::kmod {

/// A module's taints as they are shown with its name: "(OE)", "" for none; with `show_state`, "-"
/// or "+" at their end while it goes or comes. Kernel: module_flags().
template <class Module>
constexpr text<20> module_flags(const Module& m, bool show_state) noexcept {
  text<20> out;
  const bool going = show_state && m.state == module_state::going,
             coming = show_state && m.state == module_state::coming;
  if (m.tainted.bits() == 0 && !going && !coming) return out;
  out << '(' << letters(m.tainted).c_str();
  if (going) out << '-';
  if (coming) out << '+';
  return out << ')';
}

/// Removes the module of that name: delete_module(2). Other modules that use it are never
/// overruled. With delete_flags::force, and a kernel configured for it (force_unload), a module
/// without an exit function goes, and one that is held by loader.hold(): no holder may release it
/// afterwards.
template <class Loader>
constexpr answer delete_module(Loader& loader, const char* name, unsigned flags = 0) {
  const auto turn = loader.lock();
  auto& kernel = loader.kernel();
  const auto refuse = [&](errc e) { return detail::refuse(loader, "delete_module", e); };
  if (!detail::may_init_module(kernel.settings)) return refuse(error::not_permitted);

  // MODULE_NAME_LEN
  constexpr std::size_t longest = 64 - sizeof(typename Loader::addr) - 1;
  const std::size_t length = elf::name{name}.size();
  if (length == 0 || length > longest) return refuse(errc::not_loaded);
  audit(loader, name);
  auto* const m = loader.registry().find(elf::name{name});
  if (m == nullptr || m->state == module_state::unformed) return refuse(errc::not_loaded);

  for (const auto* user = loader.registry().first(); user != nullptr; user = user->next)
    if (loader.registry().uses(*user, *m)) return refuse(errc::module_in_use);
  if (m->state != module_state::live) return refuse(errc::not_live);

  // Kernel: try_force_unload().
  const auto forced = [&] {
    const bool is = kernel.settings.force_unload && (flags & delete_flags::force) != 0;
    if (is) add_taint(loader, taint::forced_rmmod, false);
    return is;
  };
  if (m->init != 0 && m->exit == 0 && !forced()) return refuse(errc::no_exit);
  if (m->references != 0 && !forced()) return refuse(errc::module_in_use);

  kernel.last_unloaded = {};
  kernel.last_unloaded.name << m->name.c_str();
  kernel.last_unloaded.taints << module_flags(*m, false).c_str();
  loader.remove(*m);
  return {};
}

}  // namespace relo::kmod
