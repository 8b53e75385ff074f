// short_names EXPORTS.txt [OBJECT.o]
//
// For programs whose export table has no names, but hashes of them (relo::hashed_exports): any
// name of the same hash will do, so each gets one of at most seven characters. What is printed
// is for objcopy, which makes the object that uses them:
//
//     short_names exports.txt plugin.o > plugin.syms
//     arm-none-eabi-objcopy --strip-unneeded --redefine-syms=plugin.syms plugin.o

#include "../print.hpp"

#include <relo/elf/image.hpp>
#include <relo/host/file.hpp>
#include <relo/symbol/hash.hpp>

#include <CLI/CLI.hpp>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

namespace elf = relo::elf;

std::uint32_t hash_of(const std::string& name) { return relo::fnv1a(elf::name{name.c_str()}); }

/// A file that cannot be used, and why.
struct refused : std::runtime_error {
  refused(const std::string& file, const std::string& why)
      : std::runtime_error{file + ": " + why} {}
};

/// Finds, for a hash, a C identifier that has it, and is as short as any such. A step of the
/// hash, h = (h ^ c) * prime, can be taken back; so the first three characters of a name and
/// the others are looked for apart, and meet.
class short_names {
 public:
  short_names() {
    // Newton's iteration doubles the bits that are right, of which there are three.
    for (int i = 0; i < 4; ++i) inverse_ *= 2 - prime * inverse_;
  }

  std::string of(std::uint32_t hash) {
    if (heads_.empty())
      for (std::size_t length = 1; length <= 3; ++length) add_heads("", length);
    std::string name;
    for (std::size_t tail = 0; tail <= 4 && name.empty(); ++tail) name = find(hash, "", tail);
    return name;
  }

 private:
  static constexpr std::uint32_t prime = 0x01000193;
  static constexpr std::string_view characters =
      "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  void add_heads(const std::string& begin, std::size_t more) {
    if (more == 0) {
      heads_.emplace(hash_of(begin), begin);
      return;
    }
    for (const char c : characters)
      if (!begin.empty() || c < '0' || c > '9') add_heads(begin + c, more - 1);
  }
  std::string find(std::uint32_t hash, const std::string& end, std::size_t more) const {
    if (more == 0) {
      const auto head = heads_.find(hash);
      return head == heads_.end() ? std::string{} : head->second + end;
    }
    for (const char c : characters) {
      const std::uint32_t before = (hash * inverse_) ^ static_cast<unsigned char>(c);
      if (std::string found = find(before, c + end, more - 1); !found.empty()) return found;
    }
    return {};
  }

  std::uint32_t inverse_ = prime;
  std::unordered_map<std::uint32_t, std::string> heads_;
};

using names_by_hash = std::map<std::uint32_t, std::string>;

names_by_hash read_exports(const std::string& file) {
  errno = 0;
  std::ifstream in{file};
  names_by_hash exports;
  for (std::string name; in >> name;) {
    const std::string& other = exports.emplace(hash_of(name), name).first->second;
    if (other != name) throw refused{file, "'" + name + "' and '" + other + "' have the same hash"};
  }
  if (!in.eof()) throw refused{file, std::strerror(errno)};
  return exports;
}

using image_source = elf::contiguous<unsigned char>;

/// The names of the undefined symbols of an object for any machine. It is of no interest here
/// which kind of relocation record that machine has.
template <class Format, bool Rela = true>
std::set<std::string> imports(const std::string& file, const image_source& object) {
  elf::image<Format, image_source, Rela> image{object};
  constexpr std::size_t e_machine = 18;
  const std::uint16_t machine =
      object.size() < e_machine + 2
          ? std::uint16_t{0}
          : relo::read_int<std::uint16_t, Format::byte_order>(object.data() + e_machine);
  relo::located<> error;
  const relo::errc e = image.check(machine, [&](relo::errc code, relo::where at) {
    at.stage = file.c_str();
    error.report({.code = code, .at = at});
    return code;
  });
  if constexpr (Rela)
    if (e == relo::errc::wrong_relocation_kind) return imports<Format, false>(file, object);
  if (e != relo::errc::ok) throw std::runtime_error{error.describe().c_str()};

  std::set<std::string> names;
  for (std::uint32_t i = 1; i < image.symbols(); ++i) {
    const auto symbol = image.symbol(i);
    if (image.symbol_section(i, symbol) != elf::shn::undef) continue;
    std::string name;
    const auto called = image.symbol_name(symbol);
    for (std::size_t k = 0; called[k] != '\0'; ++k) name += called[k];
    if (!name.empty()) names.insert(name);
  }
  return names;
}

std::set<std::string> imports(const std::string& file) {
  const relo::host::file object{file.c_str()};
  if (object.error() != 0) throw refused{file, object.message()};
  const image_source source{object.bytes()};
  // What has neither class and byte order is for elf::image to refuse.
  const auto ident = [&](std::size_t i) { return i < source.size() ? source.data()[i] : 0; };
  const bool is_64 = ident(4) == static_cast<unsigned char>(elf::elf64le::file_class);
  const bool is_big = ident(5) == static_cast<unsigned char>(elf::elf32be::data);
  if (is_64)
    return is_big ? imports<elf::elf64be>(file, source) : imports<elf::elf64le>(file, source);
  return is_big ? imports<elf::elf32be>(file, source) : imports<elf::elf32le>(file, source);
}

void run(const std::string& exports_file, const std::string& object_file) {
  const names_by_hash exports = read_exports(exports_file);
  std::set<std::string> names;
  if (!object_file.empty()) names = imports(object_file);
  else
    for (const auto& [hash, name] : exports) names.insert(name);

  short_names shortest;
  for (const std::string& name : names) {
    const auto exported = exports.find(hash_of(name));
    if (exported == exports.end()) continue;  // another module's, it is hoped
    const std::string instead = shortest.of(exported->first);
    if (exported->second != name && instead != name)
      throw refused{object_file, "'" + name + "' would be taken for '" + exported->second +
                                     "', which has the same hash"};
    if (!instead.empty() && instead.size() < name.size()) example::print("{} {}\n", name, instead);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Finds short names for what a program without names exports.", "short_names"};
  std::string exports, object;
  app.add_option("EXPORTS.txt", exports, "the names it exports, with white space between")
      ->required()
      ->type_name("");
  app.add_option("OBJECT.o", object, "print only what this object imports, and check all of that")
      ->type_name("");
  app.footer(
      "Prints lines for objcopy --redefine-syms.\n"
      "Exit status: 0, or 1 if a file is unusable or two names have the same hash, or 2 for bad "
      "usage.");
  try {
    app.parse(argc, argv);
    run(exports, object);
    return example::finish("short_names", 0);
  } catch (const CLI::ParseError& e) {
    return example::finish_usage("short_names", app, e);
  } catch (const std::runtime_error& e) {
    example::complain("short_names: {}\n", e.what());
    return 1;
  }
}
