// Which kernel, and what it does otherwise than others.
#pragma once

namespace relo::kmod {

/// The module loaders of Linux that differ in what they do, by the first of the releases that
/// has the last of those differences.
enum class generation : unsigned char {
  v5_11,  ///< up to 5.11: core and init, five export tables
  v6_1,   ///< 5.12 to 6.3: core and init, two export tables
  v6_12   ///< 6.4 to 6.12: a region a memory type (enum mod_mem_type)
};

/// What a generation's kernels do where generations differ, each under the name of what it is that
/// they do. Which steps there are and in which order is load_module.hpp's.
template <generation G>
struct release_traits {
 private:
  static constexpr bool after_5_11 = G > generation::v5_11, after_6_3 = G > generation::v6_1;

 public:
  /// Headers that are refused and names on the blacklist get a line in the log. Kernel:
  /// elf_validity_check(), early_mod_check().
  static constexpr bool says_what_it_refuses = after_5_11;
  /// So does a symbol in a section that there is not. Kernel: simplify_symbols().
  static constexpr bool says_bad_symbol_section = after_5_11;
  /// Beside EXPORT_SYMBOL and EXPORT_SYMBOL_GPL there are three tables of symbols that are to go;
  /// 5.12 dropped them. Kernel: each_symbol_section().
  static constexpr bool has_fading_exports = !after_5_11;
  /// finit_module() takes MODULE_INIT_COMPRESSED_FILE, since 5.17.
  static constexpr bool knows_compressed_files = after_5_11;
  /// An entry of the exception table ends with a handler's address; since 5.16, with what kind of
  /// fixup it is. Kernel: struct exception_table_entry (x86).
  static constexpr bool extable_has_handlers = !after_5_11;
  /// Bools are `true` and `false`, too, since 5.18. Kernel: kstrtobool().
  static constexpr bool knows_true_false = after_5_11;
  /// The parameter async_probe is a bool; before, that it is given is enough. Kernel:
  /// unknown_module_param_cb().
  static constexpr bool async_probe_has_value = after_5_11;
  /// Modules for tests taint the kernel, since 6.0. Kernel: TAINT_TEST.
  static constexpr bool taints_for_tests = after_5_11;

  /// check_modinfo() taints as well. Since 6.4 that is a step of its own, once the name is taken,
  /// module_augment_kernel_taints().
  static constexpr bool check_modinfo_taints = !after_6_3;
  /// What is known of a module by its name taints late; since 6.4, with the others. Kernel:
  /// check_module_license_and_versions().
  static constexpr bool taints_by_name_late = !after_6_3;
  /// Names that were asked for twice are counted, since 6.4. Kernel: try_add_failed_module().
  static constexpr bool counts_duplicates = after_6_3;
  /// What failed before it had memory is audited, too, since 6.4. Kernel: load_module().
  static constexpr bool audits_early_failures = after_6_3;
  /// A region's sections end at a page boundary, then its symbol tables begin; since 6.4 these are
  /// behind the sections. Kernel: layout_sections(), layout_symtab().
  static constexpr bool symtab_begins_a_page = !after_6_3;
  /// Whether a value fits is asked before whether its place holds zeros, and P is taken from it
  /// by then; since 6.4. The message of a place that does not has other words. Kernel:
  /// apply_relocate_add(), __write_relocate_add() (x86).
  static constexpr bool checks_range_before_place = after_6_3;
  /// Whatever begins with `$`, or with `L0`, is a mapping symbol; before, those of ARM and RISC-V.
  /// Kernel: is_arm_mapping_symbol(), since 6.4 is_mapping_symbol().
  static constexpr bool any_dollar_is_mapping_symbol = after_6_3;
  /// A module whose sections cannot be shown is refused, since 6.12. Kernel: mod_sysfs_setup().
  static constexpr bool needs_section_attributes = after_6_3;
};

}  // namespace relo::kmod
