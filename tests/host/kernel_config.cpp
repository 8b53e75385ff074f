#include <relo/host/kernel_config.hpp>

#include <doctest/doctest.h>

namespace {

bool read(std::string_view text, relo::kmod::config& out) {
  return relo::host::read_kernel_config(
      {reinterpret_cast<const unsigned char*>(text.data()), text.size()}, out);
}

}  // namespace

TEST_CASE("options that are set, and all others are not") {
  relo::kmod::config c;
  REQUIRE(read("#\n# Automatically generated file\n#\nCONFIG_MODULES=y\nCONFIG_MODVERSIONS=y\n"
               "# CONFIG_MODULE_SIG is not set\nCONFIG_MITIGATION_RETPOLINE=y\n"
               "CONFIG_MODULE_SIG_FORCE=y\nCONFIG_LIVEPATCH=m\nCONFIG_MODULE_FORCE_UNLOAD=y",
               c));
  CHECK(c.modversions);
  CHECK_FALSE(c.module_sig);
  CHECK(c.sig_enforce);
  CHECK(c.retpoline);
  CHECK_FALSE(c.livepatch);
  CHECK(c.force_unload);
  CHECK_FALSE(c.force_load);
  CHECK_FALSE(c.kallsyms_all);

  relo::kmod::config older;
  REQUIRE(read("CONFIG_RETPOLINE=y\nCONFIG_UNUSED_SYMBOLS=y\n", older));
  CHECK(older.retpoline);
  CHECK(older.unused_symbols);
  CHECK_FALSE(older.modversions);
}

TEST_CASE("what the kernel decompresses") {
  using enum relo::kmod::module_compression;
  relo::kmod::config c;
  c.compression = gzip;
  REQUIRE(read("CONFIG_MODULE_COMPRESS_XZ=y\n", c));
  CHECK(c.compression == none);
  REQUIRE(read("CONFIG_MODULE_COMPRESS_XZ=y\nCONFIG_MODULE_DECOMPRESS=y\n", c));
  CHECK(c.compression == xz);
  REQUIRE(read("CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n", c));
  CHECK(c.compression == zstd);
}

TEST_CASE("another file leaves all as it was") {
  relo::kmod::config c;
  for (const char* const text : {"", "MODVERSIONS=y\n", "# CONFIG_MODVERSIONS is not set\n"}) {
    CHECK_FALSE(read(text, c));
    CHECK(c.modversions);
  }
}
