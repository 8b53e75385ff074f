#include <relo/linux/record/signature.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace relo::kmod;
using relo::errc;
using bytes = std::vector<unsigned char>;

const std::string marker = module_sig_string;

struct trailer {
  unsigned char algo = 0, hash = 0, id_type = 2, signer_len = 0, key_id_len = 0, pad[3]{};
  std::uint32_t length = 0;
};

bytes signed_file(std::size_t payload, const bytes& blob, trailer t) {
  bytes file(payload, 'p');
  file.insert(file.end(), blob.begin(), blob.end());
  for (const unsigned char c :
       {t.algo, t.hash, t.id_type, t.signer_len, t.key_id_len, t.pad[0], t.pad[1], t.pad[2]})
    file.push_back(c);
  for (const int shift : {24, 16, 8, 0})
    file.push_back(static_cast<unsigned char>(t.length >> shift));
  file.insert(file.end(), marker.begin(), marker.end());
  return file;
}

struct lines {
  std::vector<std::string>& all;
  void operator()(const char* line) const { all.emplace_back(line); }
};

/// Answers as it is told, and notes what it was given.
struct told {
  errc answer;
  mutable std::size_t data = 0, blob = 0;
  errc verify(std::span<const unsigned char> d, std::span<const unsigned char> b) const {
    data = d.size(), blob = b.size();
    return answer;
  }
};

/// DER, put together as a writer would: tag, length, contents.
bytes element(unsigned char tag, const bytes& contents) {
  bytes out{tag};
  if (contents.size() > 0xff) {
    out.push_back(0x82);
    out.push_back(static_cast<unsigned char>(contents.size() >> 8));
  } else if (contents.size() > 0x7f) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<unsigned char>(contents.size()));
  out.insert(out.end(), contents.begin(), contents.end());
  return out;
}
bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const bytes null{0x05, 0x00};
const bytes sha256 = element(6, {0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 1});
const bytes sha512 = element(6, {0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 3});
const bytes md5 = element(6, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5});
const bytes rsa = element(6, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1});
const bytes dsa = element(6, {0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1});
const bytes pkcs7_data = element(6, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1});
const bytes pkcs7_signed = element(6, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2});
const bytes issuer = element(
    0x30, element(0x31, element(0x30, element(6, {0x55, 4, 3}) + element(0x0c, {'m', 'e'}))));

/// What a message is made of; each test changes one thing.
struct parts {
  bytes type = pkcs7_signed, version{1}, digests = element(0x30, sha256), content = pkcs7_data;
  bytes between{};  ///< certificates, revocation lists
  bytes signer_version{1}, sid = element(0x30, issuer + element(2, {0x3d, 0x46}));
  bytes digest = sha256 + null, attributes{}, key = rsa + null, signature{9, 8, 7}, after{};
  std::size_t signers = 1;

  bytes signer() const {
    return element(0x30, element(2, signer_version) + sid + element(0x30, digest) + attributes +
                             element(0x30, key) + element(4, signature) + after);
  }
  bytes message() const {
    bytes all;
    for (std::size_t i = 0; i < signers; ++i) all = all + signer();
    const bytes data = element(2, version) + element(0x31, digests) + element(0x30, content) +
                       between + element(0x31, all);
    return element(0x30, type + element(0xa0, element(0x30, data)));
  }
  errc parsed() const {
    pkcs7_message m;
    return parse_pkcs7(message(), m);
  }
};

constexpr bool in_a_constant_expression() {
  unsigned char file[10 + 4 + 12 + sizeof module_sig_string - 1]{};
  file[10 + 4 + 2] = 2;
  file[10 + 4 + 11] = 4;
  for (std::size_t i = 0; module_sig_string[i] != '\0'; ++i)
    file[10 + 4 + 12 + i] = static_cast<unsigned char>(module_sig_string[i]);
  signature_found found;
  const errc e = module_sig_check(file, no_certificates{}, {}, found, [](const char*) {});
  return e == relo::kmod::error::bad_signature_format && found.at.payload == 10 &&
         found.at.signature_offset == 10 && found.at.signature_size == 4;
}
static_assert(in_a_constant_expression());

}  // namespace

TEST_CASE("a file without the marker is not signed, however short") {
  appended_signature at;
  const auto none = [](const char*) { FAIL("nothing is logged"); };
  for (const std::string& text : {std::string{}, std::string{"x"}, marker.substr(1), marker,
                                  "x" + marker + "x", "x" + marker.substr(0, 27)}) {
    const bytes file(text.begin(), text.end());
    CHECK(find_signature(file, at, none) == relo::kmod::error::not_signed);
    CHECK(at.payload == file.size());
    CHECK(at.signature_size == 0);
  }
}

