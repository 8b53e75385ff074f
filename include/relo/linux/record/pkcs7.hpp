// PKCS#7 (RFC 2315, RFC 5652), as far as a kernel reads it in a module's signature. Kernel:
// crypto/asymmetric_keys/pkcs7_parser.c. Parsing only: whoever has keys verifies.
#pragma once

#include <relo/linux/errno.hpp>

#include <cstddef>
#include <span>

namespace relo::kmod {

enum class digest_kind : unsigned char {
  unknown,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  sha3_256,
  sha3_384,
  sha3_512,
};

enum class key_kind : unsigned char { unknown, rsa, ecdsa };

/// One SignerInfo. The spans are within the message.
struct pkcs7_signer {
  std::span<const unsigned char> issuer, serial;  ///< a Name in DER; an INTEGER's contents
  std::span<const unsigned char> key_id;          ///< subjectKeyIdentifier instead of these two
  std::span<const unsigned char> signature;
  digest_kind digest{};
  key_kind key{};
  bool attributes = false;  ///< authenticated attributes are present
};

/// A SignedData without content. The spans are within the message.
struct pkcs7_message {
  unsigned char version = 0;
  std::span<const unsigned char> digests;       ///< AlgorithmIdentifiers
  std::span<const unsigned char> certificates;  ///< concatenated, in DER
  std::span<const unsigned char> signers;       ///< SignerInfos
};

namespace detail {

using der_bytes = std::span<const unsigned char>;

constexpr bool same_bytes(der_bytes a, der_bytes b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

/// Elements one after the other. What does not fit makes it bad, and then nothing follows.
struct der {
  static constexpr unsigned char integer = 0x02, octets = 0x04, null = 0x05, oid = 0x06,
                                 sequence = 0x30, set = 0x31, context = 0x80, context_set = 0xa0;
  der_bytes rest;
  bool bad = false;

  constexpr bool at(unsigned char tag) const noexcept { return !rest.empty() && rest[0] == tag; }

  /// The contents of the next element, whose tag must be this; `whole`: header and contents.
  constexpr der_bytes take(unsigned char tag, der_bytes* whole = nullptr) noexcept {
    std::size_t at = 2, size = 0;
    if (bad || rest.size() < at || rest[0] != tag) return fail();
    if (rest[1] < 0x80) {
      size = rest[1];
    } else {
      // The kernel takes two bytes of length at most; a length of 0x80, the indefinite one of
      // BER, is none.
      const std::size_t n = rest[1] - std::size_t{0x80};
      if (n == 0 || n > 2 || rest.size() - at < n) return fail();
      for (; at < 2 + n; ++at) size = size << 8 | rest[at];
    }
    if (rest.size() - at < size) return fail();
    const der_bytes element = rest.first(at + size);
    if (whole != nullptr) *whole = element;
    rest = rest.subspan(at + size);
    return element.subspan(at);
  }
  constexpr bool ended() const noexcept { return !bad && rest.empty(); }

 private:
  constexpr der_bytes fail() noexcept {
    bad = true;
    return rest = {};
  }
};

/// An AlgorithmIdentifier's object identifier. Parameters are NULL or absent: nothing signs them.
constexpr der_bytes take_algorithm(der& from) noexcept {
  der inner{from.take(der::sequence)};
  const der_bytes oid = inner.take(der::oid);
  if (inner.at(der::null) && !inner.take(der::null).empty()) inner.bad = true;
  if (!inner.ended()) from.bad = true;
  return oid;
}

inline constexpr unsigned char oid_pkcs7[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
inline constexpr unsigned char oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
inline constexpr unsigned char oid_ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04};
inline constexpr unsigned char oid_sha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
inline constexpr unsigned char oid_nist_hash[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};

/// True for `arc` and one number more, which is left in `last`.
constexpr bool below(der_bytes oid, der_bytes arc, unsigned& last) noexcept {
  if (oid.size() != arc.size() + 1 || !same_bytes(oid.first(arc.size()), arc)) return false;
  last = oid.back();
  return true;
}

constexpr digest_kind digest_of(der_bytes oid) noexcept {
  if (same_bytes(oid, oid_sha1)) return digest_kind::sha1;
  unsigned last = 0;
  if (!below(oid, oid_nist_hash, last)) return digest_kind::unknown;
  switch (last) {
    case 1: return digest_kind::sha256;
    case 2: return digest_kind::sha384;
    case 3: return digest_kind::sha512;
    case 4: return digest_kind::sha224;
    case 8: return digest_kind::sha3_256;
    case 9: return digest_kind::sha3_384;
    case 10: return digest_kind::sha3_512;
    default: return digest_kind::unknown;
  }
}

constexpr key_kind key_of(der_bytes oid) noexcept {
  if (same_bytes(oid, oid_rsa)) return key_kind::rsa;
  const std::size_t n = std::size(oid_ecdsa);
  if (oid.size() > n && same_bytes(oid.first(n), oid_ecdsa)) return key_kind::ecdsa;
  return key_kind::unknown;
}

constexpr errc take_signer(der& from, const pkcs7_message& message, pkcs7_signer& out) noexcept {
  der s{from.take(der::sequence)};
  const der_bytes version = s.take(der::integer);
  if (s.bad) return error::bad_signature_format;
  if (version.size() != 1 || (version[0] != 1 && version[0] != 3)) return error::signature_kind;
  if ((version[0] == 1) != (message.version == 1)) return error::bad_signature_format;

  if (version[0] == 1) {
    der id{s.take(der::sequence)};
    id.take(der::sequence, &out.issuer);
    out.serial = id.take(der::integer);
    if (!id.ended()) return error::bad_signature_format;
  } else {
    out.key_id = s.take(der::context);
  }

  const der_bytes digest = take_algorithm(s);
  if (s.bad) return error::bad_signature_format;
  out.digest = digest_of(digest);
  if (out.digest == digest_kind::unknown) return error::signature_unsupported;
  // RFC 5652, 5.1: a verifier may ask that the message lists what its signers use.
  bool listed = false;
  for (der all{message.digests}; !all.rest.empty();)
    listed = same_bytes(take_algorithm(all), digest) || listed;
  if (!listed) return error::bad_signature_format;

  out.attributes = s.at(der::context_set);
  if (out.attributes) s.take(der::context_set);
  const der_bytes key = take_algorithm(s);
  if (s.bad) return error::bad_signature_format;
  out.key = key_of(key);
  if (out.key == key_kind::unknown) return error::signature_unsupported;
  out.signature = s.take(der::octets);
  if (s.at(der::context_set | 1)) s.take(der::context_set | 1);
  return s.ended() ? errc::ok : error::bad_signature_format;
}

}  // namespace detail

/// Calls `see(const pkcs7_signer&)`, which returns an errc, for each signer until one returns
/// another than ok, which is the result.
template <class See>
constexpr errc for_each_signer(const pkcs7_message& message, See&& see) {
  for (detail::der all{message.signers}; !all.rest.empty();) {
    pkcs7_signer signer;
    if (const errc e = detail::take_signer(all, message, signer); e != errc::ok) return e;
    if (const errc e = see(signer); e != errc::ok) return e;
  }
  return errc::ok;
}

/// Reads a detached signature; if this is ok, so is the form of all that for_each_signer() meets.
/// Errors, with the kernel's number for each: bad_signature_format (EBADMSG), signature_too_long
/// (EMSGSIZE), signature_kind (EINVAL: not signed data, or of another version),
/// signature_unsupported (ENOPKG), key_rejected (EKEYREJECTED: signed attributes, which no
/// module's signature has).
///
/// Stricter than the kernel in what no signature covers, so that no changed byte goes unnoticed:
/// DER and not BER, nothing behind the message, no parameters but NULL, and the list of digests
/// names those of the signers.
constexpr errc parse_pkcs7(std::span<const unsigned char> blob, pkcs7_message& out) noexcept {
  using detail::der;
  if (blob.size() > 0xffff) return error::signature_too_long;
  const auto is_pkcs7 = [](detail::der_bytes oid, unsigned which) {
    unsigned last = 0;
    return detail::below(oid, detail::oid_pkcs7, last) && last == which;
  };

  der file{blob};
  der info{file.take(der::sequence)};
  const auto type = info.take(der::oid);
  if (info.bad) return error::bad_signature_format;
  if (!is_pkcs7(type, 2)) return error::signature_kind;  // signedData
  der content{info.take(der::context_set)};
  if (!file.ended() || !info.ended()) return error::bad_signature_format;
  der data{content.take(der::sequence)};
  if (!content.ended()) return error::bad_signature_format;

  const auto version = data.take(der::integer);
  if (data.bad) return error::bad_signature_format;
  if (version.size() != 1 || (version[0] != 1 && version[0] != 3)) return error::signature_kind;
  out.version = version[0];
  out.digests = data.take(der::set);
  der digests{out.digests};
  while (!digests.rest.empty()) detail::take_algorithm(digests);
  der signed_content{data.take(der::sequence)};
  const auto content_type = signed_content.take(der::oid);
  if (data.bad || digests.bad || signed_content.bad) return error::bad_signature_format;
  if (!is_pkcs7(content_type, 1)) return error::signature_kind;  // data
  // The module is what is signed: a message that brings content of its own is not detached.
  if (!signed_content.ended()) return error::bad_signature_format;

  if (data.at(der::context_set)) out.certificates = data.take(der::context_set);
  if (data.at(der::context_set | 1)) data.take(der::context_set | 1);  // revocation lists
  out.signers = data.take(der::set);
  if (!data.ended()) return error::bad_signature_format;

  bool attributes = false;
  const errc e = for_each_signer(out, [&](const pkcs7_signer& signer) {
    attributes = attributes || signer.attributes;
    return errc::ok;
  });
  if (e != errc::ok) return e;
  if (out.signers.empty()) return error::signature_kind;
  return attributes ? error::key_rejected : errc::ok;
}

}  // namespace relo::kmod
