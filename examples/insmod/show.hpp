// What is shown of a load: a diagnostics policy, and two stages that only print.
#pragma once

#include "../memory_map.hpp"
#include "offered.hpp"

/// What a stage is for, in a few words.
constexpr const char* purpose(std::string_view stage) noexcept {
  constexpr struct {
    std::string_view stage;
    const char* purpose;
  } purposes[] = {
      {"elf_validity_check", "the file is what it says, in every number"},
      {"module_elf_check_arch", "its code is for this processor"},
      {"setup_load_info", "its name; the sections that have a meaning"},
      {"rewrite_section_headers", "a first address for each section: where it is in the image"},
      {"check_modinfo", "its licence"},
      {"module_enforce_rwx_sections", "nothing is both written and executed"},
      {"module_frob_arch_sections", "count the GOT slots and veneers that may be needed"},
      {"layout_sections", "which memory each section goes to, and where in it"},
      {"layout_symtab", "room for the symbols that stay"},
      {"move_module", "allocate, copy: each section gets its final address"},
      {"add_unformed_module", "its name is taken"},
      {"module_unload_init", "it uses no other module yet"},
      {"find_module_sections", "its exports and parameters"},
      {"simplify_symbols", "an address for every symbol"},
      {"apply_relocations", "patch code and data with them"},
      {"post_relocation", "sort its exports"},
      {"flush_module_icache", "what was data is code"},
      {"complete_formation", "nobody else exports these; permissions are set"},
      {"parse_args", "set its parameters"},
      {"do_mod_ctors", "run its constructors"},
      {"do_one_initcall", "run its init function"},
      {"module_enable_ro", "seal what was written by init only"},
      {"do_free_init", "return the memory of init; it is live"},
      {"print_sections", "(put in here by this program)"},
      {"print_memory", "(put in here by this program)"},
  };
  for (const auto& p : purposes)
    if (p.stage == stage) return p.purpose;
  return "";
}

/// Tells each stage as it begins, and every warning; keeps the last error.
struct narrator : relo::located<> {
  void enter(const char* stage) {
    relo::located<>::enter(stage);
    if (!quiet) example::print("  {:<27}  {}\n", stage, purpose(stage));
  }
  void warn(const relo::problem& p) {
    example::complain("insmod: warning: {}: {}\n", message(p.code), p.symbol);
  }
};

/// The section table, with the two addresses that each section gets.
struct print_sections {
  static constexpr const char* name = "print_sections";
  using undo = relo::nothing_to_undo;

  template <class Load>
  relo::errc run(Load& load) const {
    if (quiet) return relo::errc::ok;
    const auto image = relo::address_of(load.image.source().data());
    example::print("    {:>3} {:<22} {:>7} {:5} {:14} {}\n", "nr", "section", "bytes", "flags",
                   "in the image", "in the module");
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      relo::text<23> called;
      called << load.image.section_name(s);
      const auto at = load.place_of(i);
      const auto flag = [&](std::uint64_t bit, char letter) {
        return (s.sh_flags() & bit) != 0 ? letter : '-';
      };
      const bool in_file = s.sh_type() != relo::elf::sht::nobits;
      example::print(
          "    {:>3} {:<22} {:>7} {}{}{}   {:14} {}\n", i, called.c_str(), s.sh_size(),
          flag(relo::elf::shf::alloc, 'A'), flag(relo::elf::shf::write, 'W'),
          flag(relo::elf::shf::execinstr, 'X'),
          in_file ? fmt::format("{:012x}", image + s.sh_offset()) : "(zeros)",
          at.type == relo::mem_type::in_image
              ? std::string{"not loaded"}
              : fmt::format("{:012x}  {}+{:#x}", load.address_of(at), name_of(at.type), at.offset));
    }
    return relo::errc::ok;
  }
};

/// The module's memory.
struct print_memory {
  static constexpr const char* name = "print_memory";
  using undo = relo::nothing_to_undo;

  template <class Load>
  relo::errc run(Load& load) const {
    return quiet ? relo::errc::ok : example::print_memory{}.run(load);
  }
};
