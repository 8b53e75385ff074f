// Signatures of modules, verified by OpenSSL as a kernel verifies them: crypto/asymmetric_keys/
// pkcs7_verify.c and pkcs7_trust.c. Neither dates nor key usages count.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/linux/record/signature.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>
#include <vector>

namespace relo::host {

namespace detail {

using bytes_view = std::span<const unsigned char>;

template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};
template <class T, auto Free>
using openssl_ptr = std::unique_ptr<T, openssl_free<Free>>;

/// OpenSSL's errors of this scope leave no trace in its queue, which is the caller's.
struct forget_errors {
  forget_errors() noexcept { ::ERR_set_mark(); }
  forget_errors(const forget_errors&) = delete;
  forget_errors& operator=(const forget_errors&) = delete;
  ~forget_errors() { ::ERR_pop_to_mark(); }
};

inline const EVP_MD* openssl_digest(kmod::digest_kind kind) noexcept {
  switch (kind) {
    case kmod::digest_kind::sha1: return ::EVP_sha1();
    case kmod::digest_kind::sha224: return ::EVP_sha224();
    case kmod::digest_kind::sha256: return ::EVP_sha256();
    case kmod::digest_kind::sha384: return ::EVP_sha384();
    case kmod::digest_kind::sha512: return ::EVP_sha512();
    case kmod::digest_kind::sha3_256: return ::EVP_sha3_256();
    case kmod::digest_kind::sha3_384: return ::EVP_sha3_384();
    case kmod::digest_kind::sha3_512: return ::EVP_sha3_512();
    case kmod::digest_kind::unknown: break;
  }
  return nullptr;
}

/// An X.509 certificate, and what a signer says to name it.
class certificate {
 public:
  explicit certificate(X509* x509) : x509_(x509) {
    unsigned char* der = nullptr;
    if (const int n = ::i2d_X509_NAME(::X509_get_issuer_name(x509), &der); n > 0)
      issuer_.assign(der, der + n);
    ::OPENSSL_free(der);
    der = nullptr;
    if (const int n = ::i2d_ASN1_INTEGER(::X509_get_serialNumber(x509), &der); n > 0) {
      kmod::detail::der serial{{der, static_cast<std::size_t>(n)}};
      const bytes_view contents = serial.take(serial.integer);
      serial_.assign(contents.begin(), contents.end());
    }
    ::OPENSSL_free(der);
    if (const ASN1_OCTET_STRING* const id = ::X509_get0_subject_key_id(x509); id != nullptr)
      key_id_.assign(id->data, id->data + id->length);
  }

  X509* x509() const noexcept { return x509_.get(); }
  EVP_PKEY* key() const noexcept { return ::X509_get0_pubkey(x509_.get()); }

  bool made(const kmod::pkcs7_signer& signer) const noexcept {
    if (!signer.key_id.empty()) return std::ranges::equal(signer.key_id, key_id_);
    return !signer.serial.empty() && std::ranges::equal(signer.serial, serial_) &&
           std::ranges::equal(signer.issuer, issuer_);
  }
  bool same(const certificate& other) const noexcept {
    return serial_ == other.serial_ && issuer_ == other.issuer_;
  }
  bool issued(const certificate& other) const noexcept {
    return ::X509_check_issued(x509_.get(), other.x509_.get()) == X509_V_OK;
  }
  bool signed_by(const certificate& issuer) const noexcept {
    return ::X509_verify(x509_.get(), issuer.key()) == 1;
  }

