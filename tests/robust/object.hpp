// Relocatable objects of any ELF layout, also such as no assembler writes.
#pragma once

#include <relo/elf/format.hpp>

#include "crel.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace robust {

namespace elf = relo::elf;

using bytes = std::vector<unsigned char>;

template <class Format>
class object {
 public:
  using addr = typename Format::addr;

  struct section {
    std::string name;
    std::uint32_t type = elf::sht::progbits;
    addr flags = elf::shf::alloc;
    bytes contents{};
    addr align = 1;
    addr size = 0;  ///< 0: that of the contents
    std::uint32_t link = 0, info = 0;
    addr entsize = 0;
    addr offset = 0;  ///< 0: where there is room
  };
  struct symbol {
    std::string name;
    std::uint32_t section = elf::shn::undef;
    addr value = 0;
    unsigned bind = elf::stb::global;
    unsigned type = elf::stt::notype;
  };
  struct relocation {
    addr offset;
    std::uint32_t symbol, type;
    addr addend = 0;
  };

  /// What a symbol may be in beside a section: the reserved indices, told from real ones as
  /// elf::image does.
  static constexpr std::uint32_t abs = elf::shn::abs | 0x8000'0000;

  /// Sections 1 to 4 are made by finish(); the caller's own begin at 5.
  static constexpr std::uint32_t symtab = 1, strtab = 2, shstrtab = 3, symtab_shndx = 4;

  explicit object(std::uint16_t machine) : machine_(machine) {
    sections.push_back({.name = "", .type = elf::sht::null, .flags = 0});
    sections.push_back(
        {".symtab", elf::sht::symtab, 0, {}, sizeof(addr), 0, strtab, 1, symbol_size});
    sections.push_back({".strtab", elf::sht::strtab, 0});
    sections.push_back({".shstrtab", elf::sht::strtab, 0});
    sections.push_back({".symtab_shndx", elf::sht::symtab_shndx, 0, {}, 4, 0, symtab, 0, 4});
    symbols.push_back({""});
  }

  /// Both give the index of what was added.
  std::uint32_t add_section(section s) {
    sections.push_back(std::move(s));
    return static_cast<std::uint32_t>(sections.size() - 1);
  }
  std::uint32_t add_symbol(symbol s) {
    symbols.push_back(std::move(s));
    return static_cast<std::uint32_t>(symbols.size() - 1);
  }
  /// A section of relocations; with Rela, of Elf_Rela.
  template <bool Rela = true>
  std::uint32_t relocate(std::uint32_t target, const std::vector<relocation>& records) {
    bytes out;
    for (const relocation& r : records) {
      put(out, r.offset);
      put(out, static_cast<addr>(static_cast<addr>(r.symbol) << (Format::is_64 ? 32 : 8) | r.type));
      if (Rela) put(out, r.addend);
    }
    return add_section({.name = Rela ? ".rela" : ".rel",
                        .type = Rela ? elf::sht::rela : elf::sht::rel,
                        .flags = 0,
                        .contents = out,
                        .align = sizeof(addr),
                        .size = 0,
                        .link = symtab,
                        .info = target,
                        .entsize = static_cast<addr>((Rela ? 3 : 2) * sizeof(addr))});
  }

  /// A section of compact ones, with addends or without; or whatever is in such a section.
  std::uint32_t relocate_crel(std::uint32_t target, const std::vector<relocation>& records,
                              bool addends) {
    return relocate_crel(target, crel<addr>(records, addends));
  }
  std::uint32_t relocate_crel(std::uint32_t target, bytes contents) {
    return add_section({.name = ".crel",
                        .type = elf::sht::crel,
                        .flags = 0,
                        .contents = std::move(contents),
                        .size = 0,
                        .link = symtab,
                        .info = target,
                        .entsize = 1});
  }

