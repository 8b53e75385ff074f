// Errors: what went wrong, and where. The policy decides how much of it is kept.
#pragma once

#include <relo/base/name.hpp>
#include <relo/diagnostics/other_file.hpp>

#include <array>

namespace relo {

/// Every way in which a load or an unload can fail.
enum class errc : unsigned char {
  ok,
  // the file
  read_failed,
  not_authentic,
  truncated_header,
  bad_magic,
  wrong_class,
  wrong_data_encoding,
  wrong_version,
  not_relocatable,
  wrong_machine,
  wrong_flags,
  bad_section_entry_size,
  section_table_out_of_file,
  section_table_misaligned,
  bad_section_name_table,
  section_0_not_null,
  section_name_out_of_range,
  section_out_of_file,
  bad_alignment,
  compressed_section,
  nonconforming_section,
  thread_local_storage,
  no_symbol_table,
  several_symbol_tables,
  bad_symbol_table,
  bad_symbol_strings,
  bad_section_index_table,
  symbol_name_out_of_range,
  symbol_section_out_of_range,
  bad_relocation_section,
  wrong_relocation_kind,
  relocations_overlap,
  crel_truncated,
  crel_number,
  crel_left_over,
  slim_lto,
  // what the code is for
  bad_attributes,
  arm_code,
  wrong_processor,
  hard_float_calls,
  soft_float_calls,
  wrong_stack_alignment,
  // a kernel's module
  not_permitted,
  empty_file,
  bad_flags,
  compression_not_supported,
  bad_compression,
  several_modinfo_sections,
  bad_this_module,
  blacklisted,
  wrong_module_layout,
  wrong_vermagic,
  not_forced,
  livepatch_disabled,
  several_constructor_tables,
  relocated_place_not_zero,
  not_signed,
  bad_signature_format,
  signature_too_long,
  signature_kind,
  signature_not_pkcs7,
  signature_unsupported,
  key_unavailable,
  key_rejected,
  // the load
  name_too_long,
  already_loaded,
  too_many_modules,
  section_too_large,
  module_too_large,
  out_of_memory,
  out_of_scratch,
  protection_failed,
  writable_and_executable,
  bad_section_contents,
  init_fragment,
  // symbols
  common_symbol,
  bad_common_alignment,
  ifunc_symbol,
  symbol_section_not_loaded,
  unknown_symbol,
  symbol_name_too_long,
  module_going,
  gpl_future_symbol,
  duplicate_export,
  symbol_version,
  namespace_not_imported,
  // relocations
  relocation_symbol_out_of_range,
  relocation_out_of_section,
  unknown_relocation,
  relocation_left_out,
  relocation_not_supported,
  dynamic_relocation,
  tls_relocation,
  relocation_overflow,
  relocation_needs_stub,
  relocation_without_upper_part,
  relocation_not_paired,
  code_not_aligned,
  too_many_stubs,
  // parameters, init, unload
  bad_parameter,
  parameter_out_of_range,
  parameter_too_long,
  parameter_stays_enabled,
  unknown_parameter_type,
  unknown_parameter,
  refused_by_notifier,
  refused_by_livepatch,
  already_in_sysfs,
  duplicate_attribute,
  init_failed,
  not_loaded,
  module_in_use,
  not_live,
  no_exit,
};

/// One clause, no full stop, as it is printed.
constexpr const char* message(errc e) noexcept {
  // clang-format off
  switch (e) {
    case errc::ok: return "no error";
    case errc::read_failed: return "the object could not be read";
    case errc::not_authentic: return "signature missing or wrong";
    case errc::truncated_header: return "file shorter than an ELF header";
    case errc::bad_magic: return "not an ELF file";
    case errc::wrong_class: return "ELF class is not the loader's (32/64 bit)";
    case errc::wrong_data_encoding: return "byte order is not the loader's";
    case errc::wrong_version: return "unknown ELF version";
    case errc::not_relocatable: return "not a relocatable object (e_type is not ET_REL)";
    case errc::wrong_machine: return "object is for another machine (e_machine)";
    case errc::wrong_flags: return "object is for another ABI (e_flags; compile with the -mabi of this program)";
    case errc::bad_section_entry_size: return "e_shentsize is not the size of a section header";
    case errc::section_table_out_of_file: return "section header table outside the file";
    case errc::section_table_misaligned: return "table not aligned as the source promises";
    case errc::bad_section_name_table: return "no usable section name table (e_shstrndx)";
    case errc::section_0_not_null: return "section 0 is not SHT_NULL";
    case errc::section_name_out_of_range: return "sh_name outside the section name table";
    case errc::section_out_of_file: return "section contents outside the file";
    case errc::bad_alignment: return "sh_addralign is not a power of two";
    case errc::compressed_section: return "compressed section in the image (SHF_COMPRESSED)";
    case errc::nonconforming_section: return "section for another system's linker (SHF_OS_NONCONFORMING)";
    case errc::thread_local_storage: return "thread-local variable, and thread-local storage is not supported";
    case errc::no_symbol_table: return "stripped: there is no symbol table any more";
    case errc::several_symbol_tables: return "more than one symbol table";
    case errc::bad_symbol_table: return "malformed symbol table";
    case errc::bad_symbol_strings: return "symbol table's string table is unusable (sh_link)";
    case errc::bad_section_index_table: return "malformed SHT_SYMTAB_SHNDX section";
    case errc::symbol_name_out_of_range: return "st_name outside the string table";
    case errc::symbol_section_out_of_range: return "st_shndx names no section";
    case errc::bad_relocation_section: return "malformed relocation section";
    case errc::wrong_relocation_kind: return "relocations of a kind that is not supported for this machine";
    case errc::relocations_overlap: return "relocation sections overlap: together they are longer than the file";
    case errc::crel_truncated: return "compact relocations (SHT_CREL) end before the last of them";
    case errc::crel_number: return "number in compact relocations (SHT_CREL) is longer than it may be";
    case errc::crel_left_over: return "bytes after the last of the compact relocations (SHT_CREL)";
    case errc::slim_lto: return "compiled with -flto: link-time optimisation has no code yet";
    case errc::bad_attributes: return "malformed build attributes";
    case errc::arm_code: return "A32 code, and this processor has Thumb only (compile with -mthumb and its -mcpu)";
    case errc::wrong_processor: return "code for another processor (compile with the -mcpu or -march of this one)";
    case errc::hard_float_calls: return "compiled with -mfloat-abi=hard, and this program is not (compile with -mfloat-abi=softfp or soft)";
    case errc::soft_float_calls: return "not compiled with -mfloat-abi=hard, and this program is (compile with -mfloat-abi=hard)";
    case errc::wrong_stack_alignment: return "code keeps the stack aligned otherwise than this program (compile without -mpreferred-stack-boundary)";
    case errc::not_permitted: return "not permitted to load or remove modules";
    case errc::empty_file: return "the file is empty";
    case errc::bad_flags: return "unknown flags";
    case errc::compression_not_supported: return "the kernel does not decompress modules";
    case errc::bad_compression: return "not compressed as the kernel expects, or damaged";
    case errc::several_modinfo_sections: return "more than one .modinfo section";
    case errc::bad_this_module: return "no usable struct module (.gnu.linkonce.this_module)";
    case errc::blacklisted: return "module is blacklisted";
    case errc::wrong_module_layout: return "struct module is another kernel's (module_layout's CRC)";
    case errc::wrong_vermagic: return "module is for another kernel (vermagic)";
    case errc::not_forced: return "the kernel would have to be forced, and is not to be";
    case errc::livepatch_disabled: return "livepatch module, and livepatching is disabled";
    case errc::several_constructor_tables: return "has both .ctors and .init_array";
    case errc::relocated_place_not_zero: return "relocated place holds something already";
    case errc::not_signed: return "no signature";
    case errc::bad_signature_format: return "malformed signature";
    case errc::signature_too_long: return "signature longer than 64 KiB";
    case errc::signature_kind: return "PKCS#7 message of a kind that signs no module";
    case errc::signature_not_pkcs7: return "signature is not PKCS#7";
    case errc::signature_unsupported: return "signature of an unknown algorithm";
    case errc::key_unavailable: return "signed with an unknown key";
    case errc::key_rejected: return "signature does not match";
    case errc::name_too_long: return "the module's name is too long";
    case errc::already_loaded: return "a module of this name is loaded already";
    case errc::too_many_modules: return "no room for another module";
    case errc::section_too_large: return "section larger than any memory";
    case errc::module_too_large: return "module larger than any memory";
    case errc::out_of_memory: return "out of module memory";
    case errc::out_of_scratch: return "out of scratch memory";
    case errc::protection_failed: return "memory permissions could not be set";
    case errc::writable_and_executable: return "section is writable and executable";
    case errc::bad_section_contents: return "malformed table in a section";
    case errc::init_fragment: return "code in .init or .fini is a piece that only a linker makes a function of (use constructors and destructors)";
    case errc::common_symbol: return "common symbol (compile with -fno-common)";
    case errc::bad_common_alignment: return "common symbol's alignment (st_value) is not a power of two";
    case errc::ifunc_symbol: return "indirect function (STT_GNU_IFUNC) is not supported";
    case errc::symbol_section_not_loaded: return "symbol stands in a section that is not loaded";
    case errc::unknown_symbol: return "unknown symbol";
    case errc::symbol_name_too_long: return "symbol's name is longer than a window through which the object is read";
    case errc::module_going: return "symbol belongs to a module that is not live";
    case errc::gpl_future_symbol: return "symbol will be for GPL-compatible modules only";
    case errc::duplicate_export: return "exports a symbol that is exported already";
    case errc::symbol_version: return "symbol's CRC is another than the module was built with";
    case errc::namespace_not_imported: return "symbol's namespace is not imported";
    case errc::relocation_symbol_out_of_range: return "r_info names no symbol";
    case errc::relocation_out_of_section: return "r_offset outside its section";
    case errc::unknown_relocation: return "unknown relocation type";
    case errc::relocation_left_out: return "relocation type that the loader's machine leaves out (relo::only)";
    case errc::relocation_not_supported: return "relocation type that is not supported";
    case errc::dynamic_relocation: return "relocation type of a linked file, not of an object";
    case errc::tls_relocation: return "thread-local storage is not supported";
    case errc::relocation_overflow: return "value does not fit the relocated field";
    case errc::relocation_needs_stub: return "relocation needs a GOT, and the loader has none";
    case errc::relocation_without_upper_part: return "no HI20 relocation where the LO12 one points";
    case errc::relocation_not_paired: return "SET_ULEB128 and SUB_ULEB128 are only for one place, one after the other";
    case errc::code_not_aligned: return "code that only a linker can align (compile with -mno-relax)";
    case errc::too_many_stubs: return "too many GOT slots or veneers";
    case errc::bad_parameter: return "invalid value for a module parameter";
    case errc::parameter_out_of_range: return "value out of range for a module parameter";
    case errc::parameter_too_long: return "value too long for a module parameter";
    case errc::parameter_stays_enabled: return "module parameter that can only be enabled";
    case errc::unknown_parameter_type: return "module parameter of an unknown type";
    case errc::unknown_parameter: return "unknown module parameter, ignored";
    case errc::refused_by_notifier: return "a notifier refused the module";
    case errc::refused_by_livepatch: return "live patching refused the module";
    case errc::already_in_sysfs: return "/sys/module has that name already";
    case errc::duplicate_attribute: return "two files of one name in the module's sysfs directory";
    case errc::init_failed: return "the module's init function failed";
    case errc::not_loaded: return "no such module";
    case errc::module_in_use: return "module is in use";
    case errc::not_live: return "module is not live";
    case errc::no_exit: return "module has an init but no exit function";
  }
  // clang-format on
  return "?";
}

/// Where it went wrong, as the place that noticed knows it. Indices are the file's.
struct where {
  static constexpr std::uint32_t none = 0xffffffff;
  const char* stage = "";           ///< filled in by load_info::fail()
  std::uint32_t section = none;     ///< section header index; for a relocation, of what it changes
  std::uint32_t symbol = none;      ///< symbol table index
  std::uint32_t relocation = none;  ///< record number within its relocation section
  std::uint32_t type = none;        ///< relocation type; of a relocation section: sh_type
  std::uint64_t offset = 0;         ///< r_offset; of what is no ELF file: its first eight bytes,
                                    ///< see elf::other_file()
  std::uint64_t value = 0;          ///< the number that was refused; of an amount, what was wanted
  std::uint64_t limit = unknown;    ///< of an amount, what there is
  const char* advice = "";          ///< what whoever compiled the object may do about it

  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
};

/// What the value and the limit of an error count; null where the value is no amount.
constexpr const char* unit(errc e) noexcept {
  switch (e) {
    case errc::name_too_long:
    case errc::symbol_name_too_long: return "characters";
    case errc::too_many_modules: return "modules";
    case errc::relocations_overlap:
    case errc::section_too_large:
    case errc::module_too_large:
    case errc::out_of_memory: return "bytes";
    case errc::out_of_scratch: return "words";
    case errc::too_many_stubs: return "slots";
    default: return nullptr;
  }
}

namespace role {
struct diagnostics;
}

/// Told which stage runs and what went wrong.
///  - enter(stage): a stage of that name begins.
///  - keeps_location: false drops everything but the code from the binary; then report(code).
///  - report(code, where, section, symbol, type): else; the three names are "" where unknown
///    and valid only during the call.
///  - warn(...): as report(), about something the load goes on in spite of.
/// It may have, and is then told of all unknown symbols of an object instead of the first,
///  - also(symbol): what was reported last is true of one more symbol, of that name. The name is
///    valid only during the call.
/// and, if it keeps names of other lengths than 79 characters,
///  - name_size: how much of a name it keeps, the NUL included.
template <class D>
concept diagnostics = requires(D d) {
  d.enter("stage");
  { D::keeps_location } -> std::convertible_to<bool>;
} && ((D::keeps_location && requires(D d, errc e, const where& at, const char* const& name) {
                        d.report(e, at, name, name, name);
                        d.warn(e, at, name, name, name);
                      }) || (!D::keeps_location && requires(D d, errc e) {
                        d.report(e);
                        d.warn(e);
                      }));

/// Keeps nothing: the code that load() returns is all there is. Costs no byte.
struct code_only {
  using role = role::diagnostics;
  static constexpr bool keeps_location = false;
  constexpr void enter(const char*) noexcept {}
  constexpr void report(errc) noexcept {}
  constexpr void warn(errc) noexcept {}
};

/// Whether a diagnostics policy is told of further symbols: see diagnostics.
template <class D>
concept names_all = requires(D d) { d.also("symbol"); };

/// Text in a fixed buffer; what does not fit is cut off. Always NUL-terminated.
template <std::size_t N>
class text {
 public:
  constexpr const char* c_str() const noexcept { return s_; }
  constexpr std::size_t size() const noexcept { return n_; }
  constexpr bool empty() const noexcept { return n_ == 0; }

