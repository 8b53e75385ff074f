// A checked object: parse once, then trust. After check() has said ok, no accessor can leave
// the file, whatever its bytes are.
#pragma once

#include <relo/base/contract.hpp>
#include <relo/diagnostics.hpp>
#include <relo/elf/crel.hpp>
#include <relo/elf/format.hpp>
#include <relo/elf/source.hpp>

namespace relo::elf {

/// How an object may number its sections: `extended` with more than 65,279 of them (gABI:
/// e_shnum 0, SHN_XINDEX), `plain` without that, in less code.
enum class numbering : unsigned char { plain, extended };

namespace detail {

/// The names of an image: who has no code for many sections may do without that for long names.
template <class Source, numbering Numbering>
struct names : std::type_identity<typename Source::name_type> {};
template <class Source>
  requires requires { requires Source::short_names; }
struct names<Source, numbering::plain> : std::type_identity<typename Source::short_name> {};

}  // namespace detail

/// A relocatable object of Format, read through Source. Rela says which relocation record the
/// machine's psABI uses (true: Elf_Rela); Crel, whether SHT_CREL sections are relocations, too.
template <class Format, source Source, bool Rela, numbering Numbering = numbering::extended,
          bool Crel = Numbering == numbering::extended>
class image {
  template <template <class, class, std::size_t> class Record>
  using record_of = Record<Format, typename Source::pointer, Source::alignment>;
  template <class F, class S, std::size_t A>
  using rel_kind = rel<F, Rela, S, A>;

  struct never {
    constexpr never(bool) noexcept {}
  };

 public:
  using format = Format;
  using addr = typename Format::addr;
  using position = typename Source::position;
  using name_type = typename detail::names<Source, Numbering>::type;
  using kept_name = typename Source::kept_name;
  using header = record_of<ehdr>;
  using section_header = record_of<shdr>;
  using symbol_record = record_of<sym>;
  using relocation_record = record_of<rel_kind>;

  explicit constexpr image(const Source& source) noexcept : source_(source) {}

  constexpr Source& source() noexcept { return source_; }
  constexpr const Source& source() const noexcept { return source_; }
  /// Holds every offset that the file may have, and every one that it may claim.
  using wide = std::conditional_t<(sizeof(addr) > sizeof(std::size_t)), addr, std::size_t>;
  constexpr bool within_file(wide offset, wide size) const noexcept {
    return offset <= source_.size() && size <= source_.size() - offset;
  }
  constexpr std::uint32_t sections() const noexcept { return shnum_; }
  constexpr std::uint32_t symbols() const noexcept { return symnum_; }
  constexpr std::uint32_t flags() const noexcept { return flags_; }
  constexpr std::uint32_t symbol_table() const noexcept { return symtab_; }
  /// The first section that is an array of functions or has build attributes, sections() or more if
  /// none is: from there on they are looked for. Of an object in memory it is 1, not remembered.
  constexpr std::uint32_t first_special() const noexcept {
    if constexpr (addressable) return 1;
    else return first_special_;
  }
  /// The symbols before it are local: sh_info, as it is said.
  constexpr std::uint32_t first_global() const noexcept { return first_global_; }
  static constexpr bool addressable = std::is_pointer_v<position>;

  /// Where symbol i is in the file, and where the symbols' names begin; where the last of these
  /// ends, from there.
  constexpr position symbol_position(std::uint32_t i) const noexcept {
    return symbols_at_ + std::size_t{i} * symbol_record::size;
  }
  constexpr position names_position() const noexcept { return str_.begin; }
  constexpr std::size_t names_last() const noexcept { return str_.last; }
  /// False: that character is in no symbol's name. It is looked for where that takes no time.
  constexpr bool names_may_have(char c) const noexcept {
    if constexpr (addressable && __STDC_HOSTED__ != 0)
      if (!std::is_constant_evaluated())
        return __builtin_memchr(str_.begin, c, str_.last) != nullptr;
    return true;
  }
  /// Copies the names of all symbols as they stand in the file, names_last() + 1 bytes.
  constexpr void copy_names(std::span<unsigned char> to) noexcept {
    if constexpr (addressable) copy_bytes(to.data(), str_.begin, to.size());
    else source_.copy(str_.begin, to);
  }