 private:
  openssl_ptr<X509, ::X509_free> x509_;
  std::vector<unsigned char> issuer_, serial_, key_id_;
};

/// Certificates in DER, one after the other; empty unless that is all there is.
inline std::vector<certificate> der_certificates(bytes_view in) {
  std::vector<certificate> found;
  const unsigned char* at = in.data();
  const unsigned char* const end = at + in.size();
  while (at != end) {
    X509* const x509 = ::d2i_X509(nullptr, &at, end - at);
    if (x509 == nullptr) return {};
    found.emplace_back(x509);
  }
  return found;
}

inline std::vector<certificate> pem_certificates(bytes_view in) {
  std::vector<certificate> found;
  const openssl_ptr<BIO, ::BIO_free> text{
      ::BIO_new_mem_buf(in.data(), static_cast<int>(std::min<std::size_t>(in.size(), INT_MAX)))};
  // A password would be asked for on the terminal; certificates have none.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  while (X509* const x509 = ::PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr))
    found.emplace_back(x509);
  return found;
}

/// Finds system_certificate_list in a kernel that is not compressed. Linux:
/// certs/system_certificates.S. The list is aligned to 8 and is followed, behind the room for a
/// certificate that is put in later and for now is zero, by its length, and from 5.13 on by the
/// length of its first certificate, the one for modules. These two tell it from other certificates
/// in a kernel, which it does not trust: those revoked, and those of its self-tests.
inline bytes_view system_certificate_list(bytes_view kernel) noexcept {
  constexpr std::size_t word = 8, header = 4, most_room = 65536;
  // A SEQUENCE of more than 255 bytes that begins with one of more than 127.
  const auto certificate_size = [&](std::size_t at) -> std::size_t {
    if (kernel.size() < header + 2 || at > kernel.size() - header - 2) return 0;
    const unsigned char* const p = kernel.data() + at;
    if (p[0] != 0x30 || p[1] != 0x82 || p[4] != 0x30 || (p[5] != 0x81 && p[5] != 0x82)) return 0;
    const std::size_t size = header + read_int<std::uint16_t, std::endian::big>(p + 2);
    return size > header && size <= kernel.size() - at ? size : 0;
  };
  // An unsigned long of either size and byte order; the rest of its 8 bytes is padding.
  const auto is_number = [&](std::size_t at, std::size_t n) {
    if (kernel.size() < word || at > kernel.size() - word) return false;
    const unsigned char* const p = kernel.data() + at;
    const std::uint32_t big = read_int<std::uint32_t, std::endian::big>(p);
    return read_int<std::uint32_t, std::endian::little>(p) == n || big == n ||
           (big == 0 && read_int<std::uint32_t, std::endian::big>(p + 4) == n);
  };

  bytes_view older{};
  for (std::size_t begin = 0, end = 0; begin < kernel.size(); begin = align_up(end, word)) {
    end = begin + word;
    const std::size_t first = certificate_size(begin);
    if (first == 0) continue;
    end = begin;
    while (const std::size_t size = certificate_size(end)) end += size;
    std::size_t at = align_up(end, word);
    const std::size_t last = at + most_room;
    while (at < last && is_number(at, 0) && is_number(at + word / 2, 0)) at += word;
    if (!is_number(at, end - begin)) continue;
    const bytes_view list = kernel.subspan(begin, end - begin);
    if (is_number(at + word, first)) return list;
    if (older.empty()) older = list;
  }
  return older;
}

}  // namespace detail

/// Certificates that are trusted: a relo::kmod::signature_verifier. Verifying changes nothing and
/// may happen in several threads at once.
class certificates {
 public:
  /// Adds X.509 certificates in PEM or DER, of DER also several one after the other, or those
  /// built into a kernel (vmlinux; see plain_kernel() for one that is compressed). The number of
  /// certificates added: 0 if there are none in there.
  std::size_t add(std::span<const unsigned char> file) {
    const detail::forget_errors forget;
    auto found = detail::der_certificates(file);
    if (found.empty()) found = detail::pem_certificates(file);
    if (found.empty()) found = detail::der_certificates(detail::system_certificate_list(file));
    const std::size_t n = found.size();
    std::ranges::move(found, std::back_inserter(trusted_));
    return n;
  }

  std::size_t size() const noexcept { return trusted_.size(); }