TEST_CASE("struct module_signature") {
  std::vector<std::string> log;
  appended_signature at;
  const bytes blob(100, 'b');
  const auto find = [&](std::size_t payload, const trailer& t) {
    log.clear();
    return find_signature(signed_file(payload, blob, t), at, lines{log});
  };
  CHECK(find(50, {.length = 100}) == errc::ok);
  CHECK(at.payload == 50);
  CHECK(at.signature_offset == 50);
  CHECK(at.signature_size == 100);
  CHECK(log.empty());

  // Some payload must be left.
  CHECK(find(50, {.length = 149}) == errc::ok);
  CHECK(at.payload == 1);
  CHECK(find(50, {.length = 150}) == relo::kmod::error::bad_signature_format);
  CHECK(find(50, {.length = 0xffffffff}) == relo::kmod::error::bad_signature_format);
  CHECK(at.payload == 162);
  CHECK(log.empty());
  CHECK(find(50, {.length = 0}) == errc::ok);
  CHECK(at.payload == 150);

  // The length is looked at first, then the type, then the rest.
  CHECK(find(50, {.id_type = 1, .length = 150}) == relo::kmod::error::bad_signature_format);
  CHECK(find(50, {.algo = 1, .id_type = 1, .length = 100}) ==
        relo::kmod::error::signature_not_pkcs7);
  CHECK(log == std::vector<std::string>{"module: not signed with expected PKCS#7 message"});
  CHECK(at.payload == 162);
  for (const trailer& t :
       {trailer{.algo = 1, .length = 1}, trailer{.hash = 1, .length = 1},
        trailer{.signer_len = 1, .length = 1}, trailer{.key_id_len = 1, .length = 1},
        trailer{.pad = {1, 0, 0}, .length = 1}, trailer{.pad = {0, 0, 1}, .length = 1}}) {
    CHECK(find(50, t) == relo::kmod::error::bad_signature_format);
    CHECK(log ==
          std::vector<std::string>{"module: PKCS#7 signature info has unexpected non-zero params"});
  }

  // Not even a whole struct before the marker, or that alone.
  for (const std::size_t n : {1U, 11U, 12U}) {
    bytes file(n);
    file.insert(file.end(), marker.begin(), marker.end());
    CHECK(find_signature(file, at, lines{log}) == relo::kmod::error::bad_signature_format);
    CHECK(at.payload == n);
  }
}

TEST_CASE("which errors are tolerated, and which are when signatures are enforced") {
  struct row {
    errc verifier, tolerant, enforced;
    const char* log;
  };
  const row rows[] = {
      {errc::ok, errc::ok, errc::ok, ""},
      {relo::kmod::error::key_unavailable, errc::ok, relo::kmod::error::key_rejected,
       "Loading of module with unavailable key is rejected"},
      {relo::kmod::error::signature_unsupported, errc::ok, relo::kmod::error::key_rejected,
       "Loading of module with unsupported crypto is rejected"},
      {relo::kmod::error::key_rejected, relo::kmod::error::key_rejected,
       relo::kmod::error::key_rejected, ""},
      {relo::kmod::error::bad_signature_format, relo::kmod::error::bad_signature_format,
       relo::kmod::error::bad_signature_format, ""},
      {relo::kmod::error::signature_kind, relo::kmod::error::signature_kind,
       relo::kmod::error::signature_kind, ""},
  };
  const bytes file = signed_file(50, bytes(100), {.length = 100});
  for (const row& r : rows)
    for (const bool enforce : {false, true}) {
      std::vector<std::string> log;
      const told verifier{r.verifier};
      signature_found found;
      CHECK(module_sig_check(file, verifier, {.enforce = enforce}, found, lines{log}) ==
            (enforce ? r.enforced : r.tolerant));
      CHECK(found.sig_ok == (r.verifier == errc::ok));
      CHECK(found.why == r.verifier);
      CHECK(found.at.payload == 50);
      CHECK(verifier.data == 50);
      CHECK(verifier.blob == 100);
      if (enforce && *r.log != '\0') CHECK(log == std::vector<std::string>{r.log});
      else CHECK(log.empty());
    }

  std::vector<std::string> log;
  signature_found found;
  const bytes unsigned_file(77);
  CHECK(module_sig_check(unsigned_file, told{errc::ok}, {}, found, lines{log}) == errc::ok);
  CHECK_FALSE(found.sig_ok);
  CHECK(found.at.payload == 77);
  CHECK(module_sig_check(unsigned_file, told{errc::ok}, {.enforce = true}, found, lines{log}) ==
        relo::kmod::error::key_rejected);
  CHECK(log == std::vector<std::string>{"Loading of unsigned module is rejected"});
}

TEST_CASE("who ignores versions has no signature, and keeps it in the file") {
  std::vector<std::string> log;
  signature_found found;
  const bytes file = signed_file(50, bytes(100), {.length = 100});
  CHECK(module_sig_check(file, told{relo::kmod::error::key_rejected}, {.mangled = true}, found,
                         lines{log}) == errc::ok);
  CHECK_FALSE(found.sig_ok);
  CHECK(found.at.payload == file.size());
  CHECK(module_sig_check(file, told{errc::ok}, {.enforce = true, .mangled = true}, found,
                         lines{log}) == relo::kmod::error::key_rejected);
  CHECK(log == std::vector<std::string>{"Loading of unsigned module is rejected"});
}

