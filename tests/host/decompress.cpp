#include <relo/host/decompress.hpp>
#include <relo/host/kernel_image.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace {

using namespace relo::host;
using relo::errc;
using bytes = std::vector<unsigned char>;

constexpr auto file_rules = decompression::whole_file, kernel_rules = decompression::as_kernel;

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
bytes cut(const bytes& b, std::size_t n) {
  return {b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n)};
}

/// Compressible, as an object is, but not by much.
bytes sample(std::size_t n) {
  std::mt19937 random{20};
  bytes out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<unsigned char>(i % 64 < 40 ? i / 64 : random() % 16);
  return out;
}

/// What a command makes of bytes: the tools everyone packs modules with.
bytes through(const std::string& command, const bytes& in) {
  std::string room = (std::filesystem::temp_directory_path() / "relo-decompress-XXXXXX").string();
  REQUIRE(::mkdtemp(room.data()) != nullptr);
  std::ofstream{room + "/in", std::ios::binary}.write(reinterpret_cast<const char*>(in.data()),
                                                      static_cast<std::streamsize>(in.size()));
  REQUIRE(std::system(("cd '" + room + "' && " + command + " <in >out 2>/dev/null").c_str()) == 0);
  std::ifstream from{room + "/out", std::ios::binary};
  bytes out{std::istreambuf_iterator<char>{from}, {}};
  std::filesystem::remove_all(room);
  return out;
}

struct tool {
  const char* command;
  decompressed (*decompress)(std::span<const unsigned char>, decompression, std::size_t) noexcept;
  compression kind;
  const char* other;  ///< the kernel's word for what is compressed in another way
  bool checked = true;
};
const tool tools[] = {
    {"gzip -c", gunzip, compression::gzip, "not a gzip compressed module"},
    {"gzip -9n -c", gunzip, compression::gzip, "not a gzip compressed module"},
    {"xz -c --check=crc32", unxz, compression::xz, "not an xz compressed module"},
    {"xz -c --check=crc32 --x86 --lzma2=dict=1MiB", unxz, compression::xz,
     "not an xz compressed module"},
    {"zstd -q -c", unzstd, compression::zstd, "not a zstd compressed module"},
    {"zstd -q -c -19 --ultra --no-check", unzstd, compression::zstd, "not a zstd compressed module",
     false},
};

bytes compressed_by(const tool& t, const bytes& in) { return through(t.command, in); }

}  // namespace

TEST_CASE("there and back") {
  for (const tool& t : tools)
    for (const std::size_t n : {0U, 1U, 4095U, 4096U, 4097U, 65536U, 1'000'000U}) {
      CAPTURE(std::string{t.command});
      CAPTURE(n);
      const bytes in = sample(n), packed = compressed_by(t, in);
      CHECK(compression_of(packed) == t.kind);
      for (const decompression rules : {file_rules, kernel_rules}) {
        const decompressed out = decompress(packed, rules);
        CHECK(out.error == errc::ok);
        CHECK(out.bytes == in);
        CHECK(out.log.empty());
      }
    }
}

TEST_CASE("what is not compressed, or in another way") {
  for (const bytes& in : {bytes{}, bytes{0x1f}, bytes{0x1f, 0x8b}, bytes{0xfd, '7'}, bytes{0x28},
                          bytes{0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0}}) {
    CHECK(compression_of(in) == compression::none);
    CHECK(decompress(in).error == relo::kmod::error::bad_compression);
    for (const tool& t : tools) {
      const decompressed out = t.decompress(in, kernel_rules, decompressed_limit);
      CHECK(out.error == relo::kmod::error::bad_compression);
      CHECK(out.bytes.empty());
      CHECK(std::string{out.log.c_str()} == t.other);
    }
  }
}

