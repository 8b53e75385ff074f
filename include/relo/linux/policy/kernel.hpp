// The kernel that modules are loaded into, as far as the loading of modules asks about it: what it
// was configured with, and what it remembers from one module to the next.
#pragma once

#include <relo/linux/errno.hpp>
#include <relo/linux/policy/generation.hpp>
#include <relo/linux/record/signature.hpp>
#include <relo/linux/record/taint.hpp>
#include <relo/linux/watch/hooks.hpp>
#include <relo/linux/watch/notifier.hpp>
#include <relo/linux/watch/statistics.hpp>
#include <relo/load_info.hpp>

namespace relo::role {
struct kernel;
}

namespace relo::kmod {

/// What a kernel's modules are compressed with, if it decompresses them: CONFIG_MODULE_DECOMPRESS
/// and one of CONFIG_MODULE_COMPRESS_*. Debian's kernels do so since trixie, with xz.
enum class module_compression : unsigned char { none, gzip, xz, zstd };

/// The configuration of a kernel, CONFIG_ and command line. The defaults are Debian's choices for
/// amd64.
struct config {
  /// VERMAGIC_STRING, up to its last blank.
  const char* vermagic = "";
  /// sizeof(struct module); 0: unknown, and not compared.
  std::size_t module_size = 0;
  /// Comma-separated names. module_blacklist=
  const char* blacklist = "";
  bool modversions = true;        ///< CONFIG_MODVERSIONS
  bool module_sig = true;         ///< CONFIG_MODULE_SIG
  bool sig_enforce = false;       ///< CONFIG_MODULE_SIG_FORCE, module.sig_enforce
  bool force_load = true;         ///< CONFIG_MODULE_FORCE_LOAD
  bool force_unload = true;       ///< CONFIG_MODULE_FORCE_UNLOAD
  bool strict_module_rwx = true;  ///< CONFIG_STRICT_MODULE_RWX
  bool livepatch = true;          ///< CONFIG_LIVEPATCH
  bool retpoline = true;          ///< CONFIG_RETPOLINE, CONFIG_MITIGATION_RETPOLINE; and needed
  bool kallsyms_all = true;       ///< CONFIG_KALLSYMS_ALL
  bool constructors = false;      ///< CONFIG_CONSTRUCTORS
  module_compression compression = module_compression::none;
  bool dynamic_debug = true;    ///< CONFIG_DYNAMIC_DEBUG
  bool unused_symbols = false;  ///< CONFIG_UNUSED_SYMBOLS, up to 5.11
  /// CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS
  bool missing_namespace_imports = false;
  /// Debian and its derivatives refuse a symbol that has no CRC among the module's, where the
  /// kernel as released lets it go.
  bool missing_crc_refused = true;
  /// Where the kernel does what may damage it, do so, too, instead of refusing; if it can be done
  /// without damage here.
  bool as_kernel = false;
  bool may_load = true;           ///< the caller has CAP_SYS_MODULE
  bool modules_disabled = false;  ///< /proc/sys/kernel/modules_disabled
  unsigned cpus = 1;              ///< possible ones, each with a copy of a module's per-CPU data
  std::size_t percpu_reserve = 8192;  ///< PERCPU_MODULE_RESERVE: bytes of it for all modules
};

/// What finit_module() may be asked to overlook. Kernel: include/uapi/linux/module.h.
namespace init_flags {
inline constexpr unsigned ignore_modversions = 1, ignore_vermagic = 2, compressed_file = 4;
}

/// What delete_module() may be asked to do all the same: O_TRUNC.
namespace delete_flags {
inline constexpr unsigned force = 01000;
}

/// What the stages of these dialects ask of a kernel policy: all that kernel has, under the same
/// names.
///  - release: its generation, of which the composition has the list of stages;
///  - settings: its configuration, which does not change while a module is loaded;
///  - verifier, hooks: see signature_verifier and no_hooks;
///  - module_notify_list, tainted, statistics, last_unloaded, percpu_used, told_*: what it
///    remembers from one module to the next.
template <class K>
concept kernel_policy = requires(K& k) {
  { K::release } -> std::convertible_to<generation>;
  { k.settings } -> std::convertible_to<const config&>;
  requires signature_verifier<std::remove_cvref_t<decltype(k.verifier)>>;
  k.hooks;
  { k.module_notify_list } -> std::convertible_to<notifier_chain&>;
  { k.tainted } -> std::convertible_to<taints&>;
  k.statistics;
  k.last_unloaded;
  { k.percpu_used } -> std::convertible_to<std::size_t&>;
  requires std::same_as<decltype(k.told_unsigned), bool>;
  requires std::same_as<decltype(k.told_livepatch), bool>;
  requires std::same_as<decltype(k.told_lock_debugging), bool>;
};

/// The kernel policy of a loader: its release by G, its configuration, its taints. Signatures are
/// verified by Verifier; what else takes part in a load is in Hooks. Both may be references.
template <generation G, class Verifier = no_certificates, class Hooks = no_hooks>
  requires signature_verifier<std::remove_cvref_t<Verifier>>
struct kernel {
  using role = role::kernel;
  using words = kmod::words;
  static constexpr generation release = G;
  using traits = release_traits<G>;

  config settings{};
  [[no_unique_address]] Verifier verifier;
  [[no_unique_address]] Hooks hooks;
  notifier_chain module_notify_list{};
  taints tainted{};
  module_statistics<> statistics{};
  /// Of the module that was removed last: its name, and its taints as in "(OE)".
  struct {
    text<60> name{};
    text<20> taints{};
  } last_unloaded{};
  std::size_t percpu_used = 0;  ///< of settings.percpu_reserve
  /// What is said only once.
  bool told_unsigned = false, told_livepatch = false, told_lock_debugging = false;

  constexpr kernel() noexcept
    requires std::default_initializable<Verifier> && std::default_initializable<Hooks>
      : verifier{}, hooks{} {}
  explicit constexpr kernel(const config& c) noexcept
    requires std::default_initializable<Verifier> && std::default_initializable<Hooks>
      : settings(c), verifier{}, hooks{} {}
  constexpr kernel(const config& c, Verifier v) noexcept
    requires std::default_initializable<Hooks>
      : settings(c), verifier(static_cast<Verifier&&>(v)), hooks{} {}
  constexpr kernel(const config& c, Verifier v, Hooks h) noexcept
      : settings(c), verifier(static_cast<Verifier&&>(v)), hooks(static_cast<Hooks&&>(h)) {}
};

}  // namespace relo::kmod
