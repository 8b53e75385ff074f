// layout_sections: each section header is read once: checked, classified, given a place.
#pragma once

#include <relo/micro/load_info.hpp>

namespace relo::micro {

/// Checks the file's header.
struct elf_validity_check {
  static constexpr const char* name = "elf_validity_check";

  template <class Load>
  constexpr errc run(Load& load) const {
    using machine = typename Load::machine;
    const auto fail = [&](errc code, const where& at) { return load.fail(code, at); };
    if (const errc e = load.image.check_header(machine::machine, fail); e != errc::ok) return e;
    return machine::accepts(load.image.flags())
               ? errc::ok
               : load.fail(errc::wrong_flags, {.value = load.image.flags()});
  }
};

/// Takes a slot for the module, and its name: the one the caller gives.
struct setup_load_info {
  static constexpr const char* name = "setup_load_info";

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::named)
      if (elf::name{load.options.name}.size() >= Load::module_type::name_size)
        return load.fail(errc::name_too_long, {}, elf::name{load.options.name});
    load.mod = load.loader.registry().acquire();
    if (load.mod == nullptr) return load.fail(errc::too_many_modules);
    if constexpr (Load::named) load.mod->name << load.options.name;
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    loader.registry().release(m);
  }
};

struct layout_sections {
  static constexpr const char* name = "layout_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    const auto fail = [&](errc code, const where& at) { return load.fail(code, at); };
    const std::uint32_t count = load.image.sections();
    const auto words = load.loader.scratch().take(~std::size_t{0});
    if (words.size() < count) return load.fail(errc::out_of_scratch, {.value = count});
    load.places = words.first(count);
    load.values = words.subspan(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto s = load.image.section(i);
      if (const errc e = load.image.check_section(i, s, fail); e != errc::ok) return e;
      if (!lay_out(load, i, s, load.places[i]))
        return load.fail(errc::module_too_large, {.section = i, .value = s.sh_size()});
    }
    if (load.image.symbols() == 0) return load.fail(errc::no_symbol_table);
    bool fits = true;
    if constexpr (uses_veneers<typename Load::machine>) fits = reserve_veneers(load);
    if constexpr (Load::named) fits = fits && reserve_args(load);
    return fits ? errc::ok : load.fail(errc::module_too_large);
  }

  /// The place of the next section, in file order. Sections that may be used where they are in
  /// the image are left there.
  template <class Load, class Header>
  static constexpr bool lay_out(Load& load, std::uint32_t i, const Header& s,
                                typename Load::addr& word) noexcept {
    const mem_type type = classify(load, s);
    word = Load::not_loaded;
    if (type == mem_type::in_image || stays(load.image, i, s)) return true;
    return load.reserve(Load::layout::region_of(type), s.sh_size(), s.sh_addralign(), word);
  }

  /// What a section is, for the classifier. Its name is known if there is a stage check_section_names
  /// before this one; else it is "".
  template <class Load, class Header>
  static constexpr mem_type classify(Load& load, const Header& s) noexcept {
    using loader_type = std::remove_cvref_t<decltype(load.loader)>;
    const auto& classifier = load.loader.classifier();
    if constexpr (loader_type::pipeline_type::has("check_section_names"))
      return classifier.classify(load.image.section_name(s), s.sh_flags(), s.sh_type());
    else return classifier.classify(elf::name{""}, s.sh_flags(), s.sh_type());
  }

  /// Whether a section is used in place: the image stays where it is, and nobody writes there.
  template <class Image, class Header>
  static constexpr bool stays([[maybe_unused]] Image& image, [[maybe_unused]] std::uint32_t i,
                              [[maybe_unused]] const Header& s) noexcept {
    if constexpr (requires { image.source().address_at(0); }) {
      if ((s.sh_flags() & (elf::shf::alloc | elf::shf::write)) != elf::shf::alloc ||
          s.sh_type() == elf::sht::nobits || s.sh_size() == 0)
        return false;
      if (s.sh_addralign() > 1 &&
          (image.source().address_at(s.sh_offset()) & (s.sh_addralign() - 1)) != 0)
        return false;
      for (std::uint32_t k = 1; k < image.sections(); ++k)
        if (const auto r = image.section(k); image.is_relocations(r) && r.sh_info() == i)
          return false;
      return true;
    }
    return false;
  }

 private:
  /// One for each symbol that may be too far away: undefined, or a function that stays in the image
  /// and is called by what does not.
  template <class Load>
  static constexpr bool reserve_veneers(Load& load) {
    using machine = typename Load::machine;
    using addr = typename Load::addr;
    addr size = 0;
    for (std::uint32_t i = load.image.first_global(); i < load.image.symbols(); ++i)
      if (load.image.symbol(i).st_shndx() == elf::shn::undef)
        size = static_cast<addr>(size + machine::veneer_size);
    if constexpr (requires { load.image.source().address_at(0); })
      for (std::uint32_t i = 1; i < load.image.symbols(); ++i)
        if (const auto s = load.image.symbol(i);
            s.type() == elf::stt::func && s.st_shndx() < load.image.sections() &&
            !load.is_loaded(s.st_shndx()) &&
            stays(load.image, s.st_shndx(), load.image.section(s.st_shndx())))
          size = static_cast<addr>(size + machine::veneer_size);
    if (!load.reserve(Load::layout::region_of(mem_type::text), size, machine::veneer_align,
                      load.veneers))
      return false;
    load.veneers_end = static_cast<addr>(load.veneers + size);
    return true;
  }
  template <class Load>
  static constexpr bool reserve_args(Load& load) {
    const std::size_t length = elf::name{load.options.args}.size();
    return length == 0 || load.reserve(Load::layout::region_of(mem_type::data),
                                       static_cast<typename Load::addr>(length + 1), 1, load.args);
  }
};

}  // namespace relo::micro
