#include "record.hpp"

#include "../escaped.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace kmodcheck {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// In hexadecimal, with or without 0x, as records have addresses.
std::uint64_t address(std::string_view s) {
  if (s.starts_with("0x")) s.remove_prefix(2);
  std::uint64_t v = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v, 16);
  if (error != std::errc{} || end != s.data() + s.size())
    throw std::runtime_error("'" + std::string{s} + "' is no address");
  return v;
}

placement read_one(const json& m) {
  placement out;
  for (const auto& [name, region] : m.at("mem").items())
    out.regions.push_back({name, address(region.at("base").get<std::string>())});
  if (m.contains("percpu")) {
    const auto text = m["percpu"].get<std::string>();
    constexpr std::string_view before = "base ";
    if (!text.starts_with(before)) throw std::runtime_error("'" + text + "' is not 'base ...'");
    out.percpu = address(std::string_view{text}.substr(
        before.size(), text.find(' ', before.size()) - before.size()));
  }
  if (m.contains("undef"))
    for (const auto& [name, at] : m["undef"].items())
      out.symbols.emplace(name, address(at.get<std::string>()));
  return out;
}

/// A string of JSON is UTF-8; what is none is told as in text.
std::string told_text(const std::string& s) {
  return example::is_utf8(s) ? s : example::escaped(s);
}

}  // namespace

bool read_record(bytes_view text, record& out, std::string& why) {
  try {
    const auto* const first = reinterpret_cast<const char*>(text.data());
    const json all = json::parse(first, first + text.size());
    if (!all.is_object()) throw std::runtime_error("no object");
    if (all.contains("mem")) out.emplace("", read_one(all));
    else
      for (const auto& [name, module] : all.items()) out.emplace(name, read_one(module));
    return true;
  } catch (const std::exception& e) {
    why = e.what();
    return false;
  }
}

std::string sha256(bytes_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ::EVP_Digest(bytes.data(), bytes.size(), digest, &size, ::EVP_sha256(), nullptr);
  std::string out;
  for (const unsigned char c : std::span{digest, size}) {
    constexpr char digits[] = "0123456789abcdef";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::string to_json(const std::string& file, const verdict& v, const char* name, told what) {
  ordered_json out{{"file", told_text(file)}, {"verdict", name}};
  auto& log = out["log"] = ordered_json::array();
  for (const auto& line : v.log) log.push_back(told_text(line));
  if (v.error != 0 && !v.reason.empty()) out["reason"] = told_text(v.reason);
  if (!v.vermagic.empty()) out["vermagic"] = "not compared";
  if (what.layout) {
    auto& regions = out["layout"]["regions"] = ordered_json::array();
    for (const auto& r : v.layout.regions) regions.push_back({r.name, r.base, r.size});
    auto& tables = out["layout"]["tables"] = ordered_json::array();
    for (const auto& t : v.layout.tables)
      tables.push_back({t.name, t.region, t.offset, t.size, t.entries});
    auto& sections = out["layout"]["sections"] = ordered_json::array();
    for (const auto& s : v.layout.sections)
      sections.push_back({s.index, told_text(s.name), s.region, s.offset, s.size});
  }
  if (what.sections) {
    auto& sections = out["sections"] = ordered_json::array();
    for (const auto& s : v.layout.sections) {
      const ordered_json digest =
          s.has_contents ? ordered_json(sha256(s.contents)) : ordered_json();
      sections.push_back({s.index, told_text(s.name), s.region, s.offset, s.size, digest});
    }
  }
  constexpr bool ascii = true;  // a terminal obeys some of what JSON does not escape
  return out.dump(-1, ' ', ascii);
}

}  // namespace kmodcheck
