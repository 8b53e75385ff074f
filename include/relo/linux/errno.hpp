// The errors of a kernel's modules: those that only they can have, and what a system call answers
// for each.
#pragma once

#include <relo/diagnostics.hpp>

#include <span>

namespace relo::kmod {

/// Numbers of include/uapi/asm-generic/errno-base.h and errno.h that loading a module can end in.
namespace err {
inline constexpr int perm = 1, noent = 2, noexec = 8, again = 11, nomem = 12, busy = 16, exist = 17,
                     inval = 22, nospc = 28, rofs = 30, range = 34, nopkg = 65, badmsg = 74,
                     msgsize = 90, opnotsupp = 95, nokey = 126, keyrejected = 129, io = 5;
}

/// Errors beside the core's: of kmod, and of what relo/host/ adapts for it.
namespace error {

namespace detail {
constexpr errc number(int n) noexcept {
  return static_cast<errc>(static_cast<int>(errc::dialect) + n);
}
}  // namespace detail

inline constexpr errc not_permitted = detail::number(0);
inline constexpr errc empty_file = detail::number(1);
inline constexpr errc bad_flags = detail::number(2);
inline constexpr errc compression_not_supported = detail::number(3);
inline constexpr errc bad_compression = detail::number(4);
inline constexpr errc several_modinfo_sections = detail::number(5);
inline constexpr errc bad_this_module = detail::number(6);
inline constexpr errc blacklisted = detail::number(7);
inline constexpr errc wrong_module_layout = detail::number(8);
inline constexpr errc wrong_vermagic = detail::number(9);
inline constexpr errc not_forced = detail::number(10);
inline constexpr errc livepatch_disabled = detail::number(11);
inline constexpr errc several_constructor_tables = detail::number(12);
inline constexpr errc relocated_place_not_zero = detail::number(13);
inline constexpr errc not_signed = detail::number(14);
inline constexpr errc bad_signature_format = detail::number(15);
inline constexpr errc signature_too_long = detail::number(16);
inline constexpr errc signature_kind = detail::number(17);
inline constexpr errc signature_not_pkcs7 = detail::number(18);
inline constexpr errc signature_unsupported = detail::number(19);
inline constexpr errc key_unavailable = detail::number(20);
inline constexpr errc key_rejected = detail::number(21);
inline constexpr errc symbol_version = detail::number(22);
inline constexpr errc namespace_not_imported = detail::number(23);
inline constexpr errc refused_by_notifier = detail::number(24);
inline constexpr errc refused_by_livepatch = detail::number(25);
inline constexpr errc already_in_sysfs = detail::number(26);
inline constexpr errc duplicate_attribute = detail::number(27);

}  // namespace error

/// An error, the errno that init_module(), finit_module() and delete_module() answer for it, and
/// what it is called; null: what the core calls it.
struct error_answer {
  errc code;
  int number;
  const char* words = nullptr;
};

// clang-format off
/// The errors of kmod in the order of their codes, then those of the core that a kernel has another
/// answer for than ENOEXEC. What the module's own init function answered is known to whoever called
/// it: that is EINVAL here.
inline constexpr error_answer errors[] = {
    {error::not_permitted, err::perm, "not permitted to load or remove modules"},
    {error::empty_file, err::inval, "the file is empty"},
    {error::bad_flags, err::inval, "unknown flags"},
    {error::compression_not_supported, err::opnotsupp, "the kernel does not decompress modules"},
    {error::bad_compression, err::inval, "not compressed as the kernel expects, or damaged"},
    {error::several_modinfo_sections, err::noexec, "more than one .modinfo section"},
    {error::bad_this_module, err::noexec, "no usable struct module (.gnu.linkonce.this_module)"},
    {error::blacklisted, err::perm, "module is blacklisted"},
    {error::wrong_module_layout, err::noexec, "struct module is another kernel's (module_layout's CRC)"},
    {error::wrong_vermagic, err::noexec, "module is for another kernel (vermagic)"},
    {error::not_forced, err::noexec, "the kernel would have to be forced, and is not to be"},
    {error::livepatch_disabled, err::noexec, "livepatch module, and livepatching is disabled"},
    {error::several_constructor_tables, err::inval, "has both .ctors and .init_array"},
    {error::relocated_place_not_zero, err::noexec, "relocated place holds something already"},
    {error::not_signed, err::noexec, "no signature"},
    {error::bad_signature_format, err::badmsg, "malformed signature"},
    {error::signature_too_long, err::msgsize, "signature longer than 64 KiB"},
    {error::signature_kind, err::inval, "PKCS#7 message of a kind that signs no module"},
    {error::signature_not_pkcs7, err::nopkg, "signature is not PKCS#7"},
    {error::signature_unsupported, err::nopkg, "signature of an unknown algorithm"},
    {error::key_unavailable, err::nokey, "signed with an unknown key"},
    {error::key_rejected, err::keyrejected, "signature does not match"},
    {error::symbol_version, err::inval, "symbol's CRC is another than the module was built with"},
    {error::namespace_not_imported, err::inval, "symbol's namespace is not imported"},
    {error::refused_by_notifier, err::perm, "a notifier refused the module"},
    {error::refused_by_livepatch, err::inval, "live patching refused the module"},
    {error::already_in_sysfs, err::inval, "/sys/module has that name already"},
    {error::duplicate_attribute, err::exist, "two files of one name in the module's sysfs directory"},
    {errc::read_failed, err::io},
    {errc::unknown_symbol, err::noent},
    {errc::not_loaded, err::noent},
    {errc::module_in_use, err::again},
    {errc::out_of_memory, err::nomem},
    {errc::out_of_scratch, err::nomem},
    {errc::too_many_modules, err::nomem},
    {errc::section_too_large, err::nomem},
    {errc::module_too_large, err::nomem},
    {errc::not_live, err::busy},
    {errc::no_exit, err::busy},
    {errc::module_going, err::busy},
    {errc::already_loaded, err::exist},
    {errc::bad_parameter, err::inval},
    {errc::init_failed, err::inval},
    {errc::parameter_out_of_range, err::range},
    {errc::parameter_too_long, err::nospc},
    {errc::parameter_stays_enabled, err::rofs},
};
// clang-format on

namespace detail {
inline constexpr std::size_t own_errors = 28;
static_assert(relo::detail::in_order(std::span{errors}.first<own_errors>(), errc::dialect));

constexpr const error_answer* answer_of(errc e) noexcept {
  for (const error_answer& row : errors)
    if (row.code == e) return &row;
  return nullptr;
}
}  // namespace detail

/// 0 for errc::ok.
constexpr int errno_of(errc e) noexcept {
  if (e == errc::ok) return 0;
  const error_answer* const a = detail::answer_of(e);
  return a == nullptr ? err::noexec : a->number;
}

/// The words of a loader of kernel modules, see located.
struct words {
  static constexpr const char* message(errc e) noexcept {
    return e < errc::dialect ? relo::message(e) : own(e);
  }

