// signatures DIRECTORY FILE: every kernel module below the directory is signed with a certificate
// in FILE: a kernel's image, or PEM or DER. Of some, every byte is changed, and none may go
// unnoticed; openssl cms has a say on some, too. Exit status 1 if one is not as it should be.
#include <relo/host/file.hpp>
#include <relo/host/kernel_image.hpp>
#include <relo/host/pkcs7.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using relo::errc;
using bytes_view = std::span<const unsigned char>;

/// How many are changed in every byte, and how many openssl judges.
constexpr std::size_t changed_modules = 4, judged_modules = 40;

std::vector<fs::path> modules_below(const char* directory) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.path().extension() == ".ko") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

relo::kmod::signature_found check(bytes_view file, const relo::host::certificates& trusted) {
  relo::kmod::signature_found found;
  found.why = relo::kmod::module_sig_check(file, trusted, {}, found, [](const char*) {});
  return found;
}

/// Changes each byte of a module in turn, one bit of it. The number of changes that went unnoticed,
/// or were noticed as something else: what is signed is known to be signed by that key.
std::size_t unnoticed_changes(bytes_view file, const relo::host::certificates& trusted,
                              std::size_t& changes) {
  std::vector<unsigned char> changed(file.begin(), file.end());
  const std::size_t payload = check(file, trusted).at.payload;
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < changed.size(); ++at, ++changes) {
    const auto bit = static_cast<unsigned char>(1U << (at * 5 % 8));
    changed[at] ^= bit;
    const auto found = check(changed, trusted);
    if (found.sig_ok || (at < payload && found.why != relo::kmod::error::key_rejected)) {
      std::printf("  byte %zu: %s\n", at, relo::kmod::words::message(found.why));
      ++unnoticed;
    }
    changed[at] ^= bit;
  }
  return unnoticed;
}

void write(const fs::path& path, bytes_view bytes) {
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

/// What `openssl cms -verify` says of a detached signature.
class judge {
 public:
  explicit judge(bytes_view kernel) {
    std::string name = (fs::temp_directory_path() / "relo-signatures-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    room_ = name;
    write(room_ / "cert.der", relo::host::detail::system_certificate_list(kernel));
    usable_ = run("x509 -inform DER -in cert.der -out cert.pem");
  }
  judge(const judge&) = delete;
  judge& operator=(const judge&) = delete;
  ~judge() {
    if (!room_.empty()) fs::remove_all(room_);
  }

  bool usable() const { return usable_; }
  bool good(bytes_view data, bytes_view pkcs7) const {
    write(room_ / "data", data);
    write(room_ / "pkcs7", pkcs7);
    return run("cms -verify -binary -inform DER -in pkcs7 -content data -certfile cert.pem "
               "-noverify -out /dev/null");
  }

 private:
  bool run(const std::string& command) const {
    return std::system(
               ("cd '" + room_.string() + "' && openssl " + command + " 2>/dev/null").c_str()) == 0;
  }
  fs::path room_;
  bool usable_ = false;
};

int run(const char* directory, const char* keys) {
  const relo::host::file image{keys};
  if (image.error() != 0) return std::printf("%s: %s\n", keys, image.message()), 1;
  const auto kernel = relo::host::plain_kernel(image.bytes());
  if (!kernel) return std::printf("%s: %s\n", keys, relo::kmod::words::message(kernel.error)), 1;
  relo::host::certificates trusted;
  if (trusted.add(kernel.bytes) == 0) return std::printf("%s: no certificates\n", keys), 1;
  for (std::size_t i = 0; i < trusted.size(); ++i)
    std::printf("trusted: %s\n", trusted.subject(i).c_str());

  const std::vector<fs::path> modules = modules_below(directory);
  std::size_t failed = 0, bytes = 0;
  std::vector<std::pair<std::size_t, fs::path>> by_size;
  const auto start = std::chrono::steady_clock::now();
  for (const fs::path& path : modules) {
    const relo::host::file file{path.c_str()};
    const auto found = check(file.bytes(), trusted);
    bytes += file.bytes().size();
    by_size.emplace_back(file.bytes().size(), path);
    if (found.sig_ok) continue;
    std::printf("%s: %s\n", path.c_str(), relo::kmod::words::message(found.why));
    ++failed;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%zu modules, %zu bytes: %zu not verified, %.2f s\n", modules.size(), bytes, failed,
              took.count());
  if (modules.empty()) return std::printf("%s: no modules\n", directory), 1;

  std::sort(by_size.begin(), by_size.end());
  std::size_t unnoticed = 0, changes = 0;
  for (std::size_t i = 0; i < std::min(changed_modules, by_size.size()); ++i) {
    const relo::host::file file{by_size[i].second.c_str()};
    unnoticed += unnoticed_changes(file.bytes(), trusted, changes);
  }
  std::printf("%zu changes of a byte: %zu unnoticed\n", changes, unnoticed);

  const judge openssl{kernel.bytes};
  if (!openssl.usable()) return std::puts("no openssl to judge, or several certificates"), 1;
  std::size_t disagreed = 0, judged = 0;
  for (std::size_t i = 0; i < modules.size();
       i += std::max<std::size_t>(1, modules.size() / judged_modules)) {
    const relo::host::file file{modules[i].c_str()};
    const auto at = check(file.bytes(), trusted).at;
    std::vector<unsigned char> data(file.bytes().begin(), file.bytes().end());
    const auto blob = file.bytes().subspan(at.signature_offset, at.signature_size);
    for (const bool changed : {false, true}) {
      data.resize(at.payload);
      if (changed) data[i * 7919 % data.size()] ^= 1;
      const bool ours = trusted.verify(data, blob) == errc::ok;
      ++judged;
      if (ours == openssl.good(data, blob) && ours == !changed) continue;
      std::printf("%s: openssl cms says otherwise\n", modules[i].c_str());
      ++disagreed;
    }
  }
  std::printf("%zu signatures judged by openssl cms: %zu disagreements\n", judged, disagreed);
  return failed + unnoticed + disagreed != 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("signatures DIRECTORY FILE: verifies every module below the directory with the "
               "certificates in a file\n",
               stderr);
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "signatures: %s\n", e.what());
    return 1;
  }
}
