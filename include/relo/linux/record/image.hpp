// A module as the kernel sees it: its numbers are believed where the kernel believes them, and read
// within the file all the same.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/format.hpp>
#include <relo/elf/source.hpp>

namespace relo::kmod {

/// Stands in for elf::image, whose checks are stricter than the kernel's: what loads there loads
/// here. A name may lie anywhere in the file, as the kernel looks at most string tables' ends not
/// at all; one that no NUL follows in the file reads as "". elf_validity_check finds the tables.
template <class Format, elf::source Source, bool Rela>
class image {
  template <template <class, class, std::size_t> class Record>
  using record_of = Record<Format, typename Source::pointer, Source::alignment>;
  template <class F, class S, std::size_t A>
  using rel_kind = elf::rel<F, Rela, S, A>;

 public:
  using format = Format;
  using addr = typename Format::addr;
  using position = typename Source::position;
  static_assert(std::is_pointer_v<position>,
                "relo: the kernel has all of a module in memory: take elf::contiguous");
  using name_type = typename Source::name_type;
  using kept_name = typename Source::kept_name;
  using header_record = record_of<elf::ehdr>;
  using section_header = record_of<elf::shdr>;
  using symbol_record = record_of<elf::sym>;
  using relocation_record = record_of<rel_kind>;
  using records = section_header;

  explicit constexpr image(const Source& source) noexcept : source_(source) {}

  constexpr Source& source() noexcept { return source_; }
  constexpr const Source& source() const noexcept { return source_; }
  constexpr std::uint32_t sections() const noexcept { return shnum_; }
  constexpr std::uint32_t symbols() const noexcept { return symnum_; }
  constexpr std::uint32_t symbol_table() const noexcept { return symtab_; }

  constexpr bool within_file(addr offset, addr size) const noexcept {
    return offset <= source_.size() && size <= source_.size() - offset;
  }

  /// The file has at least a header's bytes.
  constexpr header_record header() const noexcept { return header_record{source_.data()}; }

  /// The section headers, all in the file, of at least 1.
  constexpr void set_sections(addr offset, std::uint32_t count) noexcept {
    sections_at_ = static_cast<std::size_t>(offset);
    shnum_ = count;
  }
  /// Where section names begin; there is a NUL in the file at or behind it.
  constexpr void set_section_names(addr offset) noexcept {
    names_at_ = static_cast<std::size_t>(offset);
    last_nul_ = source_.size();
    while (byte(--last_nul_) != 0 && last_nul_ != 0) {
    }
  }
  /// A section's header, which is in the file; its sh_link is the section of its symbols' names.
  constexpr void set_symbols(std::uint32_t index, const section_header& s) noexcept {
    symtab_ = index;
    symbols_at_ = static_cast<std::size_t>(s.sh_offset());
    symnum_ = static_cast<std::uint32_t>(s.sh_size() / symbol_record::size);
    strings_at_ = section(s.sh_link()).sh_offset();
  }

  /// i < sections()
  constexpr section_header section(std::uint32_t i) const noexcept {
    return section_header{source_.data() + sections_at_ + std::size_t{i} * section_header::size};
  }
  constexpr bool has_section_names() const noexcept { return last_nul_ != 0; }
  constexpr name_type section_name(const section_header& s) const noexcept {
    return name_at(names_at_, s.sh_name());
  }

  /// i < symbols()
  constexpr symbol_record symbol(std::uint32_t i) const noexcept {
    return symbol_record{source_.data() + symbols_at_ + std::size_t{i} * symbol_record::size};
  }
  /// False: the kernel would look for the name outside the file.
  constexpr bool has_name(const symbol_record& s) const noexcept {
    return is_name_at(strings_at_, s.st_name());
  }
  constexpr bool has_name(const section_header& s) const noexcept {
    return is_name_at(names_at_, s.sh_name());
  }
  constexpr name_type symbol_name(const symbol_record& s) const noexcept {
    return name_at(strings_at_, s.st_name());
  }
  /// The section that a symbol is defined in, or a reserved index moved out of the way of real
  /// ones. The kernel knows no SHN_XINDEX.
  constexpr std::uint32_t symbol_section(std::uint32_t, const symbol_record& s) const noexcept {
    const std::uint32_t index = s.st_shndx();
    return index >= elf::shn::loreserve ? index | reserved : index;
  }
  static constexpr std::uint32_t reserved = 0x8000'0000;
  static constexpr std::uint32_t abs = elf::shn::abs | reserved,
                                 common = elf::shn::common | reserved,
                                 livepatch = 0xff20 | reserved;
  static constexpr bool is_common(std::uint32_t section) noexcept { return section == common; }

  constexpr records records_of(const section_header& s) const noexcept { return s; }
  static constexpr std::uint32_t count_of(const records& r) noexcept {
    return static_cast<std::uint32_t>(r.sh_size() / relocation_record::size);
  }
  constexpr relocation_record relocation(const records& from, std::uint32_t i,
                                         elf::table = elf::table::records) const noexcept {
    return relocation_record{source_.data() + static_cast<std::size_t>(from.sh_offset()) +
                             std::size_t{i} * relocation_record::size};
  }
  template <class F>
  [[gnu::always_inline]] constexpr errc for_each_relocation(const records& all, F&& f) const {
    const std::uint32_t count = count_of(all);
    for (std::uint32_t i = 0; i < count; ++i)
      if (const errc e = f(i, relocation(all, i)); e != errc::ok) return e;
    return errc::ok;
  }
  static constexpr bool is_relocations(const section_header& s) noexcept {
    return s.sh_type() == (Rela ? elf::sht::rela : elf::sht::rel);
  }

  /// The name that begins `offset` bytes after a place in the file; "" if it ends in none.
  constexpr name_type name_at(addr start, addr offset) const noexcept {
    return name_type{source_.data() + (is_name_at(start, offset)
                                           ? static_cast<std::size_t>(start + offset)
                                           : last_nul_)};
  }

 private:
  constexpr bool is_name_at(addr start, addr offset) const noexcept {
    return start <= last_nul_ && offset <= last_nul_ - start;
  }
  constexpr unsigned char byte(std::size_t at) const noexcept {
    return static_cast<unsigned char>(source_.data()[at]);
  }

  Source source_;
  std::size_t sections_at_ = 0, names_at_ = 0, last_nul_ = 0, symbols_at_ = 0;
  addr strings_at_ = 0;
  std::uint32_t shnum_ = 0, symnum_ = 0, symtab_ = 0;
};

}  // namespace relo::kmod