  /// The file. Sections and symbols may be changed before, and it may be made again.
  bytes finish() {
    write_symbols();
    sections[shstrtab].contents = {0};
    std::vector<std::uint32_t> names;
    for (const section& s : sections)
      names.push_back(add_string(sections[shstrtab].contents, s.name));

    bytes file(header_size);
    std::vector<addr> offsets(sections.size());
    // As assemblers have it, relocations come last.
    for (const bool relocations : {false, true})
      for (std::size_t i = 0; i < sections.size(); ++i) {
        const section& s = sections[i];
        if (relocations != (s.type == elf::sht::rel || s.type == elf::sht::rela)) continue;
        while (file.size() % sizeof(addr) != 0) file.push_back(0);
        offsets[i] = s.offset != 0 ? s.offset : static_cast<addr>(file.size());
        file.insert(file.end(), s.contents.begin(), s.contents.end());
      }
    while (file.size() % sizeof(addr) != 0) file.push_back(0);

    const bytes header = file_header(static_cast<addr>(file.size()));
    std::copy(header.begin(), header.end(), file.begin());
    for (std::size_t i = 0; i < sections.size(); ++i) {
      const section& s = sections[i];
      // What does not fit the header stands in section 0.
      const addr size = i == 0        ? static_cast<addr>(many() ? sections.size() : 0)
                        : s.size != 0 ? s.size
                                      : static_cast<addr>(s.contents.size());
      put_all(file, names[i], s.type, s.flags, addr{0}, i == 0 ? addr{0} : offsets[i], size, s.link,
              s.info, s.align, s.entsize);
    }
    return file;
  }

  /// Appends a number in the layout's byte order.
  template <class T>
  static void put(bytes& out, T v) {
    out.resize(out.size() + sizeof v);
    relo::write_int<Format::byte_order>(&out[out.size() - sizeof v], v);
  }

  std::vector<section> sections;
  std::vector<symbol> symbols;

 private:
  static constexpr std::size_t header_size = Format::is_64 ? 64 : 52;
  static constexpr addr symbol_size = Format::is_64 ? 24 : 16;

  template <class... T>
  static void put_all(bytes& out, T... v) {
    (put(out, v), ...);
  }
  static std::uint32_t add_string(bytes& table, const std::string& s) {
    const std::size_t at = table.size();
    table.insert(table.end(), s.begin(), s.end());
    table.push_back(0);
    return static_cast<std::uint32_t>(at);
  }
  bool many() const { return sections.size() >= elf::shn::loreserve; }

  void write_symbols() {
    bytes &table = sections[symtab].contents, &names = sections[strtab].contents,
          &indices = sections[symtab_shndx].contents;
    table.clear(), indices.clear(), names = {0};
    for (const symbol& s : symbols) {
      const bool large = s.section >= elf::shn::loreserve && (s.section & 0x8000'0000) == 0;
      const auto index = static_cast<std::uint16_t>(large ? elf::shn::xindex : s.section);
      const auto info = static_cast<unsigned char>(s.bind << 4 | s.type);
      const std::uint32_t name = add_string(names, s.name);
      constexpr unsigned char other = 0;
      if constexpr (Format::is_64) put_all(table, name, info, other, index, s.value, addr{0});
      else put_all(table, name, s.value, addr{0}, info, other, index);
      put(indices, large ? s.section : 0U);
    }
  }
  bytes file_header(addr section_table) const {
    bytes out{0x7f,
              'E',
              'L',
              'F',
              static_cast<unsigned char>(Format::file_class),
              static_cast<unsigned char>(Format::data),
              1};
    out.resize(16);
    constexpr std::uint16_t none = 0, section_size = Format::is_64 ? 64 : 40;
    const auto count = static_cast<std::uint16_t>(many() ? 0 : sections.size());
    put_all(out, elf::et_rel, machine_, std::uint32_t{1}, addr{0}, addr{0}, section_table,
            std::uint32_t{0}, static_cast<std::uint16_t>(header_size), none, none, section_size,
            count, static_cast<std::uint16_t>(shstrtab));
    return out;
  }

  std::uint16_t machine_;
};

}  // namespace robust
