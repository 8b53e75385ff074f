// The parsers of relo/host/, of any bytes: compressed files by either rules, a kernel's image, its
// Module.symvers, its configuration, certificates and signatures.
//
// The input: a byte that says which, and what is to be parsed.
#include <relo/host/decompress.hpp>
#include <relo/host/kernel_config.hpp>
#include <relo/host/kernel_image.hpp>
#include <relo/host/pkcs7.hpp>
#include <relo/host/symvers.hpp>
#include <relo/linux/record/signature.hpp>

#include <cstdint>
#include <string_view>

namespace {

using bytes = std::span<const unsigned char>;

/// What must hold does, or the input is one to keep.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

constexpr std::size_t limit = std::size_t{1} << 20;

void check(const relo::host::decompressed& out) {
  require(out ? out.bytes.size() <= limit : out.bytes.empty());
}

void parse_symvers(bytes in) {
  relo::host::symvers table;
  if (!table.read(in)) {
    require(table.entries().empty() && table.bad_line() != 0);
    return;
  }
  for (const auto& e : table.entries()) {
    const auto* const first = table.entry(relo::elf::name{e.name});
    require(first != nullptr && first <= &e && std::string_view{first->name} == e.name);
  }
}

void parse_signature(bytes in) {
  relo::kmod::appended_signature at;
  relo::kmod::pkcs7_message message;
  bytes signature = in;
  if (relo::kmod::find_signature(in, at, [](const char*) {}) == relo::errc::ok) {
    require(at.signature_offset <= in.size() &&
            at.signature_size <= in.size() - at.signature_offset);
    signature = in.subspan(at.signature_offset, at.signature_size);
  }
  if (relo::kmod::parse_pkcs7(signature, message) == relo::errc::ok)
    (void)relo::kmod::for_each_signer(message, [](const auto&) { return relo::errc::ok; });
  relo::host::certificates known;
  known.add(in);
  require(known.verify(in.first(in.size() / 2), in) != relo::errc::ok);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bytes in{data + 1, size - 1};
  relo::kmod::config config;
  using enum relo::host::decompression;
  switch (data[0] % 8) {
    case 0: check(relo::host::decompress(in, whole_file, limit)); break;
    case 1: check(relo::host::gunzip(in, as_kernel, limit)); break;
    case 2: check(relo::host::unxz(in, as_kernel, limit)); break;
    case 3: check(relo::host::unzstd(in, as_kernel, limit)); break;
    case 4:
      if (in.size() <= limit) check(relo::host::plain_kernel(in, limit));
      break;
    case 5: parse_symvers(in); break;
    case 6: relo::host::read_kernel_config(in, config); break;
    case 7: parse_signature(in); break;
  }
  return 0;
}
