// An object as a compiler would write it for a large program, made on the spot. Written with the
// system's <elf.h>, so that the loader is not measured against its own idea of the format.
#pragma once

#include "bench.hpp"

#include <cstring>
#include <elf.h>
#include <span>

namespace bench {

/// An object file, and the headers of its sections.
struct object {
  std::string file;
  std::vector<Elf64_Shdr> sections;

  std::span<const unsigned char> bytes() const {
    return {reinterpret_cast<const unsigned char*>(file.data()), file.size()};
  }
};

template <class T>
void append(std::string& bytes, const T& record) {
  bytes.append(reinterpret_cast<const char*>(&record), sizeof record);
}

/// Writes sections one after another, and their headers at the end.
class elf_writer {
 public:
  struct section {
    Elf64_Word type;
    Elf64_Xword flags = 0, align = 1;
    std::size_t link = 0, info = 0, entsize = 0;
  };

  elf_writer() {
    append(out_.file, Elf64_Ehdr{});
    out_.sections.emplace_back();
  }

  /// Returns the section's number.
  std::size_t add(const std::string& name, const section& s, const std::string& bytes) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names_.size());
    names_.append(name.c_str(), name.size() + 1);
    header.sh_type = s.type;
    header.sh_flags = s.flags;
    header.sh_offset = pad_to(s.align);
    header.sh_size = bytes.size();
    header.sh_link = static_cast<Elf64_Word>(s.link);
    header.sh_info = static_cast<Elf64_Word>(s.info);
    header.sh_addralign = s.align;
    header.sh_entsize = s.entsize;
    out_.file += bytes;
    out_.sections.push_back(header);
    return out_.sections.size() - 1;
  }

  object finish() {
    const std::size_t names =
        add(".shstrtab", {.type = SHT_STRTAB}, names_);  // its own name among them

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_shoff = pad_to(8);
    header.e_ehsize = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(out_.sections.size());
    header.e_shstrndx = static_cast<Elf64_Half>(names);
    std::memcpy(out_.file.data(), &header, sizeof header);
    for (const Elf64_Shdr& s : out_.sections) append(out_.file, s);
    return std::move(out_);
  }

 private:
  std::size_t pad_to(std::size_t align) {
    out_.file.resize((out_.file.size() + align - 1) / align * align);
    return out_.file.size();
  }

  object out_;
  std::string names_ = std::string(1, '\0');
};

/// A symbol table with its string table.
class symbol_writer {
 public:
  symbol_writer() { add("", STB_LOCAL, STT_NOTYPE, SHN_UNDEF, 0, 0); }

  void add(const std::string& name, unsigned bind, unsigned type, std::size_t section,
           std::size_t value, std::size_t bytes) {
    Elf64_Sym s{};
    s.st_name = name.empty() ? 0 : static_cast<Elf64_Word>(names_.size());
    s.st_info = static_cast<unsigned char>(ELF64_ST_INFO(bind, type));
    s.st_shndx = static_cast<Elf64_Half>(section);
    s.st_value = value;
    s.st_size = bytes;
    append(records_, s);
    if (!name.empty()) names_.append(name.c_str(), name.size() + 1);
  }
  void write(elf_writer& out, std::size_t symtab, std::size_t first_global) const {
    out.add(".symtab",
            {.type = SHT_SYMTAB,
             .align = 8,
             .link = symtab + 1,
             .info = first_global,
             .entsize = sizeof(Elf64_Sym)},
            records_);
    out.add(".strtab", {.type = SHT_STRTAB}, names_);
  }

 private:
  std::string records_, names_ = std::string(1, '\0');
};

/// Of 100 relocations, how many are of a type; the rest is 32S. By default as in the modules of
/// Debian's kernel.
struct relocation_mix {
  std::size_t pc32 = 51, plt32 = 27, abs64 = 13;
};

/// What an object is to be like: functions of 480 bytes with 24 relocations each, every second
/// one global, and data.
struct shape {
  static constexpr std::size_t function_size = 480, relocations_per_function = 24,
                               data_size = 1 << 20;

  std::size_t functions = 20'000;
  bool function_sections = false;  ///< as by -ffunction-sections; at most 32,000 functions then
  relocation_mix mix{};

  constexpr std::size_t relocations() const { return functions * relocations_per_function; }
};

/// The symbols of an object of that shape, by number: section symbols, functions with even
/// numbers (local), with odd numbers (global), undefined.
struct symbol_numbers {
  explicit symbol_numbers(const shape& s)
      : texts(s.function_sections ? s.functions : 1),
        functions(texts + 3),
        globals(functions + (s.functions + 1) / 2),
        undefined(functions + s.functions) {}

