#include "modinfo.hpp"

#include "../escaped.hpp"
#include "module_file.hpp"

#include <relo/linux/record/signature.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <openssl/x509.h>
#include <utility>

namespace kmodcheck {

namespace {

/// A parameter, of which .modinfo tells in two strings.
struct parameter {
  std::string_view name;
  std::optional<std::string_view> text, type;
};

void note_parameter(std::vector<parameter>& all, std::string_view value, bool is_type) {
  const std::size_t colon = value.find(':');
  if (colon == value.npos) return;
  const auto name = value.substr(0, colon);
  auto at = std::ranges::find(all, name, &parameter::name);
  if (at == all.end()) at = all.insert(all.begin(), {name, {}, {}});
  (is_type ? at->type : at->text) = value.substr(colon + 1);
}

/// "AA:BB", of which each line of 20 but the first is indented.
std::string colons(bytes_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) out += i % 20 == 0 ? ":\n\t\t" : ":";
    out += fmt::format("{:02X}", bytes[i]);
  }
  return out;
}

/// A text of the file that may go over several lines, as long as none of them looks like a tag's.
std::string shown(std::string_view text) {
  std::string out = example::escaped(text, "\t\n");
  for (std::size_t at = 0; (at = out.find('\n', at)) != out.npos; ++at)
    if (at + 1 == out.size() || (out[at + 1] != ' ' && out[at + 1] != '\t'))
      out.replace(at, 1, "\\x0a");
  return out;
}

std::string common_name(bytes_view issuer) {
  const unsigned char* at = issuer.data();
  const std::unique_ptr<X509_NAME, void (*)(X509_NAME*)> name{
      ::d2i_X509_NAME(nullptr, &at, static_cast<long>(issuer.size())), ::X509_NAME_free};
  const int entry = name ? ::X509_NAME_get_index_by_NID(name.get(), NID_commonName, -1) : -1;
  if (entry < 0) return "";
  const ASN1_STRING* const text =
      ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(name.get(), entry));
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text))};
}

const char* name_of(relo::kmod::digest_kind d) {
  using enum relo::kmod::digest_kind;
  switch (d) {
    case sha1: return "sha1";
    case sha224: return "sha224";
    case sha256: return "sha256";
    case sha384: return "sha384";
    case sha512: return "sha512";
    default: return "unknown";
  }
}

/// Signatures of before 4.3, whose struct module_signature says all: bytes algo, hash, id_type,
/// signer_len, key_id_len, pad[3]; be32 sig_len. Before it signer, key and signature.
template <class F>
void tell_old_signature(bytes_view file, F&& f) {
  static constexpr const char* hashes[] = {"md4",    "md5",    "sha1",   "rmd160", "sha256",
                                           "sha384", "sha512", "sha224", "sm3"};
  static constexpr const char* ids[] = {"PGP", "X509"};
  static constexpr std::size_t marker = sizeof relo::kmod::module_sig_string - 1, size = 12;
  if (file.size() < marker + size ||
      std::memcmp(&file[file.size() - marker], relo::kmod::module_sig_string, marker) != 0)
    return;
  bytes_view left = file.first(file.size() - marker - size);
  const unsigned char* const ms = left.data() + left.size();
  const std::size_t length = relo::read_int<std::uint32_t, std::endian::big>(ms + 8);
  if (ms[0] > 1 || ms[1] >= std::size(hashes) || ms[2] >= std::size(ids) || length == 0 ||
      left.size() < length + ms[3] + ms[4])
    return;
  const auto take = [&](std::size_t n) {
    const bytes_view taken = left.last(n);
    left = left.first(left.size() - n);
    return taken;
  };
  const bytes_view signature = take(length), key = take(ms[4]), signer = take(ms[3]);
  f("sig_id", ids[ms[2]]);
  f("signer", example::escaped(sections_of::string(signer, 0)));
  f("sig_key", colons(key));
  f("sig_hashalgo", hashes[ms[1]]);
  f("signature", colons(signature));
}

template <class F>
void tell_signature(bytes_view file, F&& f) {
  relo::kmod::appended_signature at;
  const relo::errc found = relo::kmod::find_signature(file, at, [](const char*) {});
  if (found == relo::kmod::error::signature_not_pkcs7) return tell_old_signature(file, f);
  relo::kmod::pkcs7_message message;
  if (found != relo::errc::ok ||
      relo::kmod::parse_pkcs7(file.subspan(at.signature_offset, at.signature_size), message) !=
          relo::errc::ok)
    return;
  bool first = true;
  (void)relo::kmod::for_each_signer(message, [&](const relo::kmod::pkcs7_signer& s) {
    if (!std::exchange(first, false)) return relo::errc::ok;
    f("sig_id", "PKCS#7");
    f("signer", example::escaped(common_name(s.issuer)));
    f("sig_key", colons(s.serial));
    f("sig_hashalgo", name_of(s.digest));
    f("signature", colons(s.signature));
    return relo::errc::ok;
  });
}

}  // namespace

bool print_modinfo(const std::string& path, std::size_t max_size, std::string& out,
                   std::string& why) {
  const contents file{path.c_str(), max_size};
  why = file.message();
  if (!why.empty()) return false;
  std::error_code none;
  out += fmt::format("{:<16}{}\n",
                     "filename:", example::escaped(std::filesystem::absolute(path, none).native()));
  const auto info = sections_of{file.bytes()}.find_any(".modinfo");
  if (!info) {
    why = "no .modinfo section";
    return false;
  }
  std::vector<parameter> parameters;
  const auto line = [&](std::string_view key, std::string_view value) {
    const std::string tag = example::escaped(key);
    out += fmt::format("{}:{:<{}}{}\n", tag, "",
                       tag.size() < 15 ? 15 - tag.size() : tag.size() - 15, value);
  };
  sections_of::for_each_string(*info, [&](std::string_view s) {
    const std::size_t equals = s.find('=');
    const auto key = s.substr(0, equals), value = equals == s.npos ? "" : s.substr(equals + 1);
    if (key == "parm" || key == "parmtype") note_parameter(parameters, value, key == "parmtype");
    else line(key, shown(value));
  });
  tell_signature(file.bytes(), line);
  for (const auto& p : parameters) {
    out += fmt::format("{:<16}{}:{}", "parm:", example::escaped(p.name),
                       shown(p.text ? *p.text : *p.type));
    out += p.text && p.type ? fmt::format(" ({})\n", shown(*p.type)) : "\n";
  }
  return true;
}

}  // namespace kmodcheck