  /// A record is good until the next of its table is asked for, if the source is streamed.
  /// i < sections()
  constexpr section_header section(std::uint32_t i) noexcept {
    expects(i < shnum_, "the object has no section of that number");
    return get<section_header>(table::sections,
                               sections_at_ + std::size_t{i} * section_header::size);
  }
  /// Whether check() came far enough for section_name().
  constexpr bool has_section_names() const noexcept { return shstr_.begin != position{}; }
  /// A name is good until the next is asked for; a kept_name for ever.
  /// The name of a section header that check() has seen; "" if it was read differently since.
  constexpr name_type section_name(const section_header& s) noexcept {
    return string(s.sh_name(), shstr_);
  }

  /// i < symbols()
  constexpr symbol_record symbol(std::uint32_t i) noexcept {
    expects(i < symnum_, "the object has no symbol of that number");
    return get<symbol_record>(table::symbols, symbol_position(i));
  }
  constexpr name_type symbol_name(const symbol_record& s) noexcept {
    return string(s.st_name(), str_);
  }
  /// Where a name may have more letters than there are of it, as elf::streamed has short ones:
  /// whether it has, how many there may be, and the whole.
  static constexpr bool cuts_names = !std::is_same_v<name_type, typename Source::name_type>;
  static constexpr bool is_cut([[maybe_unused]] const name_type& n) noexcept {
    if constexpr (cuts_names) return n.size() > Source::most_in_short_name;
    else return false;
  }
  static constexpr std::size_t most_in_name() noexcept
    requires cuts_names
  {
    return Source::most_in_short_name;
  }
  constexpr typename Source::name_type whole_symbol_name(const symbol_record& s) noexcept {
    return source_.name_at(string_position(s.st_name(), str_));
  }

  /// The section that symbol i is defined in (SHN_XINDEX resolved), shn::undef, or one of
  /// `abs` and `common`: the gABI's reserved indices, moved out of the way of real ones.
  constexpr std::uint32_t symbol_section(std::uint32_t i, const symbol_record& s) noexcept {
    const std::uint32_t index = s.st_shndx();
    if constexpr (extended)
      if (index == shn::xindex)
        return special_.present
                   ? get<record_of<word>>(table::others, special_.at + std::size_t{i} * 4).value()
                   : 0;
    return index >= shn::loreserve ? index | reserved : index;
  }
  static constexpr std::uint32_t reserved = 0x8000'0000;
  static constexpr std::uint32_t abs = shn::abs | reserved, common = shn::common | reserved;
  /// Whether that is what common symbols have for a section: `common`, or the machine's own index.
  constexpr bool is_common(std::uint32_t section) const noexcept {
    if constexpr (extended)
      if (section == special_.large_common) return true;
    return section == common;
  }
  /// How many of them check_symbols() has seen.
  constexpr std::uint32_t commons() const noexcept
    requires(Numbering == numbering::extended)
  {
    return special_.commons;
  }

  /// The records of a relocation section. Of a streamed object the header is copied, as the next
  /// one takes its place.
  struct kept_records {
    position begin;
    addr size;
    [[no_unique_address]] std::conditional_t<Crel, bool, never> crel;
  };
  using records = std::conditional_t<addressable, section_header, kept_records>;
  constexpr records records_of(const section_header& s) const noexcept {
    if constexpr (addressable) return s;
    else
      return {source_.position_of(static_cast<std::size_t>(s.sh_offset())), s.sh_size(),
              s.sh_type() == sht::crel};
  }
  constexpr position begin_of(const records& r) const noexcept {
    if constexpr (addressable) return source_.position_of(static_cast<std::size_t>(r.sh_offset()));
    else return r.begin;
  }
  static constexpr addr size_of(const records& r) noexcept {
    if constexpr (addressable) return r.sh_size();
    else return r.size;
  }
  /// Whether they are of an SHT_CREL section, and can only be gone through from the first.
  static constexpr bool is_crel(const records& r) noexcept {
    if constexpr (!Crel) return false;
    else if constexpr (addressable) return r.sh_type() == sht::crel;
    else return r.crel;
  }
  /// Of those that are not: how many there are, and record i. r_offset is unchecked here: its bound
  /// depends on the type.
  static constexpr std::uint32_t count_of(const records& r) noexcept {
    return static_cast<std::uint32_t>(size_of(r) / relocation_record::size);
  }
  constexpr relocation_record relocation(const records from, std::uint32_t i,
                                         table t = table::records) noexcept {
    return get<relocation_record>(t, begin_of(from) + std::size_t{i} * relocation_record::size);
  }
  /// Calls f(number, record) for each record until one returns other than errc::ok. Of records that
  /// are not of one form f is called with relocation_record or crel<Format>.
  template <class F>
  [[gnu::always_inline]] constexpr errc for_each_relocation(const records all, F&& f,
                                                            table t = table::records) {
    if constexpr (Crel)
      if (is_crel(all)) return for_each_crel(all, f, t);
    constexpr std::size_t size = relocation_record::size;
    const std::uint32_t count = count_of(all);
    position at = begin_of(all);
    [[maybe_unused]] typename Source::pointer here{}, end{};
    for (std::uint32_t i = 0; i < count; ++i, at += size, here += size) {
      if constexpr (addressable) {
        here = at;
        // Records are read once, in order, and often from memory that nobody has read yet.
        if constexpr (requires { source_.prefetch(at, 0); }) source_.prefetch(at, 1024);
      } else if (static_cast<std::size_t>(end - here) < size) {
        here = source_.at(t, at, size);
        end = source_.end_of(t);
        if (source_.failed()) break;
      }
      if (const errc e = f(i, relocation_record{here}); e != errc::ok) return e;
    }
    return errc::ok;
  }

