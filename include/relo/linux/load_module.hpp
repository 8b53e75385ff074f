// The kernels' load_module(), as a list of stages and what other releases have otherwise. What the
// steps do in a release is its release_traits'.
#pragma once

#include <relo/linux/policy/exports.hpp>
#include <relo/linux/policy/percpu.hpp>
#include <relo/linux/stage/apply_relocations.hpp>
#include <relo/linux/stage/complete_formation.hpp>
#include <relo/linux/stage/do_init_module.hpp>
#include <relo/linux/stage/early_mod_check.hpp>
#include <relo/linux/stage/elf_validity_check.hpp>
#include <relo/linux/stage/find_module_sections.hpp>
#include <relo/linux/stage/layout_and_allocate.hpp>
#include <relo/linux/stage/mod_sysfs_setup.hpp>
#include <relo/linux/stage/module_sig_check.hpp>
#include <relo/linux/stage/parse_args.hpp>
#include <relo/linux/stage/post_relocation.hpp>
#include <relo/linux/stage/prepare_coming_module.hpp>
#include <relo/linux/stage/setup_modinfo.hpp>
#include <relo/linux/stage/simplify_symbols.hpp>
#include <relo/pipeline.hpp>
#include <relo/stage/do_init_module.hpp>
#include <relo/stage/flush_module_icache.hpp>
#include <relo/stage/module_unload_init.hpp>
#include <relo/stage/move_module.hpp>
#include <relo/stage/rewrite_section_headers.hpp>

namespace relo::kmod {

// clang-format off
/// Linux 5.12 to 6.3.
inline constexpr auto load_module_6_1 = make_pipeline(
    stages::module_sig_check{},
    stages::elf_validity_check{},
    stages::setup_load_info{},
    stages::blacklisted{},
    relo::stages::rewrite_section_headers{},
    stages::check_modstruct_version{},
    stages::check_modinfo{},
    stages::module_frob_arch_sections{},
    stages::module_enforce_rwx_sections{},
    stages::layout_sections{},
    stages::layout_symtab{},
    relo::stages::move_module{},
    stages::percpu_modfree{},
    stages::add_unformed_module{},
    stages::taint_unsigned{},
    stages::percpu_modalloc{},
    relo::stages::module_unload_init{},
    stages::find_module_sections{},
    stages::check_export_symbol_versions{},
    stages::setup_modinfo{},
    stages::simplify_symbols{},
    stages::apply_relocations{},
    stages::post_relocation{},
    relo::stages::flush_module_icache{},
    stages::copy_args{},
    stages::init_build_id{},
    stages::dynamic_debug_setup{},
    stages::ftrace_module_init{},
    stages::complete_formation{},
    stages::prepare_coming_module{},
    stages::parse_args{},
    stages::mod_sysfs_setup{},
    stages::do_mod_ctors{},
    stages::do_one_initcall{},
    stages::module_enable_ro{},
    relo::stages::do_free_init{});

/// Linux 6.4 to 6.12: the file is looked at in one step, the name also before memory is taken, and
/// dynamic debugging is in the notifier chain.
inline constexpr auto load_module_6_12 = load_module_6_1
    | replace<"elf_validity_check">(stages::elf_validity_cache_copy{})
    | drop<"setup_load_info">
    | insert_after<"check_modinfo">(stages::module_patient_check_exists{})
    | replace<"taint_unsigned">(stages::module_augment_kernel_taints{})
    | drop<"dynamic_debug_setup">;

/// Up to 5.11.
inline constexpr auto load_module_5_11 = load_module_6_1 | drop<"init_build_id">;
// clang-format on

}  // namespace relo::kmod