TEST_CASE("wherever an image is cut off") {
  const bytes in = sample(9000);
  for (const tool& t : tools) {
    const bytes packed = compressed_by(t, in);
    for (std::size_t n = 0; n < packed.size(); ++n) {
      CAPTURE(std::string{t.command});
      CAPTURE(n);
      const bytes part = cut(packed, n);
      const decompressed strict = t.decompress(part, file_rules, decompressed_limit);
      CHECK(strict.error == relo::kmod::error::bad_compression);
      CHECK(strict.bytes.empty());
      CHECK_FALSE(strict.log.empty());

      const decompressed kernel = t.decompress(part, kernel_rules, decompressed_limit);
      const std::string log = kernel.log.c_str();
      switch (t.kind) {
        case compression::gzip:
          // The last 8 bytes, checksum and size, are none of the kernel's business.
          CHECK((kernel.error == errc::ok) == (n + 8 >= packed.size()));
          if (kernel) CHECK(kernel.bytes == in);
          else CHECK((log == "decompression failed with status -5" || log == t.other));
          break;
        case compression::xz:
          CHECK(kernel.error == relo::kmod::error::bad_compression);
          CHECK((log == "decompression failed with status 0" || log == t.other));
          break;
        default:
          // What there is of it counts as the whole.
          if (kernel) CHECK(kernel.bytes == cut(in, kernel.bytes.size()));
          else
            CHECK((log == "ZSTD-compressed data has an incomplete frame header" || log == t.other));
          CHECK((kernel.error == errc::ok) == (n >= 6));
      }
    }
  }
}

TEST_CASE("whatever byte of an image is changed") {
  const bytes in = sample(5000);
  for (const tool& t : tools) {
    const bytes packed = compressed_by(t, in);
    for (std::size_t at = 0; at < packed.size(); ++at)
      for (const std::size_t bit : {at % 8, (at + 5) % 8}) {
        CAPTURE(std::string{t.command});
        CAPTURE(at);
        bytes changed = packed;
        changed[at] ^= static_cast<unsigned char>(1U << bit);
        const decompressed strict = t.decompress(changed, file_rules, std::size_t{1} << 20);
        CHECK((strict.error == errc::ok || strict.bytes.empty()));
        // A time or a flag may be any; contents may not, where they are checked.
        if (strict && t.checked) CHECK(strict.bytes == in);
        const decompressed kernel = t.decompress(changed, kernel_rules, std::size_t{1} << 20);
        CHECK((kernel.error == errc::ok || kernel.bytes.empty()));
      }
  }
}

TEST_CASE("contents that fail their check are refused") {
  const bytes in = sample(5000);
  // The check is the last but 8 bytes of gzip's, 4 of zstd's.
  bytes gzip = through("gzip -nc", in);
  gzip[gzip.size() - 8] ^= 1;
  CHECK(gunzip(gzip).error == relo::kmod::error::bad_compression);
  CHECK(gunzip(gzip, kernel_rules).bytes == in);
  bytes zstd = through("zstd -q -c", in);
  zstd[zstd.size() - 1] ^= 1;
  CHECK(unzstd(zstd).error == relo::kmod::error::bad_compression);
  CHECK(std::string{unzstd(zstd, kernel_rules).log.c_str()} ==
        "ZSTD-decompression failed with status 22");
  // A kernel's xz knows no other check than CRC32.
  for (const char* check : {"crc64", "sha256"}) {
    const bytes xz = through(std::string{"xz -c --check="} + check, in);
    CHECK(unxz(xz).bytes == in);
    CHECK(unxz(xz, kernel_rules).error == relo::kmod::error::bad_compression);
    CHECK(std::string{unxz(xz, kernel_rules).log.c_str()} == "decompression failed with status 6");
  }
  CHECK(unxz(through("xz -c --check=none", in), kernel_rules).bytes == in);
}

TEST_CASE("what follows an image") {
  const bytes in = sample(3000);
  for (const tool& t : tools) {
    CAPTURE(std::string{t.command});
    const bytes packed = compressed_by(t, in);
    CHECK(t.decompress(packed + packed, file_rules, decompressed_limit).bytes == in + in);
    CHECK(t.decompress(packed + packed, kernel_rules, decompressed_limit).bytes == in);
    const bytes more = packed + bytes{'r', 'e', 's', 't', '.'};
    CHECK(t.decompress(more, file_rules, decompressed_limit).error ==
          relo::kmod::error::bad_compression);
    CHECK(t.decompress(more, kernel_rules, decompressed_limit).bytes == in);
  }
}

TEST_CASE("bombs end at the limit, to the byte") {
  constexpr std::size_t size = 3'000'000;
  const bytes in(size);
  for (const tool& t : tools) {
    CAPTURE(std::string{t.command});
    const bytes packed = compressed_by(t, in);
    for (const decompression rules : {file_rules, kernel_rules}) {
      CHECK(t.decompress(packed, rules, size).bytes.size() == size);
      for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, size - 1}) {
        const decompressed out = t.decompress(packed, rules, limit);
        CHECK(out.error == errc::module_too_large);
        CHECK(out.bytes.empty());
      }
    }
  }
}

