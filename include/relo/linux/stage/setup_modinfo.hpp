// setup_modinfo: what of .modinfo stays readable when the file is gone.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod::stages {

/// Kernel: setup_modinfo(), MODINFO_ATTR(). Where there is no memory for it, the module loads
/// without, as there.
struct setup_modinfo {
  static constexpr const char* name = "setup_modinfo";
  using needs = facets<facet::module>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    auto& to = load.mod->attributes;
    typename Load::name_type version{}, srcversion{};
    const bool has_version = load.get_modinfo("version", version),
               has_srcversion = load.get_modinfo("srcversion", srcversion);
    const std::size_t lengths[] = {has_version ? version.size() + 1 : 0,
                                   has_srcversion ? srcversion.size() + 1 : 0};
    if (lengths[0] + lengths[1] == 0) return errc::ok;
    to.modinfo = kmalloc(load.loader, static_cast<addr>(lengths[0] + lengths[1]));
    if (!to.modinfo) return errc::ok;
    to.has_version = has_version;
    to.has_srcversion = has_srcversion;
    for (std::size_t i = 0; i < lengths[0]; ++i)
      to.modinfo.bytes[i] = static_cast<unsigned char>(version[i]);
    for (std::size_t i = 0; i < lengths[1]; ++i)
      to.modinfo.bytes[lengths[0] + i] = static_cast<unsigned char>(srcversion[i]);
    return errc::ok;
  }

  /// Kernel: free_modinfo()
  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    m.attributes.has_version = m.attributes.has_srcversion = false;
    kfree(loader, m.attributes.modinfo);
  }
};

}  // namespace relo::kmod::stages
