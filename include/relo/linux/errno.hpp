// Errors as a system call answers them.
#pragma once

#include <relo/diagnostics.hpp>

namespace relo::kmod {

/// Numbers of include/uapi/asm-generic/errno-base.h and errno.h that loading a module can end in.
namespace err {
inline constexpr int perm = 1, noent = 2, noexec = 8, again = 11, nomem = 12, busy = 16, exist = 17,
                     inval = 22, nospc = 28, rofs = 30, range = 34, nopkg = 65, badmsg = 74,
                     msgsize = 90, opnotsupp = 95, nokey = 126, keyrejected = 129, io = 5;
}

/// The errno that init_module(), finit_module() and delete_module() answer for an error; 0 for
/// errc::ok. What the module's own init function answered is known to whoever called it: that is
/// EINVAL here.
constexpr int errno_of(errc e) noexcept {
  switch (e) {
    case errc::ok: return 0;
    case errc::not_permitted:
    case errc::refused_by_notifier:
    case errc::blacklisted: return err::perm;
    case errc::read_failed: return err::io;
    case errc::bad_signature_format: return err::badmsg;
    case errc::signature_not_pkcs7:
    case errc::signature_unsupported: return err::nopkg;
    case errc::key_unavailable: return err::nokey;
    case errc::key_rejected: return err::keyrejected;
    case errc::unknown_symbol:
    case errc::not_loaded: return err::noent;
    case errc::module_in_use: return err::again;
    case errc::out_of_memory:
    case errc::out_of_scratch:
    case errc::too_many_modules:
    case errc::section_too_large:
    case errc::module_too_large: return err::nomem;
    case errc::not_live:
    case errc::no_exit:
    case errc::module_going: return err::busy;
    case errc::already_loaded:
    case errc::duplicate_attribute: return err::exist;
    case errc::empty_file:
    case errc::bad_flags:
    case errc::symbol_version:
    case errc::namespace_not_imported:
    case errc::several_constructor_tables:
    case errc::bad_parameter:
    case errc::bad_compression:
    case errc::signature_kind:
    case errc::already_in_sysfs:
    case errc::refused_by_livepatch:
    case errc::init_failed: return err::inval;
    case errc::signature_too_long: return err::msgsize;
    case errc::parameter_out_of_range: return err::range;
    case errc::parameter_too_long: return err::nospc;
    case errc::parameter_stays_enabled: return err::rofs;
    case errc::compression_not_supported: return err::opnotsupp;
    default: return err::noexec;
  }
}

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