TEST_CASE("a dictionary beyond the limit is refused before there is memory for it") {
  const bytes in = sample(1000);
  constexpr std::size_t limit = std::size_t{4} << 20;
  const bytes largest_preset = through("xz -9 -c --check=crc32", in),
              larger_xz = through("xz -c --check=crc32 --lzma2=dict=1GiB", in),
              long_window = through("zstd -q -c --long", in + in);
  CHECK(unxz(largest_preset, file_rules, limit).bytes == in);
  CHECK(unxz(larger_xz, file_rules, limit).error == errc::module_too_large);
  CHECK(unxz(larger_xz, file_rules, std::size_t{1} << 30).bytes == in);
  CHECK(unzstd(long_window, file_rules, limit).bytes == in + in);
  // RFC 8878: a window of 256 MiB, and a block that is raw, the last, and of one byte.
  const bytes larger_zstd{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x09, 0x00, 0x00, 'x'};
  CHECK(unzstd(larger_zstd, file_rules, limit).error == errc::module_too_large);
  CHECK(unzstd(larger_zstd, file_rules, std::size_t{1} << 28).bytes == bytes{'x'});
}

TEST_CASE("gzip's header: the kernel knows of a name, and takes all else for contents") {
  const bytes in = sample(100);
  const bytes plain = through("gzip -nc", in);
  const bytes body(plain.begin() + 10, plain.end());
  const auto with = [&](unsigned char flags, const bytes& fields) {
    bytes header = cut(plain, 10);
    header[3] = flags;
    return header + fields + body;
  };
  const bytes named = with(0x08, {'a', 'b', 0}), commented = with(0x10, {'a', 'b', 0});
  CHECK(gunzip(named).bytes == in);
  CHECK(gunzip(named, kernel_rules).bytes == in);
  CHECK(gunzip(commented).bytes == in);
  CHECK(gunzip(commented, kernel_rules).bytes != in);
  CHECK(std::string{gunzip(cut(named, 12)).log.c_str()} == "not a gzip compressed module");
}

TEST_CASE("zstd's frame header") {
  const auto log = [](const bytes& in) {
    return std::string{unzstd(in, kernel_rules).log.c_str()};
  };
  const std::string incomplete = "ZSTD-compressed data has an incomplete frame header";
  CHECK(log({0x28, 0xb5, 0x2f, 0xfd}) == incomplete);
  CHECK(log({0x28, 0xb5, 0x2f, 0xfd, 0x00}) == incomplete);
  CHECK(log({0x28, 0xb5, 0x2f, 0xfd, 0x08, 0x58}) == incomplete);  // a reserved bit
  CHECK(log({0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb0}) == incomplete);  // a window of 4 GiB
  CHECK(log({0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58}).empty());
}

TEST_CASE("a kernel's image") {
  const bytes kernel = sample(200'000);
  // boot.rst: 39 sectors of setup code; the payload starts 84 bytes into what follows.
  const auto bz_image = [&](const bytes& payload, std::size_t length) {
    constexpr std::size_t start = 40 * 512 + 84;
    bytes image(start);
    image[0x1f1] = 39;
    for (int i = 0; i < 4; ++i)
      image[0x202 + static_cast<std::size_t>(i)] = static_cast<unsigned char>("HdrS"[i]);
    image[0x206] = 0x0f, image[0x207] = 0x02;
    image[0x248] = 84;
    for (std::size_t i = 0; i < 4; ++i)
      image[0x24c + i] = static_cast<unsigned char>(length >> 8 * i);
    return image + payload;
  };
  for (const tool& t : tools) {
    CAPTURE(std::string{t.command});
    const bytes packed = compressed_by(t, kernel) + bytes{0x40, 0x0d, 3, 0};
    CHECK(plain_kernel(bz_image(packed, packed.size())).bytes == kernel);
    CHECK(plain_kernel(compressed_by(t, kernel)).bytes == kernel);
    // A payload that is not all there makes it no bzImage.
    const bytes longer = bz_image(packed, packed.size() + 1);
    CHECK(plain_kernel(longer).bytes == longer);
    CHECK(plain_kernel(bz_image(packed, packed.size()), 1000).error == errc::module_too_large);
  }
  CHECK(plain_kernel(bz_image({1, 2, 3, 4}, 4)).error == relo::kmod::error::bad_compression);
  CHECK(plain_kernel(kernel).bytes == kernel);
  CHECK(plain_kernel({}).bytes.empty());
}