  constexpr text& operator<<(char c) noexcept {
    if (n_ + 1 < N) s_[n_++] = c;
    s_[n_] = '\0';
    return *this;
  }
  template <class Storage>
  constexpr text& operator<<(const elf::name<Storage>& n) noexcept {
    for (std::size_t i = 0; n[i] != '\0' && n_ + 1 < N; ++i) s_[n_++] = n[i];
    s_[n_] = '\0';
    return *this;
  }
  constexpr text& operator<<(const char* s) noexcept { return *this << elf::name{s}; }
  /// A name that a file has, in which a terminal finds no commands: bytes but those of printable
  /// ASCII as \x1b.
  constexpr text& harmless(const char* s) noexcept {
    for (; *s != '\0'; ++s) {
      const auto byte = static_cast<unsigned char>(*s);
      if (byte >= ' ' && byte < 0x7f) *this << *s;
      else (*this << (byte < 16 ? "\\x0" : "\\x")).number(byte, 16);
    }
    return *this;
  }
  constexpr text& operator<<(std::uint64_t v) noexcept { return number(v, 10); }
  constexpr text& hex(std::uint64_t v) noexcept { return (*this << "0x").number(v, 16); }
  /// In decimal, a comma before every three digits: 1,129.
  constexpr text& amount(std::uint64_t v) noexcept { return number(v, 10, 3); }
  /// Says that it was cut: the last three characters become dots.
  constexpr text& cut() noexcept {
    for (std::size_t i = n_; i != 0 && n_ - i < 3;) s_[--i] = '.';
    return *this;
  }

