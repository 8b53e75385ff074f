// What errors are called, and which loaders meet them.
#pragma once

#include <relo/diagnostics/errc.hpp>

#include <array>
#include <cstddef>

namespace relo {

/// Who can meet an error of the core; see loader_words, which knows what each of these means.
enum class met : unsigned char {
  always,
  // by what is loaded, and how
  general,
  small,
  crel,
  attributes,
  names,
  parameters,
  tables,
  section_names,
  commons,
  no_commons,
  checked_symbols,
  exporters,
  unique_exports,
  permissions,
  writable_code,
  init,
  exit,
  // by what the machine's relocation types are
  got,
  stubs,
  upper_parts,
  pairs,
  alignment,
  tls_rows,
  dynamic_rows,
  // by how much is told
  reasons,
  warnings,
  // by none of our stages: a stage that tells it says so, see stage::errors
  by_stage,
};

/// An error of the core, and what it is called: one clause, no full stop, as it is printed.
struct error_words {
  errc code;
  met by;
  const char* words;
};

// clang-format off
inline constexpr error_words core_errors[] = {
    {errc::ok, met::always, "no error"},
    {errc::read_failed, met::always, "the object could not be read"},
    {errc::not_authentic, met::by_stage, "signature missing or wrong"},
    {errc::truncated_header, met::always, "file shorter than an ELF header"},
    {errc::bad_magic, met::always, "not an ELF file"},
    {errc::wrong_class, met::always, "ELF class is not the loader's (32/64 bit)"},
    {errc::wrong_data_encoding, met::always, "byte order is not the loader's"},
    {errc::wrong_version, met::always, "unknown ELF version"},
    {errc::not_relocatable, met::always, "not a relocatable object (e_type is not ET_REL)"},
    {errc::wrong_machine, met::always, "object is for another machine (e_machine)"},
    {errc::wrong_flags, met::always, "object is for another ABI (e_flags; compile with the -mabi of this program)"},
    {errc::bad_section_entry_size, met::always, "e_shentsize is not the size of a section header"},
    {errc::section_table_out_of_file, met::always, "section header table outside the file"},
    {errc::section_table_misaligned, met::always, "table not aligned as the source promises"},
    {errc::bad_section_name_table, met::always, "no usable section name table (e_shstrndx)"},
    {errc::section_0_not_null, met::general, "section 0 is not SHT_NULL"},
    {errc::section_name_out_of_range, met::general, "sh_name outside the section name table"},
    {errc::section_out_of_file, met::always, "section contents outside the file"},
    {errc::bad_alignment, met::always, "sh_addralign is not a power of two"},
    {errc::compressed_section, met::always, "compressed section in the image (SHF_COMPRESSED)"},
    {errc::nonconforming_section, met::general, "section for another system's linker (SHF_OS_NONCONFORMING)"},
    {errc::thread_local_storage, met::always, "thread-local variable, and thread-local storage is not supported"},
    {errc::no_symbol_table, met::always, "stripped: there is no symbol table any more"},
    {errc::several_symbol_tables, met::always, "more than one symbol table"},
    {errc::bad_symbol_table, met::always, "malformed symbol table"},
    {errc::bad_symbol_strings, met::always, "symbol table's string table is unusable (sh_link)"},
    {errc::bad_section_index_table, met::general, "malformed SHT_SYMTAB_SHNDX section"},
    {errc::symbol_name_out_of_range, met::general, "st_name outside the string table"},
    {errc::symbol_section_out_of_range, met::general, "st_shndx names no section"},
    {errc::bad_relocation_section, met::always, "malformed relocation section"},
    {errc::wrong_relocation_kind, met::always, "relocations of a kind that is not supported for this machine"},
    {errc::relocations_overlap, met::general, "relocation sections overlap: together they are longer than the file"},
    {errc::crel_truncated, met::crel, "compact relocations (SHT_CREL) end before the last of them"},
    {errc::crel_number, met::crel, "number in compact relocations (SHT_CREL) is longer than it may be"},
    {errc::crel_left_over, met::crel, "bytes after the last of the compact relocations (SHT_CREL)"},
    {errc::slim_lto, met::always, "compiled with -flto: link-time optimisation has no code yet"},
    {errc::bad_attributes, met::attributes, "malformed build attributes"},
    {errc::arm_code, met::attributes, "A32 code, and this processor has Thumb only (compile with -mthumb and its -mcpu)"},
    {errc::wrong_processor, met::attributes, "code for another processor (compile with the -mcpu or -march of this one)"},
    {errc::hard_float_calls, met::attributes, "compiled with -mfloat-abi=hard, and this program is not (compile with -mfloat-abi=softfp or soft)"},
    {errc::soft_float_calls, met::attributes, "not compiled with -mfloat-abi=hard, and this program is (compile with -mfloat-abi=hard)"},
    {errc::wrong_stack_alignment, met::attributes, "code keeps the stack aligned otherwise than this program (compile without -mpreferred-stack-boundary)"},
    {errc::name_too_long, met::names, "the module's name is too long"},
    {errc::already_loaded, met::names, "a module of this name is loaded already"},
    {errc::too_many_modules, met::always, "no room for another module"},
    {errc::section_too_large, met::general, "section larger than any memory"},
    {errc::module_too_large, met::always, "module larger than any memory"},
    {errc::out_of_memory, met::always, "out of module memory"},
    {errc::out_of_scratch, met::always, "out of scratch memory"},
    {errc::protection_failed, met::permissions, "memory permissions could not be set"},
    {errc::writable_and_executable, met::writable_code, "section is writable and executable"},
    {errc::bad_section_contents, met::tables, "malformed table in a section"},
    {errc::init_fragment, met::section_names, "code in .init or .fini is a piece that only a linker makes a function of (use constructors and destructors)"},
    {errc::common_symbol, met::no_commons, "common symbol (compile with -fno-common)"},
    {errc::bad_common_alignment, met::commons, "common symbol's alignment (st_value) is not a power of two"},
    {errc::ifunc_symbol, met::checked_symbols, "indirect function (STT_GNU_IFUNC) is not supported"},
    {errc::symbol_section_not_loaded, met::small, "symbol stands in a section that is not loaded"},
    {errc::unknown_symbol, met::always, "unknown symbol"},
    {errc::symbol_name_too_long, met::small, "symbol's name is longer than a window through which the object is read"},
    {errc::module_going, met::exporters, "symbol belongs to a module that is not live"},
    {errc::gpl_future_symbol, met::warnings, "symbol will be for GPL-compatible modules only"},
    {errc::duplicate_export, met::unique_exports, "exports a symbol that is exported already"},
    {errc::relocation_symbol_out_of_range, met::always, "r_info names no symbol"},
    {errc::relocation_out_of_section, met::always, "r_offset outside its section"},
    {errc::unknown_relocation, met::always, "unknown relocation type"},
    {errc::relocation_left_out, met::reasons, "relocation type that the loader's machine leaves out (relo::only)"},
    {errc::relocation_not_supported, met::reasons, "relocation type that is not supported"},
    {errc::dynamic_relocation, met::dynamic_rows, "relocation type of a linked file, not of an object"},
    {errc::tls_relocation, met::tls_rows, "thread-local storage is not supported"},
    {errc::relocation_overflow, met::always, "value does not fit the relocated field"},
    {errc::relocation_needs_stub, met::got, "relocation needs a GOT, and the loader has none"},
    {errc::relocation_without_upper_part, met::upper_parts, "no HI20 relocation where the LO12 one points"},
    {errc::relocation_not_paired, met::pairs, "SET_ULEB128 and SUB_ULEB128 are only for one place, one after the other"},
    {errc::code_not_aligned, met::alignment, "code that only a linker can align (compile with -mno-relax)"},
    {errc::too_many_stubs, met::stubs, "too many GOT slots or veneers"},
    {errc::bad_parameter, met::parameters, "invalid value for a module parameter"},
    {errc::parameter_out_of_range, met::parameters, "value out of range for a module parameter"},
    {errc::parameter_too_long, met::parameters, "value too long for a module parameter"},
    {errc::parameter_stays_enabled, met::parameters, "module parameter that can only be enabled"},
    {errc::unknown_parameter_type, met::parameters, "module parameter of an unknown type"},
    {errc::unknown_parameter, met::warnings, "unknown module parameter, ignored"},
    {errc::init_failed, met::init, "the module's init function failed"},
    {errc::not_loaded, met::names, "no such module"},
    {errc::module_in_use, met::always, "module is in use"},
    {errc::not_live, met::always, "module is not live"},
    {errc::no_exit, met::exit, "module has an init but no exit function"},
};
// clang-format on

namespace detail {

consteval bool in_order(const auto& rows, errc first) {
  auto n = static_cast<std::size_t>(first);
  for (const auto& row : rows)
    if (static_cast<std::size_t>(row.code) != n++) return false;
  return true;
}
static_assert(in_order(core_errors, errc::ok) &&
              std::size(core_errors) == static_cast<std::size_t>(errc::no_exit) + 1);

/// The words of those errors of which Chosen::has(row) is true, one after the other: a code, its
/// words, a NUL. So they are looked for, and need no table of where they are.
template <class Chosen>
class packed_words {
  static consteval std::size_t size() {
    std::size_t n = 0;
    for (const error_words& row : core_errors)
      if (Chosen::has(row)) {
        n += 2;
        for (const char* c = row.words; *c != '\0'; ++c) ++n;
      }
    return n;
  }
  static constexpr auto text = [] {
    std::array<char, size()> out{};
    std::size_t n = 0;
    for (const error_words& row : core_errors)
      if (Chosen::has(row)) {
        out[n++] = static_cast<char>(row.code);
        for (const char* c = row.words; *c != '\0'; ++c) out[n++] = *c;
        ++n;
      }
    return out;
  }();

 public:
  static constexpr const char* find(errc e) noexcept {
    for (std::size_t n = 0; n != text.size(); ++n) {
      const bool found = static_cast<errc>(static_cast<unsigned char>(text[n++])) == e;
      if (found) return &text[n];
      while (text[n] != '\0') ++n;
    }
    return "?";
  }
};

struct all_errors {
  static constexpr bool has(const error_words&) { return true; }
};

}  // namespace detail

/// What an error of the core is called; "?" for another. A program that counts bytes asks its
/// loader, which has the words of what it can meet: loader::message().
constexpr const char* message(errc e) noexcept {
  return detail::packed_words<detail::all_errors>::find(e);
}

/// The words of the core, see located.
struct core_words {
  static constexpr const char* message(errc e) noexcept { return relo::message(e); }
};

}  // namespace relo
