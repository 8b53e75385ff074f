// A kernel's configuration file, as /boot/config-* and /proc/config.gz have it.
#pragma once

#include <relo/linux/policy/kernel.hpp>

#include <span>
#include <string_view>

namespace relo::host {

namespace detail {

/// An option of the kernel's that a kmod::config has a member for. Of those that share a member,
/// one is enough.
struct config_option {
  std::string_view name;
  bool kmod::config::* member;
};
inline constexpr config_option config_options[] = {
    {"MODVERSIONS", &kmod::config::modversions},
    {"MODULE_SIG", &kmod::config::module_sig},
    {"MODULE_SIG_FORCE", &kmod::config::sig_enforce},
    {"MODULE_FORCE_LOAD", &kmod::config::force_load},
    {"MODULE_FORCE_UNLOAD", &kmod::config::force_unload},
    {"STRICT_MODULE_RWX", &kmod::config::strict_module_rwx},
    {"LIVEPATCH", &kmod::config::livepatch},
    {"RETPOLINE", &kmod::config::retpoline},
    {"MITIGATION_RETPOLINE", &kmod::config::retpoline},
    {"KALLSYMS_ALL", &kmod::config::kallsyms_all},
    {"CONSTRUCTORS", &kmod::config::constructors},
    {"DYNAMIC_DEBUG", &kmod::config::dynamic_debug},
    {"UNUSED_SYMBOLS", &kmod::config::unused_symbols},
    {"MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS", &kmod::config::missing_namespace_imports},
};

}  // namespace detail

/// Sets what a configuration file says of the loading of modules: an option that it does not have,
/// or has as "is not set", is off. False, and nothing is set: that is no such file.
inline bool read_kernel_config(std::span<const unsigned char> file, kmod::config& out) {
  std::string_view text{reinterpret_cast<const char*>(file.data()), file.size()};
  bool set[std::size(detail::config_options)]{};
  bool options = false, decompresses = false;
  kmod::module_compression compression{};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    constexpr std::string_view prefix = "CONFIG_";
    if (!line.starts_with(prefix)) continue;
    line.remove_prefix(prefix.size());
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    options = true;
    if (line.substr(equals + 1) != "y") continue;
    const std::string_view option = line.substr(0, equals);
    for (std::size_t i = 0; i < std::size(set); ++i)
      if (option == detail::config_options[i].name) set[i] = true;
    using enum kmod::module_compression;
    if (option == "MODULE_DECOMPRESS") decompresses = true;
    else if (option == "MODULE_COMPRESS_GZIP") compression = gzip;
    else if (option == "MODULE_COMPRESS_XZ") compression = xz;
    else if (option == "MODULE_COMPRESS_ZSTD") compression = zstd;
  }
  if (!options) return false;
  for (const auto& o : detail::config_options) out.*o.member = false;
  for (std::size_t i = 0; i < std::size(set); ++i)
    if (set[i]) out.*detail::config_options[i].member = true;
  out.compression = decompresses ? compression : kmod::module_compression::none;
  return true;
}

}  // namespace relo::host