TEST_CASE("a message as sign-file writes it") {
  const bytes blob = parts{}.message();
  pkcs7_message m;
  REQUIRE(parse_pkcs7(blob, m) == errc::ok);
  CHECK(m.certificates.empty());
  int seen = 0;
  CHECK(for_each_signer(m, [&](const pkcs7_signer& s) {
          ++seen;
          CHECK(s.digest == digest_kind::sha256);
          CHECK(s.key == key_kind::rsa);
          CHECK(bytes(s.issuer.begin(), s.issuer.end()) == issuer);
          CHECK(bytes(s.serial.begin(), s.serial.end()) == bytes{0x3d, 0x46});
          CHECK(bytes(s.signature.begin(), s.signature.end()) == bytes{9, 8, 7});
          CHECK(s.key_id.empty());
          CHECK_FALSE(s.attributes);
          return errc::ok;
        }) == errc::ok);
  CHECK(seen == 1);
  CHECK(no_certificates{}.verify({}, blob) == relo::kmod::error::key_unavailable);
}

TEST_CASE("what a message may be, and what it must not") {
  CHECK(parts{.digest = sha256}.parsed() == errc::ok);
  CHECK(parts{.key = rsa}.parsed() == errc::ok);
  CHECK(parts{.signers = 3}.parsed() == errc::ok);
  CHECK(parts{.between = element(0xa0, {1, 2, 3})}.parsed() == errc::ok);
  CHECK(parts{.between = element(0xa1, {1, 2, 3})}.parsed() == errc::ok);
  CHECK(parts{.after = element(0xa1, {})}.parsed() == errc::ok);
  CHECK(parts{.signature = bytes(512)}.parsed() == errc::ok);
  CHECK(parts{.version = {3}, .signer_version = {3}, .sid = element(0x80, {1, 2})}.parsed() ==
        errc::ok);
  CHECK(parts{.digests = element(0x30, sha512) + element(0x30, sha256)}.parsed() == errc::ok);

  CHECK(parts{.type = pkcs7_data}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.version = {2}}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.version = {0, 1}}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.signer_version = {2}}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.content = pkcs7_signed}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.signers = 0}.parsed() == relo::kmod::error::signature_kind);
  CHECK(parts{.digests = element(0x30, md5), .digest = md5}.parsed() ==
        relo::kmod::error::signature_unsupported);
  CHECK(parts{.key = dsa}.parsed() == relo::kmod::error::signature_unsupported);
  CHECK(parts{.attributes = element(0xa0, {})}.parsed() == relo::kmod::error::key_rejected);
  CHECK(parts{.signature = bytes(65536)}.parsed() == relo::kmod::error::signature_too_long);

  const auto malformed = relo::kmod::error::bad_signature_format;
  CHECK(parts{.signer_version = {3}}.parsed() == malformed);
  CHECK(parts{.version = {3}}.parsed() == malformed);
  CHECK(parts{.content = pkcs7_data + element(0xa0, element(4, {1}))}.parsed() == malformed);
  CHECK(parts{.digests = element(0x30, sha512)}.parsed() == malformed);
  CHECK(parts{.digests = {}}.parsed() == malformed);
  CHECK(parts{.digests = element(0x30, sha256 + element(4, {}))}.parsed() == malformed);
  CHECK(parts{.key = rsa + element(5, {0})}.parsed() == malformed);
  CHECK(parts{.after = element(4, {})}.parsed() == malformed);
  CHECK(parts{.sid = element(0x30, issuer)}.parsed() == malformed);

  pkcs7_message m;
  CHECK(parse_pkcs7({}, m) == malformed);
  CHECK(parse_pkcs7(parts{}.message() + bytes{0}, m) == malformed);
  bytes indefinite = parts{}.message();
  indefinite[1] = 0x80;
  CHECK(parse_pkcs7(indefinite, m) == malformed);
}

TEST_CASE("no byte more or less is read, wherever a message ends or is changed") {
  const bytes whole = parts{.between = element(0xa0, {1, 2, 3}), .signers = 2}.message();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(no_certificates{}.verify({}, cut) == relo::kmod::error::bad_signature_format);
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      bytes changed = whole;
      changed[at] = static_cast<unsigned char>(value);
      pkcs7_message m;
      int signers = 0;
      if (parse_pkcs7(changed, m) == errc::ok)
        (void)for_each_signer(m, [&](const pkcs7_signer& s) {
          CHECK(s.signature.size() <= changed.size());
          return ++signers, errc::ok;
        });
      CHECK(signers <= 2);
    }
}
