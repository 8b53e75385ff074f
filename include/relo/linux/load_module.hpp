// The kernels' load_module(), as lists of stages.
#pragma once

#include <relo/linux/exports.hpp>
#include <relo/linux/stage/apply_relocations.hpp>
#include <relo/linux/stage/complete_formation.hpp>
#include <relo/linux/stage/early_mod_check.hpp>
#include <relo/linux/stage/elf_validity_check.hpp>
#include <relo/linux/stage/find_module_sections.hpp>
#include <relo/linux/stage/layout_and_allocate.hpp>
#include <relo/linux/stage/post_relocation.hpp>
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
    stages::elf_validity_check{},
    stages::setup_load_info{},
    stages::blacklisted{},
    relo::stages::rewrite_section_headers{},
    stages::check_modstruct_version{},
    stages::check_modinfo{},
    stages::module_enforce_rwx_sections{},
    stages::layout_sections{},
    stages::layout_symtab{},
    relo::stages::move_module{},
    relo::stages::add_unformed_module{},
    stages::taint_unsigned{},
    relo::stages::module_unload_init{},
    stages::find_module_sections{},
    stages::check_export_symbol_versions{},
    stages::simplify_symbols{},
    stages::apply_relocations{},
    stages::post_relocation{},
    relo::stages::flush_module_icache{},
    stages::complete_formation{},
    relo::stages::do_one_initcall{},
    relo::stages::module_enable_ro{},
    relo::stages::do_free_init{});

/// Linux 6.4 to 6.12.
inline constexpr auto load_module_6_12 = make_pipeline(
    stages::elf_validity_cache_copy{},
    stages::blacklisted{},
    relo::stages::rewrite_section_headers{},
    stages::check_modstruct_version{},
    stages::check_modinfo{},
    stages::module_patient_check_exists{},
    stages::module_enforce_rwx_sections{},
    stages::layout_sections{},
    stages::layout_symtab{},
    relo::stages::move_module{},
    relo::stages::add_unformed_module{},
    stages::module_augment_kernel_taints{},
    relo::stages::module_unload_init{},
    stages::find_module_sections{},
    stages::check_export_symbol_versions{},
    stages::simplify_symbols{},
    stages::apply_relocations{},
    stages::post_relocation{},
    relo::stages::flush_module_icache{},
    stages::complete_formation{},
    relo::stages::do_one_initcall{},
    relo::stages::module_enable_ro{},
    relo::stages::do_free_init{});
// clang-format on

}  // namespace relo::kmod
