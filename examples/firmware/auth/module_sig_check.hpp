// module_sig_check: an object that its maker did not sign is not looked at.
//
//     constexpr example::public_key key{
//     #include "key.inc"  // sign --public key.pem
//     };
//     constexpr auto stages = relo::load_module |
//         relo::insert_before<"elf_validity_check">(example::module_sig_check<key>{});
//
// A signed object ends in an Ed25519 signature (RFC 8032) of the SHA-512 of all before it, and in
// a magic string: see `sign`, beside this file. The firmware keeps no secret.
#pragma once

#include <relo/pipeline.hpp>

#include <array>
#include <cstddef>
#include <span>

#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_sign_ed25519.h>

namespace example {

using public_key = std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES>;

/// Fails with relo::errc::not_authentic, before a byte of the object is taken for anything; later
/// stages see the object without its signature. Reads it once, in pieces of 64 bytes. A streamed
/// object is read again by the stages that follow: the medium, too, must be one that only the
/// firmware writes. Kernel: CONFIG_MODULE_SIG_FORCE.
template <const public_key& Key>
struct module_sig_check {
  static constexpr const char* name = "module_sig_check";
  using undo = relo::nothing_to_undo;
  static constexpr relo::errc errors[] = {relo::errc::not_authentic};

  template <class Load>
  relo::errc run(Load& load) const {
    auto& source = load.image.source();
    if (source.size() < sizeof(trailer)) return load.fail(relo::errc::not_authentic);
    const std::size_t end = source.size() - sizeof(trailer);
    trailer last{};
    source.copy(end, last.signature);
    source.copy(end + sizeof last.signature, last.magic);
    if (last.magic != magic) return load.fail(relo::errc::not_authentic);

    crypto_hash_sha512_state hash;
    crypto_hash_sha512_init(&hash);
    std::array<unsigned char, 64> piece{};
    for (std::size_t at = 0; at < end;) {
      const std::size_t size = end - at < piece.size() ? end - at : piece.size();
      source.copy(at, {piece.data(), size});
      crypto_hash_sha512_update(&hash, piece.data(), size);
      at += size;
    }
    std::array<unsigned char, crypto_hash_sha512_BYTES> digest;
    crypto_hash_sha512_final(&hash, digest.data());
    if (crypto_sign_ed25519_verify_detached(last.signature.data(), digest.data(), digest.size(),
                                            Key.data()) != 0)
      return load.fail(relo::errc::not_authentic);
    source.truncate(end);
    return relo::errc::ok;
  }

 private:
  using magic_bytes = std::array<unsigned char, 16>;
  static constexpr magic_bytes magic{'~', 'r', 'e', 'l', 'o', ' ', 's', 'i',
                                     'g', 'n', 'a', 't', 'u', 'r', 'e', '~'};
  struct trailer {
    std::array<unsigned char, crypto_sign_ed25519_BYTES> signature;
    magic_bytes magic;
  };
};

}  // namespace example
