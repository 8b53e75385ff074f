// Keys, certificates and signatures are made by the openssl program.
#include <relo/host/pkcs7.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using relo::errc;
using relo::host::certificates;
using bytes = std::vector<unsigned char>;

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A directory with keys, for all tests.
class workshop {
 public:
  workshop() {
    std::string name = (fs::temp_directory_path() / "relo-pkcs7-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    room_ = name;
    write("data", data());
    for (const char* who : {"ours", "other"})
      openssl("req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=" + std::string{who} +
              " -keyout " + who + ".key -out " + who + ".pem");
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -days 1 -subj /CN=ec "
            "-keyout ec.key -out ec.pem");
    // One that ours has issued.
    openssl("req -newkey rsa:2048 -nodes -subj /CN=below -keyout below.key -out below.csr");
    openssl("x509 -req -in below.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 1 "
            "-out below.pem");
    for (const char* who : {"ours", "other", "ec", "below"})
      openssl("x509 -in " + std::string{who} + ".pem -outform DER -out " + who + ".der");
  }
  ~workshop() { fs::remove_all(room_); }

  static bytes data() { return bytes(5000, 'm'); }

  void openssl(const std::string& command) const {
    CAPTURE(command);
    REQUIRE(std::system(
                ("cd '" + room_.string() + "' && openssl " + command + " 2>/dev/null").c_str()) ==
            0);
  }
  bytes read(const std::string& name) const {
    std::ifstream from{room_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{from}, {}};
  }
  /// As scripts/sign-file signs, unless told otherwise.
  bytes signed_by(const std::string& who,
                  const std::string& how = "-noattr -nocerts -md sha256") const {
    openssl("cms -sign -binary -in data -outform DER -out signature -signer " + who +
            ".pem -inkey " + who + ".key " + how);
    return read("signature");
  }

 private:
  void write(const std::string& name, const bytes& what) const {
    std::ofstream{room_ / name, std::ios::binary}.write(reinterpret_cast<const char*>(what.data()),
                                                        static_cast<std::streamsize>(what.size()));
  }
  fs::path room_;
};

const workshop& shop() {
  static const workshop made;
  return made;
}

certificates trusting(std::initializer_list<const char*> files) {
  certificates trusted;
  for (const char* file : files) REQUIRE(trusted.add(shop().read(file)) == 1);
  return trusted;
}

/// system_certificates.S, within something larger.
bytes kernel_with(const bytes& list, std::size_t first, std::size_t word, bool big,
                  std::size_t room = 0) {
  bytes out(4096, 0x90);
  out = out + list + bytes(room);
  const auto number = [&](std::size_t n) {
    out.resize((out.size() + 7) / 8 * 8);
    for (std::size_t i = 0; i < word; ++i)
      out.push_back(static_cast<unsigned char>(n >> 8 * (big ? word - 1 - i : i)));
  };
  number(list.size());
  if (first != 0) number(first);
  return out + bytes(100, 0x90);
}

}  // namespace

TEST_CASE("what is signed by a trusted key, and nothing else") {
  const certificates trusted = trusting({"ours.pem"});
  const bytes data = workshop::data(), signature = shop().signed_by("ours");
  CHECK(trusted.verify(data, signature) == errc::ok);
  CHECK(certificates{}.verify(data, signature) == relo::kmod::error::key_unavailable);
  CHECK(trusting({"other.pem"}).verify(data, signature) == relo::kmod::error::key_unavailable);
  CHECK(trusting({"other.pem", "ours.der"}).verify(data, signature) == errc::ok);
  CHECK(trusted.verify(data, shop().signed_by("other")) == relo::kmod::error::key_unavailable);

  for (const std::size_t at : {std::size_t{0}, data.size() / 2, data.size() - 1}) {
    bytes changed = data;
    changed[at] ^= 0x10;
    CHECK(trusted.verify(changed, signature) == relo::kmod::error::key_rejected);
  }
  CHECK(trusted.verify(data + bytes{0}, signature) == relo::kmod::error::key_rejected);
  CHECK(trusted.verify({}, signature) == relo::kmod::error::key_rejected);
}