 private:
  /// With a comma before every `group` digits, if that is not 0.
  constexpr text& number(std::uint64_t v, unsigned base, std::size_t group = 0) noexcept {
    char digits[20]{};
    std::size_t n = 0;
    do {
      digits[n++] = "0123456789abcdef"[v % base];
      v /= base;
    } while (v != 0);
    while (n != 0) {
      *this << digits[--n];
      if (n != 0 && group != 0 && n % group == 0) *this << ',';
    }
    return *this;
  }

  char s_[N]{};
  std::size_t n_ = 0;
};

/// The last error, in full: for tools, and for firmware with a console. Names are kept up to
/// NameSize - 1 characters, and end in "..." where they are longer; of unknown symbols the first
/// Symbols of an object, and how many more there are.
template <std::size_t NameSize = sizeof(void*) == 8 ? 256 : 80, std::size_t Symbols = 8>
class located {
  static_assert(Symbols != 0, "relo: located<> keeps the name of one symbol at least");

 public:
  using role = role::diagnostics;
  static constexpr bool keeps_location = true;
  static constexpr std::size_t name_size = NameSize;

  constexpr void enter(const char*) noexcept {}

  template <class Section, class Symbol>
  constexpr void report(errc code, const where& at, const Section& section, const Symbol& symbol,
                        const char* type) noexcept {
    code_ = code;
    at_ = at;
    keep(section_, section);
    keep(symbols_[0], symbol);
    others_ = 0;
    type_ = type;
  }