  std::size_t texts, functions, globals, undefined;
  std::size_t rodata() const { return texts + 1; }
  std::size_t data() const { return texts + 2; }
  std::size_t function(std::size_t f) const { return (f % 2 == 0 ? functions : globals) + f / 2; }
};

/// Relocations in the order and against the symbols that compiled code has them.
class relocations {
 public:
  relocations(const shape& s, std::size_t imports) : shape_(s), symbols_(s), imports_(imports) {}

  Elf64_Rela next(std::size_t offset) {
    const relocation_mix& mix = shape_.mix;
    const std::size_t draw = random_.below(100), target = random_.below(4);
    const std::size_t f = random_.below(shape_.functions), data = random_.below(shape::data_size);
    const std::size_t text = shape_.function_sections ? 1 + f : 1;
    const std::size_t in_text = shape_.function_sections ? 0 : f * shape::function_size;
    const auto record = [offset](std::size_t type, std::size_t symbol, std::size_t addend) {
      return Elf64_Rela{offset, ELF64_R_INFO(symbol, type), static_cast<Elf64_Sxword>(addend)};
    };
    if (draw < mix.pc32) {
      if (target == 0) return record(R_X86_64_PC32, import(), -std::size_t{4});
      if (target == 1) return record(R_X86_64_PC32, text, in_text - 4);
      return record(R_X86_64_PC32, target == 2 ? symbols_.rodata() : symbols_.data(), data - 4);
    }
    if (draw < mix.pc32 + mix.plt32)
      return record(R_X86_64_PLT32, target == 0 ? symbols_.function(f) : import(), -std::size_t{4});
    if (draw < mix.pc32 + mix.plt32 + mix.abs64)
      return target < 2 ? record(R_X86_64_64, symbols_.function(f), 0)
                        : record(R_X86_64_64, text, in_text);
    return record(R_X86_64_32S, symbols_.rodata(), data);
  }

 private:
  /// Undefined symbols are numbered as they are first used, and some are used often.
  std::size_t import() {
    const bool first = used_ < imports_ && (used_ == 0 || random_.below(6) == 0);
    return symbols_.undefined +
           (first ? used_++ : std::min(random_.below(used_), random_.below(used_)));
  }

  shape shape_;
  symbol_numbers symbols_;
  random random_{1};
  std::size_t imports_, used_ = 0;
};

/// The object, with functions of those names (shape.functions of them) and those undefined symbols.
inline object make_object(const shape& shape, std::span<const std::string> names,
                          std::span<const std::string> imports) {
  constexpr std::size_t size = shape::function_size, count = shape::relocations_per_function;
  const symbol_numbers number{shape};
  const std::size_t functions_per_text = shape.functions / number.texts,
                    symtab = 2 * number.texts + 3;
  relocations some{shape, imports.size()};
  random jitter{2};
  elf_writer out;
  symbol_writer symbols;

  for (std::size_t t = 0; t < number.texts; ++t) {
    const std::string name = shape.function_sections ? ".text." + names[t] : ".text";
    std::string records;
    for (std::size_t i = 0; i < functions_per_text * count; ++i)
      append(records, some.next(size / count * i + 4 + jitter.below(8)));
    const std::size_t text =
        out.add(name, {.type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_EXECINSTR, .align = 16},
                std::string(functions_per_text * size, '\x90'));
    out.add(".rela" + name,
            {.type = SHT_RELA,
             .flags = SHF_INFO_LINK,
             .align = 8,
             .link = symtab,
             .info = text,
             .entsize = sizeof(Elf64_Rela)},
            records);
    symbols.add("", STB_LOCAL, STT_SECTION, text, 0, 0);
  }
  const std::string data(shape::data_size, '\x5a');
  symbols.add("", STB_LOCAL, STT_SECTION,
              out.add(".rodata", {.type = SHT_PROGBITS, .flags = SHF_ALLOC, .align = 64}, data), 0,
              0);
  symbols.add(
      "", STB_LOCAL, STT_SECTION,
      out.add(".data", {.type = SHT_PROGBITS, .flags = SHF_ALLOC | SHF_WRITE, .align = 64}, data),
      0, 0);

  for (const std::size_t odd : {0U, 1U})
    for (std::size_t f = odd; f < shape.functions; f += 2)
      symbols.add(names[f], odd == 0 ? STB_LOCAL : STB_GLOBAL, STT_FUNC,
                  shape.function_sections ? 2 * f + 1 : 1, shape.function_sections ? 0 : f * size,
                  size);
  for (const std::string& name : imports)
    symbols.add(name, STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0, 0);
  symbols.write(out, symtab, number.globals);
  return out.finish();
}

}  // namespace bench
