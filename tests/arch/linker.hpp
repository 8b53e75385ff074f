// Linkers as judges of relocations: the objects they are given, what they make of them, and
// what they refuse. For little-endian machines.
#pragma once

#include <elf.h>
#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace judge {

namespace fs = std::filesystem;
using addr = std::uint64_t;
using symbol_map = std::map<std::string, addr>;
using place = std::pair<std::string, addr>;  ///< section and offset

/// Removed with all that is in it.
class temporary_directory {
 public:
  temporary_directory() : path_((fs::temp_directory_path() / "relo-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr)
      throw std::runtime_error("no temporary directory " + path_);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const char* name) const { return fs::path(path_) / name; }

 private:
  std::string path_;
};

/// Whether `program arguments` succeeded; what it said is in `log`.
inline bool run(const std::string& program, const std::string& arguments, const fs::path& log) {
  return std::system(
             ("'" + program + "' " + arguments + " >'" + log.string() + "' 2>&1").c_str()) == 0;
}
inline std::string argument(const fs::path& p) { return " '" + p.string() + "' "; }

inline std::string read_text(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string hex(addr v) {
  std::ostringstream out;
  out << "0x" << std::hex << v;
  return out.str();
}

/// The structures of an ELF file, and of its relocation records.
template <bool Is64, bool Rela>
struct elf_types;
template <>
struct elf_types<true, true> {
  using ehdr = Elf64_Ehdr;
  using shdr = Elf64_Shdr;
  using sym = Elf64_Sym;
  using record = Elf64_Rela;
  static constexpr const char* relocations = ".rela";
  static constexpr unsigned symbol_shift = 32;
};
template <>
struct elf_types<false, true> {
  using ehdr = Elf32_Ehdr;
  using shdr = Elf32_Shdr;
  using sym = Elf32_Sym;
  using record = Elf32_Rela;
  static constexpr const char* relocations = ".rela";
  static constexpr unsigned symbol_shift = 8;
};
template <>
struct elf_types<false, false> : elf_types<false, true> {
  using record = Elf32_Rel;
  static constexpr const char* relocations = ".rel";
};

/// An ELF file in memory, its records open to change. Trusts it: it is an assembler's or a
/// linker's own.
template <class Types>
class elf_file {
 public:
  using ehdr = typename Types::ehdr;
  using shdr = typename Types::shdr;
  using sym = typename Types::sym;
  using record = typename Types::record;

  explicit elf_file(const fs::path& p) : bytes_(read_text(p)) {
    if (bytes_.size() < sizeof(ehdr)) throw std::runtime_error("no ELF file " + p.string());
  }

  std::span<const char> bytes() const { return bytes_; }
  void write(const fs::path& p) const { std::ofstream(p, std::ios::binary) << bytes_; }

  std::span<shdr> sections() {
    const auto& header = *at<ehdr>(0);
    return {at<shdr>(header.e_shoff), header.e_shnum};
  }
  const char* name(const shdr& s) {
    return at<char>(sections()[at<ehdr>(0)->e_shstrndx].sh_offset + s.sh_name);
  }
  shdr* find(const std::string& section) {
    for (shdr& s : sections())
      if (section == name(s)) return &s;
    return nullptr;
  }
  /// Empty, if there is no such section.
  template <class T>
  std::span<T> table(const std::string& section) {
    const shdr* const s = find(section);
    if (s == nullptr || s->sh_type == SHT_NOBITS) return {};
    return {at<T>(s->sh_offset), s->sh_size / sizeof(T)};
  }
  std::span<unsigned char> contents(const std::string& section) {
    return table<unsigned char>(section);
  }
  std::span<record> relocations(const std::string& section) {
    return table<record>(Types::relocations + section);
  }
  std::span<sym> symbols() { return table<sym>(".symtab"); }

  /// A section symbol has its section's name.
  const char* symbol_name(std::size_t index) {
    const sym& s = symbols()[index];
    if (ELF64_ST_TYPE(s.st_info) == STT_SECTION) return name(sections()[s.st_shndx]);
    return at<char>(find(".strtab")->sh_offset + s.st_name);
  }

  addr symbol_value(const std::string& wanted) {
    for (std::size_t i = 0; i < symbols().size(); ++i)
      if (wanted == symbol_name(i)) return symbols()[i].st_value;
    throw std::out_of_range(wanted);
  }

  /// Calls f(section, record) for each relocation of each section.
  template <class F>
  void for_each_relocation(F&& f) {
    for (const shdr& s : sections())
      if (const std::string section = name(s); s.sh_type != SHT_REL && s.sh_type != SHT_RELA)
        for (record& r : relocations(section)) f(section, r);
  }

  /// Makes R_*_NONE of those at whose place predicate(place) holds.
  template <class Predicate>
  void drop_relocations(Predicate&& predicate) {
    for_each_relocation([&](const std::string& section, record& r) {
      if (predicate(place{section, r.r_offset})) set_type(r, 0);
    });
  }

  static std::uint32_t type_of(const record& r) {
    return static_cast<std::uint32_t>(r.r_info & most_types);
  }
  static std::uint32_t symbol_of(const record& r) {
    return static_cast<std::uint32_t>(r.r_info >> Types::symbol_shift);
  }
  static void set(record& r, std::size_t symbol, std::uint32_t type) {
    r.r_info = static_cast<info>(symbol) << Types::symbol_shift | static_cast<info>(type);
  }
  static void set_type(record& r, std::uint32_t type) { set(r, symbol_of(r), type); }

 private:
  using info = decltype(record::r_info);
  static constexpr info most_types = (info{1} << Types::symbol_shift) - 1;

  // Section tables and tables of records are aligned in the file, and a heap string is, too.
  template <class T>
  T* at(addr offset) {
    return reinterpret_cast<T*>(bytes_.data() + offset);
  }

  std::string bytes_;
};

/// Where the sections shall be, and what the undefined symbols are.
struct link_plan {
  std::map<std::string, addr> sections;
  addr got, got_plt;
  symbol_map symbols;
  /// If symbols have types: what assembles the object that defines them, and which are functions.
  std::string assembler{};
  std::set<std::string> functions{};
};

template <class Types>
struct link_result {
  elf_file<Types> output;
  std::set<place> refused;
};

class linker {
 public:
  /// `options`: those with which it names every relocation that overflows, and goes on.
  linker(std::string program, std::string options)
      : program_(std::move(program)), options_(std::move(options)) {}

  const std::string& program() const { return program_; }
  bool is_here() const { return run(program_, "--version", directory_ / "log"); }
  /// Of what is_here(): the first number that it says.
  int major_version() const {
    const std::string said = read_text(directory_ / "log");
    const auto digit = said.find_first_of("0123456789");
    return digit == said.npos ? 0 : std::stoi(said.substr(digit));
  }

  /// It is asked about `alone` one by one, in copies of the object at the same addresses: some say
  /// nothing more about a section once they have refused a relocation there.
  template <class Types>
  link_result<Types> link(elf_file<Types> object, const link_plan& plan,
                          const std::set<place>& alone = {}) const {
    std::string objects = argument(directory_ / "in.o");
    for (const place& only : alone) {
      elf_file<Types> copy = object;
      copy.drop_relocations([&](const place& at) { return at != only; });
      const std::string name = "alone" + std::to_string(only.second) + ".o";
      copy.write(directory_ / name.c_str());
      objects += argument(directory_ / name.c_str());
    }
    object.drop_relocations([&](const place& at) { return alone.count(at) != 0; });
    object.write(directory_ / "in.o");
    write_script(plan, alone);
    if (!plan.assembler.empty()) objects += symbols(plan);
    const bool linked = run(
        program_,
        "-static -e 0 --no-relax -z norelro --no-check-sections --noinhibit-exec " + options_ +
            " -T" + argument(directory_ / "script") + "-o" + argument(directory_ / "out") + objects,
        directory_ / "log");
    const std::string log = read_text(directory_ / "log");
    if (!linked) throw std::runtime_error(program_ + ": " + log);
    return {elf_file<Types>(directory_ / "out"), refused(log)};
  }

  /// ld -r.
  template <class Types>
  elf_file<Types> relink(const elf_file<Types>& object) const {
    object.write(directory_ / "in.o");
    if (!run(program_, "-r -o" + argument(directory_ / "out") + argument(directory_ / "in.o"),
             directory_ / "log"))
      throw std::runtime_error(program_ + ": " + read_text(directory_ / "log"));
    return elf_file<Types>(directory_ / "out");
  }

 private:
  std::string symbols(const link_plan& plan) const {
    {
      std::ofstream out(directory_ / "symbols.s");
      for (const auto& [name, value] : plan.symbols) {
        out << ".globl " << name << "\n.set " << name << ", " << value << '\n';
        if (plan.functions.count(name) != 0) out << ".type " << name << ", %function\n";
      }
    }
    const std::string object = argument(directory_ / "symbols.o");
    if (!run(plan.assembler, "-o" + object + argument(directory_ / "symbols.s"),
             directory_ / "log"))
      throw std::runtime_error(read_text(directory_ / "log"));
    return object;
  }

  // The assignment keeps a .got.plt without entries: it is what _GLOBAL_OFFSET_TABLE_ is.
  void write_script(const link_plan& plan, const std::set<place>& alone) const {
    std::ofstream out(directory_ / "script");
    out << std::hex << std::showbase;
    if (plan.assembler.empty())
      for (const auto& [name, value] : plan.symbols) out << name << " = " << value << ";\n";
    out << "SECTIONS {\n";
    for (const auto& [name, address] : plan.sections)
      out << name << ' ' << address << " : { *in.o(" << name << ") }\n";
    for (const auto& [name, offset] : alone)
      out << ".alone" << offset << ' ' << plan.sections.at(name) << " : { *alone" << std::dec
          << offset << std::hex << ".o(" << name << ") }\n";
    out << ".got " << plan.got << " : { *(.got) }\n";
    out << ".got.plt " << plan.got_plt << " : { . = .; *(.got.plt) }\n}\n";
  }

  /// "in.o:(.text+0x8): relocation truncated to fit: ..." (the file may be absent),
  /// "ld.lld: warning: in.o:(.text+0x8): relocation ... out of range: ..."
  static std::set<place> refused(const std::string& log) {
    std::set<place> out;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      if (line.find("truncated to fit") == line.npos && line.find("out of range") == line.npos)
        continue;
      const auto plus = line.find("+0x"), open = line.rfind('(', plus);
      if (plus == line.npos || open == line.npos) throw std::runtime_error("unreadable: " + line);
      out.emplace(line.substr(open + 1, plus - open - 1),
                  std::stoull(line.substr(plus + 1), nullptr, 16));
    }
    return out;
  }

  std::string program_, options_;
  temporary_directory directory_;
};

template <class Types>
elf_file<Types> assemble(const std::string& as, const fs::path& source,
                         const std::string& options = "") {
  const temporary_directory directory;
  if (!run(as, options + " -o" + argument(directory / "out") + argument(source), directory / "log"))
    throw std::runtime_error(read_text(directory / "log"));
  return elf_file<Types>(directory / "out");
}

}  // namespace judge
