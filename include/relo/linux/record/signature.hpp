// The signature at the end of a module's file. Kernel: module_sig_check() in
// kernel/module/signing.c (kernel/module.c before 5.19), mod_check_sig() in
// kernel/module_signature.c.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/linux/record/pkcs7.hpp>

namespace relo::kmod {

/// Kernel: MODULE_SIG_STRING, which is the end of a signed file.
inline constexpr char module_sig_string[] = "~Module signature appended~\n";

/// A file is payload, PKCS#7 message, struct module_signature, module_sig_string.
struct appended_signature {
  std::size_t payload = 0;  ///< bytes that are left of the file: what is loaded
  std::size_t signature_offset = 0, signature_size = 0;
};

/// Verifies a detached signature.
///  - verify(data, pkcs7): errc::ok, or why not, as parse_pkcs7() has it; key_unavailable: there
///    is no key of that signer; key_rejected: there is, and the signature is not of these data.
template <class V>
concept signature_verifier = requires(const V v, std::span<const unsigned char> bytes) {
  { v.verify(bytes, bytes) } -> std::same_as<errc>;
};

/// Knows no key, as a kernel without certificates: what is well formed is of an unknown key.
struct no_certificates {
  constexpr errc verify(std::span<const unsigned char>,
                        std::span<const unsigned char> pkcs7) const noexcept {
    pkcs7_message message;
    const errc e = parse_pkcs7(pkcs7, message);
    return e == errc::ok ? error::key_unavailable : e;
  }
};

/// What module_sig_check() goes by.
struct signature_rules {
  /// module.sig_enforce, or CONFIG_MODULE_SIG_FORCE.
  bool enforce = false;
  /// MODULE_INIT_IGNORE_MODVERSIONS or MODULE_INIT_IGNORE_VERMAGIC is set: who asks for that may
  /// have changed the file, so its signature is not looked for, and counts as missing.
  bool mangled = false;
};

/// What module_sig_check() found.
struct signature_found {
  bool sig_ok = false;  ///< verified; else the load taints the kernel (unsigned module)
  errc why = errc::ok;  ///< unless sig_ok: what was wrong, even where that is tolerated
  appended_signature at;
};

namespace detail {

/// struct module_signature: bytes algo, hash, id_type, signer_len, key_id_len, pad[3]; be32 length.
struct module_signature {
  static constexpr std::size_t id_type = 2, sig_len = 8, size = 12;
  static constexpr unsigned char pkey_id_pkcs7 = 2;
};

}  // namespace detail

/// Finds and strips the signature. not_signed: the file does not end in the marker.
/// bad_signature_format (EBADMSG), signature_not_pkcs7 (ENOPKG): it does, and less is stripped, as
/// in the kernel; `out.payload` is right in any case. `log(const char*)` is told the kernel's line.
template <class Log>
constexpr errc find_signature(std::span<const unsigned char> file, appended_signature& out,
                              Log&& log) {
  using layout = detail::module_signature;
  constexpr std::size_t marker = sizeof module_sig_string - 1;
  std::size_t size = file.size();
  out = {size, size, 0};
  if (size <= marker) return error::not_signed;
  for (std::size_t i = 0; i < marker; ++i)
    if (file[size - marker + i] != static_cast<unsigned char>(module_sig_string[i]))
      return error::not_signed;

  size -= marker;
  out = {size, size, 0};
  if (size <= layout::size) return error::bad_signature_format;
  const std::size_t end = size - layout::size;
  const unsigned char* const ms = file.data() + end;
  const std::size_t length = read_int<std::uint32_t, std::endian::big>(ms + layout::sig_len);
  if (length >= end) return error::bad_signature_format;
  if (ms[layout::id_type] != layout::pkey_id_pkcs7) {
    log("module: not signed with expected PKCS#7 message");
    return error::signature_not_pkcs7;
  }
  for (std::size_t i = 0; i < layout::sig_len; ++i)
    if (i != layout::id_type && ms[i] != 0) {
      log("module: PKCS#7 signature info has unexpected non-zero params");
      return error::bad_signature_format;
    }
  out = {end - length, end - length, length};
  return errc::ok;
}

/// Decides whether a module may be loaded, as far as its signature goes; `out.at.payload` is what
/// is left of the file. A module without a signature, or with one of an unknown kind or key
/// (ENODATA, ENOPKG, ENOKEY), may, unless that is enforced; then it is key_rejected
/// (EKEYREJECTED). Any other error is returned as it is. The caller asks for lockdown, which
/// wants sig_ok. `log(const char*)` is told the kernel's lines.
template <signature_verifier Verifier, class Log>
constexpr errc module_sig_check(std::span<const unsigned char> file, const Verifier& verifier,
                                const signature_rules& rules, signature_found& out, Log&& log) {
  out = {false, error::not_signed, {file.size(), file.size(), 0}};
  if (!rules.mangled) {
    out.why = find_signature(file, out.at, log);
    if (out.why == errc::ok)
      out.why = verifier.verify(file.first(out.at.payload),
                                file.subspan(out.at.signature_offset, out.at.signature_size));
    out.sig_ok = out.why == errc::ok;
    if (out.sig_ok) return errc::ok;
  }
  const char* reason = nullptr;
  if (out.why == error::not_signed) reason = "unsigned module";
  else if (out.why == error::signature_not_pkcs7 || out.why == error::signature_unsupported)
    reason = "module with unsupported crypto";
  else if (out.why == error::key_unavailable) reason = "module with unavailable key";
  else return out.why;
  if (!rules.enforce) return errc::ok;
  text<80> line;
  log((line << "Loading of " << reason << " is rejected").c_str());
  return error::key_rejected;
}

}  // namespace relo::kmod
