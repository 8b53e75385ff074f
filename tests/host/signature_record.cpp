// What real kernels answered for files that are signed, badly signed or not signed at all. The
// record is in ../linux/record, where the files are made, too.
#include "../linux/record.hpp"

#include <relo/host/file.hpp>
#include <relo/host/kernel_image.hpp>
#include <relo/host/pkcs7.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;
using record::skip;
using record::truth;
using relo::errc;

const std::string kernel = "6.1.0-50-amd64";

fs::path or_else(const char* variable, const fs::path& other) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? fs::path{value} : other;
}

fs::path kernel_image() {
  const fs::path cache =
      or_else("RELO_CACHE", or_else("HOME", "/") / ".cache/relo") / ("linux-image-" + kernel);
  for (const fs::path& root : {fs::path{"/"}, cache})
    if (fs::exists(root / "boot" / ("vmlinuz-" + kernel)))
      return root / "boot" / ("vmlinuz-" + kernel);
  skip("no image of " + kernel + " (./dev kernel amd64 fetches it)");
}

struct attempt {
  std::string file, err, dmesg;
};

/// Attempts to load without flags, each an object of the record with one key a line.
std::vector<attempt> attempts(const fs::path& record) {
  const relo::host::file file{record.c_str()};
  REQUIRE(file.error() == 0);
  const std::string all(file.bytes().begin(), file.bytes().end());
  const std::string command = "\n\"cmd\": \"ins ";
  const auto between = [&](std::size_t from, const std::string& before, const std::string& after) {
    const std::size_t begin = all.find(before, from) + before.size();
    return all.substr(begin, all.find(after, begin) - begin);
  };
  std::vector<attempt> found;
  for (std::size_t at = all.find(command); at != std::string::npos;
       at = all.find(command, at + 1)) {
    const std::string what = between(at, command, "\",\n");
    found.push_back({what.substr(0, what.find(' ')), between(at, "\n\"err\": \"", "\""),
                     between(at, "\n\"dmesg\": [", "]")});
  }
  return found;
}

/// What only a signature is refused with, as the record has it; "" for anything else.
std::string name_of(errc e) {
  if (e == relo::kmod::error::bad_signature_format) return "EBADMSG";
  return e == relo::kmod::error::key_rejected ? "EKEYREJECTED" : "";
}

struct compared {
  std::size_t attempts = 0, verified = 0, refused = 0, unknown_key = 0, lines = 0, absent = 0;
};

compared compare(const std::string& version, const relo::host::certificates& trusted) {
  const record::faults& files = record::faults_of(version);
  compared sum;
  for (const attempt& a : attempts(truth("verdicts-" + version + ".json"))) {
    if (!files.has(a.file)) {  // what is made of Debian's module, which is not here
      ++sum.absent;
      continue;
    }
    CAPTURE(version);
    CAPTURE(a.file);
    const relo::host::file file{files[a.file].c_str()};
    std::string log;
    relo::kmod::signature_found found;
    const errc e = relo::kmod::module_sig_check(file.bytes(), trusted, {}, found,
                                                [&](const char* line) { log = line; });
    ++sum.attempts;
    sum.verified += found.sig_ok;
    if (found.why == relo::kmod::error::key_unavailable) {
      ++sum.unknown_key;
      continue;
    }
    if (e != errc::ok) {
      ++sum.refused;
      CHECK(a.err == name_of(e));
    } else {
      CHECK(a.err != "EBADMSG");
      CHECK(a.err != "EKEYREJECTED");
    }
    sum.lines += !log.empty();
    if (log.empty()) CHECK(a.dmesg.find("PKCS#7") == std::string::npos);
    else CHECK(a.dmesg.find('"' + log + '"') != std::string::npos);
  }
  std::printf("%s: %zu attempts, %zu verified, %zu refused, %zu of an unknown key, %zu lines\n",
              version.c_str(), sum.attempts, sum.verified, sum.refused, sum.unknown_key, sum.lines);
  if (sum.absent != 0)
    std::printf("left out: what needs the modules of the kernel of %s (./dev kernel %s)\n",
                version.c_str(), version == "6.1" ? "amd64" : "trixie-amd64");
  return sum;
}

}  // namespace

TEST_CASE("signatures are judged as by kernels of which there is a record") {
  const relo::host::file image{kernel_image().c_str()};
  relo::host::certificates trusted;
  REQUIRE(trusted.add(relo::host::plain_kernel(image.bytes()).bytes) != 0);

  const compared own = compare("6.1", trusted);
  CHECK(own.verified > 0);
  CHECK(own.refused > 0);
  CHECK(own.lines > 0);
  CHECK(own.unknown_key == 0);
  // Its certificate is elsewhere; what needs none is as before.
  const compared other = compare("6.12", trusted);
  CHECK(other.refused > 0);
  CHECK(other.lines > 0);
}