 private:
  static constexpr const char* own(errc e) noexcept {
    const error_answer* const a = detail::answer_of(e);
    return a == nullptr ? "?" : a->words;
  }
};

/// A kernel module's last error, in full: with its errno, and with the line that the kernel logs of
/// it, as far as 1,023 characters. A policy that derives from this one may have a printk() of its
/// own, which is told all lines.
template <std::size_t NameSize = relo::located<>::name_size,
          std::size_t Symbols = relo::located<>::symbols_kept>
class located : public relo::located<NameSize, Symbols, words> {
  using base = relo::located<NameSize, Symbols, words>;

 public:
  constexpr void enter(const char* stage) noexcept {
    said_ = {};
    base::enter(stage);
  }
  constexpr void printk(const char* line) noexcept { (said_ = {}) << line; }
  constexpr void report(const problem& p) noexcept {
    line_ = said_;
    base::report(p);
  }

  /// What the system call answers, unless whoever refused the module gave another, see answer.
  constexpr int number() const noexcept { return errno_of(this->code()); }
  /// "" if the kernel says nothing.
  constexpr const char* line() const noexcept { return line_.c_str(); }

 private:
  text<1024> said_{}, line_{};  ///< since the stage began; of the last error
};

/// "ENOEXEC"; "OK" for 0.
constexpr const char* errno_name(int e) noexcept {
  switch (e) {
    case 0: return "OK";
    case err::perm: return "EPERM";
    case err::noent: return "ENOENT";
    case err::io: return "EIO";
    case err::noexec: return "ENOEXEC";
    case err::again: return "EAGAIN";
    case err::nomem: return "ENOMEM";
    case err::busy: return "EBUSY";
    case err::exist: return "EEXIST";
    case err::inval: return "EINVAL";
    case err::nospc: return "ENOSPC";
    case err::rofs: return "EROFS";
    case err::range: return "ERANGE";
    case err::nopkg: return "ENOPKG";
    case err::badmsg: return "EBADMSG";
    case err::msgsize: return "EMSGSIZE";
    case err::opnotsupp: return "EOPNOTSUPP";
    case err::nokey: return "ENOKEY";
    case err::keyrejected: return "EKEYREJECTED";
    default: return "?";
  }
}

}  // namespace relo::kmod
