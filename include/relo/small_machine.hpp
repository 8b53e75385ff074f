// The composition for small machines: the same stages, under policies that cost little flash and
// memory.
#pragma once

#include <relo/loader.hpp>

namespace relo {

/// The least that runs a module: no name, no dependencies, no parameters. Veneers come last in
/// their region.
inline constexpr auto load_small_module = make_pipeline(
    stages::elf_validity_check{}, stages::setup_load_info{}, stages::rewrite_section_headers{},
    stages::layout_sections{}, stages::module_elf_check_arch{}, stages::module_frob_arch_sections{},
    stages::move_module{}, stages::simplify_symbols{}, stages::apply_relocations{},
    stages::do_mod_dtors{}, stages::flush_module_icache{}, stages::do_mod_ctors{},
    stages::do_free_init{});

/// The same with names: modules that use each other, take parameters, have an init and an exit
/// function, and return what only that needed.
inline constexpr auto load_small_named_module = make_pipeline(
    stages::elf_validity_check{}, stages::check_section_names{}, stages::setup_load_info{},
    stages::rewrite_section_headers{}, stages::layout_sections{}, stages::module_elf_check_arch{},
    stages::module_frob_arch_sections{}, stages::move_module{}, stages::add_unformed_module{},
    stages::module_unload_init{}, stages::find_module_sections{}, stages::simplify_symbols{},
    stages::apply_relocations{}, stages::do_mod_dtors{}, stages::post_relocation{},
    stages::flush_module_icache{}, stages::complete_formation{}, stages::parse_args{},
    stages::do_mod_ctors{}, stages::do_one_initcall{}, stages::do_free_init{});

namespace detail {
template <bool Named>
constexpr auto small_stages() {
  if constexpr (Named) return load_small_named_module;
  else return load_small_module;
}
}  // namespace detail

/// A set of policies, see loader: at most Capacity modules, up to 32, with names of up to
/// NameSize - 1 characters, which the caller gives, or without (NameSize 1); objects that are
/// checked as they are used; symbols that are resolved when a relocation asks for them; veneers
/// that are made then, and no GOT. Modules whose objects may be relo::in_place say so by KeepImage.
///
///     relo::loader loader{machine{}, memory, symbols, relo::small_machine<4, 16>{}};
template <std::size_t Capacity, std::size_t NameSize = 1, bool KeepImage = false>
using small_machine = set_of<small_modules<Capacity, NameSize, KeepImage>, plain_object,
                             values_when_asked, veneers_when_asked, in_file_order, exact_version,
                             std::remove_cvref_t<decltype(detail::small_stages<(NameSize > 1)>())>>;

}  // namespace relo