  /// True for relocation sections of the machine's kind, and of those that every machine has.
  static constexpr bool is_relocations(const section_header& s) noexcept {
    const std::uint32_t type = s.sh_type();
    return type == (Rela ? sht::rela : sht::rel) || (Crel && type == sht::crel);
  }
  /// .init_array, .fini_array, .preinit_array
  static constexpr bool is_array(std::uint32_t type) noexcept {
    return type - sht::init_array <= sht::preinit_array - sht::init_array;
  }
  /// True for all that change the section sh_info, if that is one: relocations of either kind, and
  /// types that are not the gABI's, in which nothing else has an sh_info but 0.
  static constexpr bool may_be_relocations(const section_header& s) noexcept {
    const std::uint32_t type = s.sh_type();
    return type == sht::rel || type == sht::rela || type > sht::symtab_shndx;
  }

  /// Validates everything but section contents and relocation records of fixed size, in the order
  /// of the kernel's elf_validity_cache_copy(), and more strictly: class, encoding, alignments,
  /// symbol section indices, entry sizes, and no sum of file-provided numbers can wrap.
  /// `fail(errc, where)` is told the first fault and returns what check() shall return.
  /// `large_common` is the st_shndx by which the machine marks common symbols of its own.
  ///
  /// With `plain` numbering it checks the header alone. What is used then is checked first: each
  /// section, then what refers to the symbol table, and records. There are no section names without
  /// check_section_names(), names of symbols that are out of range read as "", and symbol_section()
  /// is to be compared with sections().
  template <class Fail>
  constexpr errc check(std::uint16_t machine, Fail&& fail,
                       std::uint32_t large_common = shn::common) noexcept {
    if constexpr (extended) special_.large_common = large_common | reserved;
    if (const errc e = check_header(machine, fail); e != errc::ok) return e;
    if constexpr (!extended) return errc::ok;
    if (const errc e = check_section_names(fail); e != errc::ok) return e;
    bool empty = true;
    std::uint32_t thread_local_section = 0;
    for (std::uint32_t i = 1; i < shnum_; ++i) {
      const section_header s = section(i);
      if (const errc e = check_section(i, s, fail); e != errc::ok) return e;
      if (s.sh_type() != sht::null && s.sh_name() > shstr_.last)
        return fail(errc::section_name_out_of_range, in_section(i, s.sh_name()));
      empty = empty && ((s.sh_flags() & shf::alloc) == 0 || s.sh_size() == 0);
      if ((s.sh_flags() & shf::tls) != 0) thread_local_section = i;
    }
    // Where there is nothing to name, an assembler writes no symbol table.
    if (symnum_ == 0 && empty) {
      symbols_at_ = position{};
      str_ = strings{};
      symtab_ = strndx_ = first_global_ = 0;
    } else if (const errc e = check_symbol_strings(fail); e != errc::ok) {
      return e;
    }
    for (std::uint32_t i = 1; i < shnum_; ++i)
      if (const errc e = check_relocations(i, fail); e != errc::ok) return e;
    if (const errc e = check_symbols(fail); e != errc::ok) return e;
    return thread_local_section == 0
               ? errc::ok
               : fail(errc::thread_local_storage, in_section(thread_local_section));
  }

