# What host/ adapts, for programs of ours: relo_decompress (zlib, liblzma, libzstd) and relo_crypto
# (OpenSSL), with relo::host. A target is there if its libraries are.

find_package(ZLIB QUIET)
find_package(LibLZMA QUIET)
find_path(ZSTD_INCLUDE_DIR zstd.h)
find_library(ZSTD_LIBRARY zstd)
mark_as_advanced(ZSTD_INCLUDE_DIR ZSTD_LIBRARY)
if(ZLIB_FOUND AND LIBLZMA_FOUND AND ZSTD_INCLUDE_DIR AND ZSTD_LIBRARY)
  add_library(relo_decompress INTERFACE)
  target_include_directories(relo_decompress SYSTEM INTERFACE "${ZSTD_INCLUDE_DIR}")
  target_link_libraries(relo_decompress INTERFACE relo::host ZLIB::ZLIB LibLZMA::LibLZMA "${ZSTD_LIBRARY}")
else()
  message(STATUS "No zlib, liblzma or libzstd (Debian: zlib1g-dev liblzma-dev libzstd-dev): "
                 "nothing that decompresses")
endif()

find_package(OpenSSL 3.0 QUIET COMPONENTS Crypto)
if(OPENSSL_FOUND)
  add_library(relo_crypto INTERFACE)
  target_link_libraries(relo_crypto INTERFACE relo::host OpenSSL::Crypto)
else()
  message(STATUS "No OpenSSL 3 (Debian: libssl-dev): nothing that verifies signatures")
endif()