TEST_CASE("no bit of a signature may be another") {
  const certificates trusted = trusting({"ours.pem"});
  const bytes data = workshop::data(), signature = shop().signed_by("ours");
  for (std::size_t at = 0; at < signature.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      CAPTURE(at);
      CAPTURE(bit);
      bytes changed = signature;
      changed[at] ^= static_cast<unsigned char>(1U << bit);
      CHECK(trusted.verify(data, changed) != errc::ok);
    }
  for (std::size_t n = 0; n < signature.size(); ++n)
    CHECK(trusted.verify(data, std::span{signature}.first(n)) ==
          relo::kmod::error::bad_signature_format);
}

TEST_CASE("algorithms") {
  const certificates trusted = trusting({"ours.pem", "ec.pem"});
  const bytes data = workshop::data();
  for (const char* digest : {"sha1", "sha224", "sha256", "sha384", "sha512"})
    for (const char* who : {"ours", "ec"}) {
      CAPTURE(std::string{digest});
      CAPTURE(std::string{who});
      const bytes s = shop().signed_by(who, std::string{"-noattr -nocerts -md "} + digest);
      CHECK(trusted.verify(data, s) == errc::ok);
      CHECK(trusted.verify(data + data, s) == relo::kmod::error::key_rejected);
    }
  for (const char* digest : {"sha3-256", "sha3-384", "sha3-512"})
    CHECK(trusted.verify(data, shop().signed_by("ours", std::string{"-noattr -nocerts -md "} +
                                                            digest)) == errc::ok);
  for (const char* digest : {"md5", "sha3-224"})
    CHECK(trusted.verify(data,
                         shop().signed_by("ours", std::string{"-noattr -nocerts -md "} + digest)) ==
          relo::kmod::error::signature_unsupported);
}

TEST_CASE("kinds of signatures that are not a module's") {
  const certificates trusted = trusting({"ours.pem"});
  const bytes data = workshop::data();
  CHECK(trusted.verify(data, shop().signed_by("ours", "-nocerts -md sha256")) ==
        relo::kmod::error::key_rejected);  // with signed attributes
  CHECK(trusted.verify(data, shop().signed_by("ours", "-noattr -nocerts -nodetach")) ==
        relo::kmod::error::bad_signature_format);
  shop().openssl("cms -encrypt -binary -in data -outform DER -out encrypted ours.pem");
  CHECK(trusted.verify(data, shop().read("encrypted")) == relo::kmod::error::signature_kind);
  CHECK(trusted.verify(data, shop().read("ours.der")) == relo::kmod::error::bad_signature_format);
}

TEST_CASE("signers named by key, and several of them") {
  const bytes data = workshop::data();
  const bytes by_key = shop().signed_by("ours", "-noattr -nocerts -keyid");
  CHECK(trusting({"ours.pem"}).verify(data, by_key) == errc::ok);
  CHECK(trusting({"other.pem"}).verify(data, by_key) == relo::kmod::error::key_unavailable);

  const bytes two = shop().signed_by("ours", "-noattr -nocerts -signer other.pem -inkey other.key");
  CHECK(trusting({"ours.pem"}).verify(data, two) == errc::ok);
  CHECK(trusting({"other.pem"}).verify(data, two) == errc::ok);
  CHECK(trusting({"ec.pem"}).verify(data, two) == relo::kmod::error::key_unavailable);
  CHECK(trusting({"other.pem"}).verify(data + data, two) == relo::kmod::error::key_rejected);
}

TEST_CASE("a signature that brings its certificate") {
  const bytes data = workshop::data();
  const bytes own = shop().signed_by("ours", "-noattr");
  CHECK(trusting({"ours.pem"}).verify(data, own) == errc::ok);
  CHECK(trusting({"other.pem"}).verify(data, own) == relo::kmod::error::key_unavailable);
  // It is known to be wrong even where nobody knows the key.
  CHECK(trusting({"other.pem"}).verify(data + data, own) == relo::kmod::error::key_rejected);

  const bytes below = shop().signed_by("below", "-noattr");
  CHECK(trusting({"ours.pem"}).verify(data, below) == errc::ok);
  CHECK(trusting({"below.pem"}).verify(data, below) == errc::ok);
  CHECK(trusting({"other.pem"}).verify(data, below) == relo::kmod::error::key_unavailable);
  CHECK(trusting({"ours.pem"}).verify(data + data, below) == relo::kmod::error::key_rejected);
  // Without its certificate, nothing says who issued it.
  CHECK(trusting({"ours.pem"}).verify(data, shop().signed_by("below")) ==
        relo::kmod::error::key_unavailable);
}

