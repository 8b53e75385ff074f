// The stages of a load on a small machine.
#pragma once

#include <relo/micro/apply_relocations.hpp>
#include <relo/micro/complete_formation.hpp>
#include <relo/micro/do_init_module.hpp>
#include <relo/micro/find_module_sections.hpp>
#include <relo/micro/keep_image.hpp>
#include <relo/micro/layout_sections.hpp>
#include <relo/micro/move_module.hpp>
#include <relo/pipeline.hpp>
#include <relo/stage/add_unformed_module.hpp>
#include <relo/stage/do_init_module.hpp>
#include <relo/stage/module_elf_check_arch.hpp>
#include <relo/stage/module_unload_init.hpp>

namespace relo::micro {

/// The least that runs a module: no name, no dependencies, no parameters.
inline constexpr auto load_module =
    make_pipeline(elf_validity_check{}, setup_load_info{}, layout_sections{},
                  stages::module_elf_check_arch{}, move_module{}, simplify_symbols{},
                  apply_relocations{}, flush_module_icache{}, do_mod_dtors{}, do_mod_ctors{});

/// The same with names: modules that use each other, take parameters, have an init and an exit
/// function, and return what only that needed.
inline constexpr auto load_named_module =
    load_module | insert_before<"layout_sections">(check_section_names{}) |
    insert_before<"move_module">(round_regions{}) | insert_after<"move_module">(keep_image{}) |
    insert_after<"move_module">(find_module_sections{}) |
    insert_after<"move_module">(stages::module_unload_init{}) |
    insert_after<"move_module">(stages::add_unformed_module{}) |
    insert_after<"apply_relocations">(post_relocation{}) |
    insert_before<"do_mod_ctors">(complete_formation{}) |
    insert_before<"do_mod_ctors">(parse_args{}) |
    insert_after<"do_mod_ctors">(stages::do_free_init{}) |
    insert_after<"do_mod_ctors">(stages::do_one_initcall{});

}  // namespace relo::micro