  template <class Fail>
  constexpr errc check_header(std::uint16_t machine, Fail&& fail) noexcept {
    if (source_.size() < header::size) return fail(errc::truncated_header, about(source_.size()));
    const header h = get<header>(table::sections, source_.position_of(0));
    // One error for the magic number, then one for each byte after it.
    for (std::size_t i = 0; i < sizeof ident; ++i)
      if (h.e_ident(i) != ident[i])
        return fail(
            static_cast<errc>(static_cast<std::size_t>(errc::bad_magic) + (i < 4 ? 0 : i - 3)),
            about(i < 4 ? 0U : h.e_ident(i)));
    static_assert(static_cast<int>(errc::wrong_version) == static_cast<int>(errc::bad_magic) + 3);
    if (h.e_version() != ev_current) return fail(errc::wrong_version, about(h.e_version()));
    if (h.e_type() != et_rel) return fail(errc::not_relocatable, about(h.e_type()));
    if (h.e_machine() != machine) return fail(errc::wrong_machine, about(h.e_machine()));
    flags_ = h.e_flags();
    shstrndx_ = h.e_shstrndx();
    if (h.e_shentsize() != section_header::size)
      return fail(errc::bad_section_entry_size, about(h.e_shentsize()));

    const wide shoff = h.e_shoff();
    wide count = h.e_shnum();
    if (shoff < header::size || !within_file(shoff, (extended ? 1 : count) * section_header::size))
      return fail(errc::section_table_out_of_file, about(shoff));
    if (!aligned(shoff)) return fail(errc::section_table_misaligned, about(shoff));
    sections_at_ = source_.position_of(static_cast<std::size_t>(shoff));

    if constexpr (extended) {  // what does not fit the header stands in section 0
      const auto first = get<section_header>(table::sections, sections_at_);
      if (count == 0) count = first.sh_size();
      if (first.sh_type() != sht::null)
        return fail(errc::section_0_not_null, in_section(0, first.sh_type()));
    }
    if (count == 0 || (extended && (count > (source_.size() - static_cast<std::size_t>(shoff)) /
                                                section_header::size ||
                                    count >= reserved)))
      return fail(errc::section_table_out_of_file, about(count));
    shnum_ = static_cast<std::uint32_t>(count);
    return errc::ok;
  }

  template <class Fail>
  constexpr errc check_section_names(Fail&& fail) noexcept {
    const std::uint32_t index =
        extended && shstrndx_ == shn::xindex ? section(0).sh_link() : shstrndx_;
    if (!string_table(index, false, shstr_))
      return fail(errc::bad_section_name_table, about(index));
    return errc::ok;
  }

  template <class Fail>
  constexpr errc check_section(std::uint32_t index, const section_header& s, Fail&& fail) noexcept {
    const std::uint32_t type = s.sh_type();
    if (type == sht::null) return errc::ok;
    const in_section here{index};
    if constexpr (!addressable)
      if (index < first_special_ && (type == sht::attributes || is_array(type)))
        first_special_ = index;

    if (type != sht::nobits && !within_file(s.sh_offset(), s.sh_size()))
      return fail(errc::section_out_of_file, in_section(index, s.sh_size()));
    if (const addr align = s.sh_addralign(); (align & (align - 1)) != 0)
      return fail(errc::bad_alignment, in_section(index, align));
    // Of thread-local sections check() has a variable's name to say, too.
    if (const addr flags = s.sh_flags(); (flags & shf::alloc) != 0) {
      if ((flags & shf::compressed) != 0) return fail(errc::compressed_section, here);
      if (!extended && (flags & shf::tls) != 0) return fail(errc::thread_local_storage, here);
    }
    if constexpr (extended)
      if ((s.sh_flags() & shf::os_nonconforming) != 0 &&
          ((s.sh_flags() & shf::maskos) != 0 || (type >= sht::loos && type <= sht::hios)))
        return fail(errc::nonconforming_section, here);

    if (type == sht::symtab) {
      if (symnum_ != 0) return fail(errc::several_symbol_tables, here);
      const addr count = s.sh_size() / symbol_record::size;
      if (s.sh_entsize() != symbol_record::size || s.sh_size() % symbol_record::size != 0 ||
          count == 0 || count > where::none - 1 || s.sh_info() > count)
        return fail(errc::bad_symbol_table, here);
      if (!aligned(s.sh_offset())) return fail(errc::section_table_misaligned, here);
      symtab_ = index;
      strndx_ = s.sh_link();
      symbols_at_ = source_.position_of(static_cast<std::size_t>(s.sh_offset()));
      symnum_ = static_cast<std::uint32_t>(count);
      first_global_ = s.sh_info();
    }
    return errc::ok;
  }