TEST_CASE("files with certificates") {
  const bytes ours = shop().read("ours.der"), other = shop().read("other.der"),
              pem = shop().read("ours.pem");
  const auto added = [](const bytes& file) { return certificates{}.add(file); };
  CHECK(added(ours) == 1);
  CHECK(added(pem) == 1);
  CHECK(added(ours + other) == 2);
  CHECK(added(pem + shop().read("ec.pem")) == 2);
  CHECK(added(shop().read("ours.key") + pem) == 1);
  CHECK(added(shop().read("ours.key")) == 0);
  CHECK(added({}) == 0);
  CHECK(added(bytes(1000, 0x30)) == 0);
  CHECK(added(ours + bytes{0}) == 0);
  for (const std::size_t n : {std::size_t{1}, std::size_t{4}, ours.size() - 1})
    CHECK(added({ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(n)}) == 0);
  certificates trusted;
  CHECK(trusted.add(ours + other) == 2);
  CHECK(trusted.size() == 2);
  CHECK(trusted.subject(0) == "/CN=ours");
  CHECK(trusted.subject(1) == "/CN=other");
}

TEST_CASE("the certificates built into a kernel, and no others that lie there") {
  const bytes ours = shop().read("ours.der"), other = shop().read("other.der"),
              ec = shop().read("ec.der");
  const auto subjects = [](const bytes& kernel) {
    certificates trusted;
    trusted.add(kernel);
    std::string all;
    for (std::size_t i = 0; i < trusted.size(); ++i) all += trusted.subject(i);
    return all;
  };
  for (const std::size_t word : {4U, 8U})
    for (const bool big : {false, true}) {
      CAPTURE(word);
      CAPTURE(big);
      // From 5.13 on, and before; with room for a certificate that is put in later.
      CHECK(subjects(kernel_with(ours + other, ours.size(), word, big)) == "/CN=ours/CN=other");
      CHECK(subjects(kernel_with(ours + other, 0, word, big)) == "/CN=ours/CN=other");
      CHECK(subjects(kernel_with(ours, ours.size(), word, big, 4100)) == "/CN=ours");
      // A revocation list is like it, but no module is signed with its first certificate.
      const bytes revoked = kernel_with(ec, 0, word, big);
      const bytes trusted = kernel_with(ours + other, ours.size(), word, big);
      CHECK(subjects(revoked + bytes(8 - revoked.size() % 8, 0x90) + trusted) ==
            "/CN=ours/CN=other");
    }
  // Elsewhere: nothing says how long a list there is.
  CHECK(subjects(bytes(64, 0x90) + ec + bytes(64, 0x90)).empty());
  CHECK(subjects(kernel_with(bytes{0x30, 0x82, 1, 0} + bytes(256), 260, 8, false)).empty());
  // Any number of beginnings: it takes no longer than reading them.
  bytes beginnings;
  while (beginnings.size() < (std::size_t{16} << 20))
    beginnings =
        beginnings.empty() ? bytes{0x30, 0x82, 0, 4, 0x30, 0x82, 0, 0} : beginnings + beginnings;
  CHECK(subjects(beginnings).empty());
  // Wherever it is cut off.
  const bytes kernel = kernel_with(ours, ours.size(), 8, false);
  for (std::size_t n = 0; n < kernel.size(); n += 7) {
    const bytes part(kernel.begin(), kernel.begin() + static_cast<std::ptrdiff_t>(n));
    const std::string found = subjects(part);
    CHECK((found.empty() || found == "/CN=ours"));
  }
}

TEST_CASE("what goes wrong here is no error of the caller's") {
  const certificates trusted = trusting({"ours.pem"});
  ERR_clear_error();
  CHECK(trusted.verify(bytes(10), shop().signed_by("ours")) == relo::kmod::error::key_rejected);
  certificates none;
  CHECK(none.add(bytes(100, 'x')) == 0);
  CHECK(ERR_peek_error() == 0);
}