  template <class Symbol>
  constexpr void also(const Symbol& symbol) noexcept {
    if (++others_ < Symbols) keep(symbols_[others_], symbol);
  }

  /// Warnings are dropped here: a policy that derives from this one may print them.
  template <class Section, class Symbol>
  constexpr void warn(errc, const where&, const Section&, const Symbol&, const char*) noexcept {}

  constexpr errc code() const noexcept { return code_; }
  constexpr const char* stage() const noexcept { return at_.stage; }
  constexpr const where& at() const noexcept { return at_; }
  constexpr const char* section() const noexcept { return section_.c_str(); }
  constexpr const char* type() const noexcept { return type_; }
  /// The symbol that the error is about, "" if about none; number n of symbols().
  constexpr const char* symbol(std::size_t n = 0) const noexcept { return symbols_[n].c_str(); }
  /// How many symbols are kept of those that the error is about: at most Symbols.
  constexpr std::size_t symbols() const noexcept {
    if (symbols_[0].empty()) return 0;
    return others_ < Symbols ? others_ + 1 : Symbols;
  }
  /// How many more it is about.
  constexpr std::size_t more_symbols() const noexcept {
    return others_ < Symbols ? 0 : others_ + 1 - Symbols;
  }

  /// "apply_relocations: value does not fit the relocated field: .text+0x12, relocation 3,
  ///  R_X86_64_PC32, symbol 'far', value 0x123456789"
  /// "simplify_symbols: unknown symbol: symbols 'sin', 'cos' and 12 more"
  /// "rewrite_section_headers: out of scratch memory: 3,200 words wanted, 2,048 there"
  /// In N characters, the NUL included; what is longer ends in "...". One line: names of the file
  /// are made harmless().
  template <std::size_t N = 240 + NameSize * (1 + Symbols) + 4 * Symbols>
  constexpr text<N> describe() const noexcept {
    text<N> out;
    out << at_.stage << ": " << message(code_);
    const char* const other = code_ == errc::not_relocatable ? elf::other_elf_file(at_.value)
                              : code_ == errc::bad_magic || code_ == errc::truncated_header
                                  ? elf::other_file(at_.offset)
                                  : "";
    if (other[0] != '\0') out << ": " << other;
    const char* separator = ": ";
    const auto next = [&] {
      out << separator;
      separator = ", ";
    };
    if (at_.section != where::none) {
      next();
      if (section_.empty()) out << "section " << std::uint64_t{at_.section};
      else out.harmless(section_.c_str());
      if (at_.relocation != where::none)
        (out << '+').hex(at_.offset) << ", relocation " << std::uint64_t{at_.relocation};
    }
    if (at_.type != where::none) {
      next();
      if (type_[0] != '\0') out << type_;
      else out << "type " << std::uint64_t{at_.type};
    }
    if (at_.symbol != where::none || symbols() != 0) {
      next();
      describe_symbols(out);
    }
    if (at_.value != 0) {
      next();
      describe_value(out);
    }
    if (const char* const a = advice(); a[0] != '\0') out << ": " << a;
    return out.size() + 1 == N ? out.cut() : out;
  }

