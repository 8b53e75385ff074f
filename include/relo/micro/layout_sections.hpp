// layout_sections: what memory a module needs. move_module: where its sections are in it.
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
  static constexpr bool reads = false;
  static constexpr bool makes_module = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    [[maybe_unused]] std::size_t length = 0;
    if constexpr (Load::named) {
      if (load.options.name != nullptr) length = elf::name{load.options.name}.size();
      if (length >= Load::module_type::name_size)
        return load.fail(errc::name_too_long,
                         {.value = length, .limit = Load::module_type::name_size - 1},
                         elf::name{load.options.name});
    }
    load.mod = load.loader.registry().acquire();
    if (load.mod == nullptr) return load.too_many_modules();
    if constexpr (Load::named) {
      char* const to = load.mod->name.text;
      const char* const from = load.options.name;
      for (std::size_t i = 0; i < length; ++i) to[i] = from[i];
    }
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
    load.next = {};
    load.alignments.fill(1);
    if constexpr (Load::keeps_table) {
      load.next[Load::module_type::table_region] = table_size(load);
      load.alignments[Load::module_type::table_region] = sizeof(typename Load::addr);
    } else {
      const std::uint32_t count = load.image.sections();
      if (const std::size_t there = load.values.size(); there < count)
        return load.fail(errc::out_of_scratch, {.value = count, .limit = there});
      load.places = load.values.first(count);
      load.values = load.values.subspan(count);
    }
    if (const errc e = go_through(load, false); e != errc::ok) return e;
    if (const errc e = load.image.check_symbol_strings(fail); e != errc::ok) return e;
    if constexpr (Load::has_parameters)
      if (const std::size_t length = elf::name{load.options.args}.size(); length != 0)
        if (!load.append(Load::layout::region_of(mem_type::data),
                         static_cast<typename Load::addr>(length + 1), 1, load.args))
          return load.fail(errc::module_too_large);
    if constexpr (uses_veneers<typename Load::machine> && !Load::makes_room)
      if (!reserve_veneers(load)) return load.fail(errc::module_too_large);
    return errc::ok;
  }

  /// Whether a section is used in place: the image stays where it is, and nobody writes there.
  template <class Image, class Header>
  static constexpr bool stays([[maybe_unused]] Image& image, [[maybe_unused]] std::uint32_t i,
                              [[maybe_unused]] const Header& s) noexcept {
    if constexpr (requires { image.source().address_at(0); }) {
      if constexpr (requires { image.source().is_in_place(); })
        if (!image.source().is_in_place()) return false;
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

  /// What a section is, for the classifier. Its name is known if there is a stage
  /// check_section_names before this one; else it is "".
  template <class Load, class Header>
  static constexpr mem_type classify(Load& load, const Header& s) noexcept {
    using loader_type = std::remove_cvref_t<decltype(load.loader)>;
    const auto& classifier = load.loader.classifier();
    if constexpr (loader_type::pipeline_type::has("check_section_names"))
      return classifier.classify(load.image.section_name(s), s.sh_flags(), s.sh_type());
    else return classifier.classify(elf::name{""}, s.sh_flags(), s.sh_type());
  }

  /// Goes through the sections twice, in file order: once to check them and to see what there is to
  /// place; and once there is memory, to copy them there. Sections that may be used where they are
  /// in the image are left there.
  template <class Load>
  static constexpr errc go_through(Load& load, const bool placing) {
    using addr = typename Load::addr;
    const auto fail = [&](errc code, const where& at) { return load.fail(code, at); };
    std::uint32_t contents = 0;  // the flags of what is not empty
    for (std::uint32_t i = 0; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!placing)
        if (const errc e = load.image.check_section(i, s, fail); e != errc::ok) return e;
      const std::uint32_t type = s.sh_type();
      if (s.sh_size() != 0) contents |= static_cast<std::uint32_t>(s.sh_flags());
      if constexpr (Load::checks_attributes)
        if (type == elf::sht::attributes && !placing)
          load.attributes = {i, static_cast<std::size_t>(s.sh_offset()),
                             static_cast<std::size_t>(s.sh_size())};
      const mem_type in = classify(load, s);
      addr at = Load::not_loaded;
      if (in == mem_type::in_image || type == elf::sht::null) {
      } else if (stays(load.image, i, s)) {
        if constexpr (requires { load.image.source().address_at(0); })
          at = load.image.source().address_at(s.sh_offset());
      } else {
        const addr size = s.sh_size();
        const std::size_t offset = static_cast<std::size_t>(s.sh_offset());
        if (!load.append(Load::layout::region_of(in), size, s.sh_addralign(), at))
          return load.fail(errc::module_too_large, {.section = i, .value = size});
        if (placing && type != elf::sht::nobits && size != 0)
          if (unsigned char* const to = load.mod->at(at, size); to != nullptr)
            load.image.source().copy(offset, {to, static_cast<std::size_t>(size)});
      }
      if (placing) load.place_section(i, at);
    }
    // What GCC's -flto makes has only sections that no linker copies, and nothing to load.
    constexpr std::uint32_t either = elf::shf::exclude | elf::shf::alloc;
    return (contents & either) == elf::shf::exclude ? load.fail(errc::slim_lto) : errc::ok;
  }

  /// Bytes of module memory for the addresses of sections.
  template <class Load>
  static constexpr typename Load::addr table_size(const Load& load) noexcept {
    return Load::keeps_table ? static_cast<typename Load::addr>(load.image.sections() *
                                                                sizeof(typename Load::addr))
                             : 0;
  }

 private:
  /// One for each symbol that may be too far away: undefined, or a function that stays in the image
  /// and is called by what does not.
  template <class Load>
  static constexpr bool reserve_veneers(Load& load) {
    using machine = typename Load::machine;
    using addr = typename Load::addr;
    addr size = 0, at = 0;
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      const std::uint32_t in = s.st_shndx();
      const bool function = s.type() == elf::stt::func;
      if (in == elf::shn::undef ||
          (function && in < load.image.sections() && stays(load.image, in, load.image.section(in))))
        size = static_cast<addr>(size + machine::veneer_size);
    }
    if (!load.append(Load::text_region, size, machine::veneer_align, at)) return false;
    load.veneers = load.veneers_end = at;
    return true;
  }
};

}  // namespace relo::micro
