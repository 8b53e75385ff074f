# What of libsodium's source module_sig_check needs, without its configure script.
#
# RELO_LIBSODIUM is where that source is; `libsodium`, beside this file, puts it there. If it is,
# libsodium_sources are the files to compile as C, with libsodium_options, and
# libsodium_include is for those that include <sodium/...>. Link with --gc-sections: what the
# files have beside the needed functions refers to more.

set(default "$ENV{HOME}/.cache/relo")
if(DEFINED ENV{RELO_CACHE})
  set(default "$ENV{RELO_CACHE}")
endif()
set(RELO_LIBSODIUM "${default}/libsodium" CACHE PATH "The source of libsodium")

set(libsodium_sources)
if(EXISTS "${RELO_LIBSODIUM}/src/libsodium/sodium/utils.c")
  set(libsodium_include "${RELO_LIBSODIUM}/src/libsodium/include")
  set(libsodium_sources
      crypto_core/ed25519/ref10/ed25519_ref10.c
      crypto_hash/sha512/cp/hash_sha512_cp.c
      crypto_sign/ed25519/ref10/open.c
      crypto_sign/ed25519/ref10/sign.c
      crypto_verify/sodium/verify.c
      sodium/utils.c)
  list(TRANSFORM libsodium_sources PREPEND "${RELO_LIBSODIUM}/src/libsodium/")
  set(libsodium_options -w -DCONFIGURED=1 -DNATIVE_LITTLE_ENDIAN=1 -ffunction-sections -fdata-sections
      "-I${libsodium_include}/sodium" "-I${libsodium_include}")
endif()