  /// After all sections: whether there were symbols, and their names.
  template <class Fail>
  constexpr errc check_symbol_strings(Fail&& fail) noexcept {
    if (symnum_ == 0) return fail(errc::no_symbol_table, where{});
    if (!string_table(strndx_, true, str_))
      return fail(errc::bad_symbol_strings, in_section(symtab_, strndx_));
    return errc::ok;
  }

  /// One relocation section's records.
  template <class Fail>
  constexpr errc check_records(std::uint32_t index, const section_header& s, Fail&& fail) noexcept {
    const in_section here{index};
    if (!is_relocations(s))
      return fail(errc::wrong_relocation_kind, where{.section = index, .type = s.sh_type()});
    // Thousands of headers may name the same records. Those that no linker would write so are not
    // applied a thousand times.
    if constexpr (extended) {
      const std::size_t before = special_.relocations, all = source_.size();
      special_.relocations += static_cast<std::size_t>(s.sh_size());
      if (s.sh_size() > all - before)
        return fail(
            errc::relocations_overlap,
            where{.section = index, .value = std::uint64_t{before} + s.sh_size(), .limit = all});
    }
    if constexpr (Crel)
      if (s.sh_type() == sht::crel) return check_crel(index, s, fail);
    if (s.sh_link() != symtab_ || s.sh_entsize() != relocation_record::size ||
        s.sh_size() % relocation_record::size != 0 ||
        s.sh_size() / relocation_record::size > where::none - 1)
      return fail(errc::bad_relocation_section, here);
    if (!aligned(s.sh_offset())) return fail(errc::section_table_misaligned, here);
    return errc::ok;
  }

 private:
  /// Out of line: it is the rarer form, and the other's loop keeps its registers.
  template <class F>
  [[gnu::noinline]] constexpr errc for_each_crel(const records& all, F& f, table t) {
    crel_reader<Format, Source> reader{source_, t, begin_of(all),
                                       static_cast<std::size_t>(size_of(all))};
    errc e = reader.begin();
    for (std::uint32_t n = 0; e == errc::ok && n < reader.count(); ++n) {
      e = reader.next();
      if (e != errc::ok) break;
      if (const errc told = f(n, reader.record()); told != errc::ok) return told;
    }
    if (e == errc::ok) return e;
    // They were checked, and are others now.
    if constexpr (requires { source_.fail(); }) source_.fail();
    return errc::read_failed;
  }

  static constexpr bool extended = Numbering == numbering::extended;
  static constexpr auto file_class = static_cast<unsigned char>(Format::file_class),
                        data_encoding = static_cast<unsigned char>(Format::data);
  static constexpr unsigned char ident[] = {0x7f,       'E',           'L',       'F',
                                            file_class, data_encoding, ev_current};

  /// What st_shndx may say beside a section's number: to look into the SHT_SYMTAB_SHNDX section, or
  /// that the symbol is common.
  struct special_indices {
    bool present = false;
    position at{};
    std::uint32_t large_common = common, commons = 0;
    std::size_t relocations = 0;  ///< bytes of the relocation sections that were seen
  };
  struct nothing {};
  /// Where a string table begins, and its last byte, a NUL, from there.
  struct strings {
    position begin{};
    std::size_t last;
  };

  template <class Record>
  constexpr Record get(table t, position p) noexcept {
    return Record{source_.at(t, p, Record::size)};
  }
  static constexpr position string_position(std::uint32_t offset, const strings& in) noexcept {
    return in.begin + (offset < in.last ? offset : in.last);
  }
  constexpr name_type string(std::uint32_t offset, const strings& in) noexcept {
    const position at = string_position(offset, in);
    if constexpr (cuts_names) return source_.short_name_at(at);
    else return source_.name_at(at);
  }
  /// Whether a table of words of that size keeps the alignment that records are read with.
  static constexpr bool aligned(wide offset, std::size_t word_size = sizeof(addr)) noexcept {
    return offset % (word_size < Source::alignment ? word_size : Source::alignment) == 0;
  }

