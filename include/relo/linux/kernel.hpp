// The kernel that modules are loaded into, as far as the loading of modules asks about it: what it
// was configured with, and what it remembers from one module to the next.
#pragma once

#include <relo/load_info.hpp>

namespace relo::role {
struct kernel;
}

namespace relo::kmod {

/// The module loaders of Linux that differ in what they do, by the first of the releases that
/// has the last of those differences.
enum class generation : unsigned char {
  v5_11,  ///< up to 5.11: core and init, five export tables
  v6_1,   ///< 5.12 to 6.3: core and init, two export tables
  v6_12   ///< 6.4 to 6.12: a region a memory type (enum mod_mem_type)
};

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
  bool unused_symbols = false;    ///< CONFIG_UNUSED_SYMBOLS, up to 5.11
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
};

/// Reasons why a kernel says "Tainted" and no bug report is taken; the bit numbers of
/// /proc/sys/kernel/tainted. Kernel: include/linux/panic.h.
enum class taint : unsigned char {
  proprietary_module = 0,
  forced_module = 1,
  forced_rmmod = 3,
  user = 6,
  crap = 10,  ///< the staging directory
  oot_module = 12,
  unsigned_module = 13,
  livepatch = 15,
  test = 18
};

/// A set of taints, as the kernel keeps it.
class taints {
 public:
  constexpr bool test(taint t) const noexcept {
    return (bits_ >> static_cast<unsigned>(t) & 1) != 0;
  }
  constexpr void add(taint t) noexcept { bits_ |= std::uint32_t{1} << static_cast<unsigned>(t); }
  constexpr std::uint32_t bits() const noexcept { return bits_; }
  constexpr bool operator==(const taints&) const noexcept = default;

 private:
  std::uint32_t bits_ = 0;
};

/// The letters of those taints that a module may have, in the kernel's order. Kernel:
/// module_flags_taint(), taint_flags[].
constexpr text<16> letters(const taints& t) noexcept {
  struct letter {
    taint which;
    char is;
  };
  text<16> out;
  for (const letter l : {letter{taint::proprietary_module, 'P'}, letter{taint::forced_module, 'F'},
                         letter{taint::crap, 'C'}, letter{taint::oot_module, 'O'},
                         letter{taint::unsigned_module, 'E'}, letter{taint::livepatch, 'K'},
                         letter{taint::test, 'N'}})
    if (t.test(l.which)) out << l.is;
  return out;
}

/// What finit_module() may be asked to overlook. Kernel: include/uapi/linux/module.h.
namespace init_flags {
inline constexpr unsigned ignore_modversions = 1, ignore_vermagic = 2, compressed_file = 4;
}

/// The kernel policy of a loader: its release by G, its configuration, its taints.
template <generation G>
struct kernel {
  using role = role::kernel;
  static constexpr generation release = G;

  config settings{};
  taints tainted{};
  /// What is said only once.
  bool told_unsigned = false, told_livepatch = false, told_lock_debugging = false;

  constexpr kernel() noexcept = default;
  explicit constexpr kernel(const config& c) noexcept : settings(c) {}
};

}  // namespace relo::kmod