 private:
  /// A plugin cannot help it that picolibc's errno is thread-local, but its headers know a way out;
  /// nor that OpenMP's locks are common.
  constexpr const char* advice() const noexcept {
    const elf::name name{symbols_[0].c_str()};
    if (code_ == errc::thread_local_storage && name == "errno")
      return "with picolibc, compile with -D__PICOLIBC_ERRNO_FUNCTION=NAME, "
             "and let the program offer int *NAME(void)";
    if (code_ == errc::common_symbol && name.starts_with(".gomp_critical"))
      return "an OpenMP critical section's lock is common whatever -fno-common says: use another "
             "lock, or a loader with the stage layout_commons";
    return at_.advice;
  }
  template <std::size_t N>
  constexpr void describe_symbols(text<N>& out) const noexcept {
    if (at_.symbol != where::none) out << (others_ == 0 ? "symbol " : "symbols ");
    if (symbols() == 0) out << std::uint64_t{at_.symbol};
    for (std::size_t i = 0; i < symbols(); ++i)
      (out << (i == 0 ? "'" : ", '")).harmless(symbols_[i].c_str()) << '\'';
    if (more_symbols() != 0) (out << " and ").amount(more_symbols()) << " more";
  }
  template <std::size_t N>
  constexpr void describe_value(text<N>& out) const noexcept {
    if (code_ == errc::init_failed) {
      out << "it returned -" << at_.value;
    } else if (const char* const what = unit(code_)) {
      out.amount(at_.value) << ' ' << what << " wanted";
      // Where there was more than enough, it was refused for another reason.
      if (at_.limit < at_.value) (out << ", ").amount(at_.limit) << " there";
    } else {
      (out << "value ").hex(at_.value);
    }
  }

  template <class Name>
  static constexpr void keep(text<NameSize>& to, const Name& name) noexcept {
    to = {};
    to << name;
    if (name[to.size()] != '\0') to.cut();
  }

  errc code_ = errc::ok;
  const char* type_ = "";
  where at_{};
  text<NameSize> section_{};
  std::array<text<NameSize>, Symbols> symbols_{};
  std::size_t others_ = 0;  ///< beside the first
};

}  // namespace relo