  /// The subject of certificate `i`, as one line.
  std::string subject(std::size_t i) const {
    char line[256];
    ::X509_NAME_oneline(::X509_get_subject_name(trusted_[i].x509()), line, sizeof line);
    return line;
  }

  /// Verifies a detached PKCS#7 signature of `data`. Errors as of parse_pkcs7(), and:
  ///  - key_unavailable: neither the signer's certificate nor one above it is trusted;
  ///  - key_rejected: the signature is not the signer's, or not of these data.
  errc verify(std::span<const unsigned char> data, std::span<const unsigned char> pkcs7) const {
    const detail::forget_errors forget;
    kmod::pkcs7_message message;
    if (const errc e = kmod::parse_pkcs7(pkcs7, message); e != errc::ok) return e;
    const auto enclosed = detail::der_certificates(message.certificates);
    if (enclosed.empty() && !message.certificates.empty()) return kmod::error::bad_signature_format;

    errc result = kmod::error::key_unavailable;
    const errc refused = kmod::for_each_signer(message, [&](const kmod::pkcs7_signer& signer) {
      const errc e = verify_one(data, signer, enclosed);
      if (e == errc::ok) result = e;
      return e == kmod::error::key_unavailable ? errc::ok : e;
    });
    return refused != errc::ok ? refused : result;
  }

 private:
  using list = std::vector<detail::certificate>;

  static bool signed_by(EVP_PKEY* key, std::span<const unsigned char> data,
                        const kmod::pkcs7_signer& signer) {
    const bool rsa = signer.key == kmod::key_kind::rsa;
    if (key == nullptr || ::EVP_PKEY_is_a(key, rsa ? "RSA" : "EC") != 1) return false;
    const EVP_MD* const kind = detail::openssl_digest(signer.digest);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (::EVP_Digest(data.data(), data.size(), digest, &size, kind, nullptr) != 1) return false;

    const detail::openssl_ptr<EVP_PKEY_CTX, ::EVP_PKEY_CTX_free> context{
        ::EVP_PKEY_CTX_new(key, nullptr)};
    return context && ::EVP_PKEY_verify_init(context.get()) == 1 &&
           (!rsa || ::EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
           ::EVP_PKEY_CTX_set_signature_md(context.get(), kind) == 1 &&
           ::EVP_PKEY_verify(context.get(), signer.signature.data(), signer.signature.size(),
                             digest, size) == 1;
  }

  template <class Is>
  static const detail::certificate* find(const list& in, Is is) {
    const auto found = std::ranges::find_if(in, is);
    return found == in.end() ? nullptr : &*found;
  }

  errc verify_one(std::span<const unsigned char> data, const kmod::pkcs7_signer& signer,
                  const list& enclosed) const {
    const auto made = [&](const detail::certificate& c) { return c.made(signer); };
    const auto verdict = [](bool good) { return good ? errc::ok : kmod::error::key_rejected; };
    if (const auto* known = find(trusted_, made); known != nullptr)
      return verdict(signed_by(known->key(), data, signer));

    // A signature that comes with its certificate must fit it, trusted or not; and so up the
    // chain, until there is one that is trusted.
    const detail::certificate* below = find(enclosed, made);
    if (below == nullptr) return kmod::error::key_unavailable;
    if (!signed_by(below->key(), data, signer)) return kmod::error::key_rejected;
    for (std::size_t steps = 0; steps <= enclosed.size(); ++steps) {
      const auto issued = [&](const detail::certificate& c) { return c.issued(*below); };
      const auto* above = find(trusted_, issued);
      if (above != nullptr) return verdict(below->signed_by(*above));
      above = find(enclosed, issued);
      if (above == nullptr || above == below) break;
      if (!below->signed_by(*above)) return kmod::error::key_rejected;
      below = above;
    }
    return kmod::error::key_unavailable;
  }

  list trusted_;
};

static_assert(kmod::signature_verifier<certificates>);

}  // namespace relo::host