  /// A string table: in the file (unless that is known), not empty, and NUL-terminated.
  constexpr bool string_table(std::uint32_t index, bool in_file, strings& out) noexcept {
    if (index >= shnum_) return false;
    const section_header s = section(index);
    if (s.sh_type() != sht::strtab || s.sh_size() == 0 ||
        !(in_file || within_file(s.sh_offset(), s.sh_size())))
      return false;
    out.begin = source_.position_of(static_cast<std::size_t>(s.sh_offset()));
    out.last = static_cast<std::size_t>(s.sh_size()) - 1;
    return static_cast<unsigned char>(source_.at(table::others, out.begin + out.last, 1)[0]) == 0;
  }

  /// What refers to the symbol table, once that is known.
  template <class Fail>
  constexpr errc check_relocations(std::uint32_t index, Fail&& fail) noexcept {
    const section_header s = section(index);
    const std::uint32_t type = s.sh_type();
    const in_section here{index};

    if constexpr (extended)
      if (type == sht::symtab_shndx && s.sh_link() == symtab_) {
        if (s.sh_size() / 4 < symnum_ || s.sh_size() % 4 != 0 || !aligned(s.sh_offset(), 4) ||
            s.sh_offset() == 0)
          return fail(errc::bad_section_index_table, here);
        special_.at = source_.position_of(static_cast<std::size_t>(s.sh_offset()));
        special_.present = true;
      }
    if (!may_be_relocations(s)) return errc::ok;
    if (s.sh_info() == 0 || s.sh_info() >= shnum_)
      return type > sht::symtab_shndx && !is_relocations(s)
                 ? errc::ok
                 : fail(errc::bad_relocation_section, in_section(index, s.sh_info()));
    // Relocations of what is not loaded (debug information) are nobody's concern.
    return (section(s.sh_info()).sh_flags() & shf::alloc) == 0
               ? errc::ok
               : check_records(index, section(index), fail);
  }

  /// Decodes them all: an error says at which of the section's bytes, and in which record.
  template <class Fail>
  constexpr errc check_crel(std::uint32_t index, const section_header& s, Fail&& fail) noexcept {
    if (s.sh_link() != symtab_) return fail(errc::bad_relocation_section, in_section(index));
    const auto size = static_cast<std::size_t>(s.sh_size());
    crel_reader<Format, Source> reader{source_, table::records,
                                       source_.position_of(static_cast<std::size_t>(s.sh_offset())),
                                       size};
    if (const errc e = reader.begin(); e != errc::ok)
      return fail(e, in_section(index, reader.promised()));
    for (std::uint32_t n = 0; n < reader.count(); ++n)
      if (const errc e = reader.next(); e != errc::ok)
        return fail(e, where{.section = index, .relocation = n, .offset = size - reader.left()});
    return reader.left() == 0 ? errc::ok
                              : fail(errc::crel_left_over, in_section(index, reader.left()));
  }

  template <class Fail>
  constexpr errc check_symbols(Fail&& fail) noexcept {
    for (std::uint32_t i = 0; i < symnum_; ++i) {
      const symbol_record s = symbol(i);
      if (s.st_name() > str_.last)
        return fail(errc::symbol_name_out_of_range, of_symbol(i, s.st_name()));
      const std::uint32_t in = symbol_section(i, s);
      bool known = in < shnum_ || in == abs || is_common(in);
      if constexpr (extended) known = known && (s.st_shndx() != shn::xindex || special_.present);
      if (!known) return fail(errc::symbol_section_out_of_range, of_symbol(i, in & ~reserved));
      if (s.type() == stt::tls) return fail(errc::thread_local_storage, of_symbol(i));
      if (!is_common(in)) continue;
      // GCC's mark of an object that has no code of its own.
      if (symbol_name(s) == "__gnu_lto_slim") return fail(errc::slim_lto, where{});
      if constexpr (extended) ++special_.commons;
    }
    return errc::ok;
  }

  Source source_;
  [[no_unique_address]] std::conditional_t<extended, special_indices, nothing> special_{};
  std::uint32_t shnum_ = 0, symnum_ = 0, first_special_ = addressable ? 0 : where::none;
  strings shstr_;  ///< at 0: not checked
  // Set before there are sections:
  position sections_at_;
  std::uint32_t flags_, shstrndx_;
  // Set before there are symbols:
  position symbols_at_;
  strings str_;
  std::uint32_t symtab_, strndx_, first_global_;
};

}  // namespace relo::elf
