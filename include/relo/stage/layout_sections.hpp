// layout_sections: the second address of each section, by memory type and in file order; right
// after the first of a name that is a C identifier come the others of that name. A section that an
// earlier stage has placed keeps its place.
#pragma once

#include <relo/stage/arrays.hpp>
#include <relo/stage/commons.hpp>
#include <relo/stage/named_sections.hpp>

namespace relo::stages {

struct layout_sections {
  static constexpr const char* name = "layout_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    if (const errc e = detail::sort_named(load); e != errc::ok) return e;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (!load.is_loaded(i))
        if (const errc e = load.named.empty()
                               ? place_section(load, i, load.image.section(i).sh_flags())
                               : place_with_namesakes(load, i);
            e != errc::ok)
          return e;
    // Not sections, but as much the module's: what unload() will call, and its parameters.
    if (load.destructors_size != 0)
      if (const errc e =
              load.reserve(mem_type::rodata, load.destructors_size, sizeof(addr), load.destructors);
          e != errc::ok)
        return load.fail(e);
    if (const std::size_t length = elf::name{load.options.args}.size(); length != 0)
      if (const errc e = load.reserve(mem_type::data, static_cast<addr>(length + 1), 1, load.args);
          e != errc::ok)
        return load.fail(e);
    return load.image.commons() == 0 ? errc::ok : detail::layout_commons(load);
  }

 private:
  /// Sections of one name are of one memory type, which allows what any of them needs.
  template <class Load>
  [[gnu::noinline]] static constexpr errc place_with_namesakes(Load& load, std::uint32_t i) {
    using addr = typename Load::addr;
    const auto s = load.image.section(i);
    addr flags = s.sh_flags();
    if (!detail::is_named(load, s)) return place_section(load, i, flags);

    const typename Load::image_type::kept_name called{load.image.section_name(s)};
    const std::span<addr> same =
        detail::sections_named(load, [&](const auto& name) { return called.compare(name); });
    if (same.empty()) return place_section(load, i, flags);  // it reads differently by now
    const auto section = [&](addr n) { return static_cast<std::uint32_t>(n); };
    for (const addr n : same) flags |= load.image.section(section(n)).sh_flags();
    constexpr addr both = elf::shf::write | elf::shf::execinstr;
    if ((flags & both) == both && same.size() > 1)
      return load.fail(errc::writable_and_executable, {.section = i});
    for (const addr n : same)
      if (const errc e = place_section(load, section(n), flags); e != errc::ok) return e;
    return errc::ok;
  }

  template <class Load>
  [[gnu::always_inline]] static constexpr errc place_section(Load& load, std::uint32_t i,
                                                             typename Load::addr flags) {
    using addr = typename Load::addr;
    const auto s = load.image.section(i);
    if (s.sh_type() == elf::sht::null || load.is_loaded(i)) return errc::ok;
    const auto called = load.image.section_name(s);
    const mem_type type = load.loader.classifier().classify(called, flags, s.sh_type());
    if (type == mem_type::in_image) return errc::ok;
    if (s.sh_size() > place<addr>::max_offset)
      return load.fail(errc::section_too_large, {.section = i, .value = s.sh_size()});
    if (is_init_fragment(called, flags, s.sh_size()))
      return load.fail(errc::init_fragment, {.section = i});
    // The header is read again, and an allocator knows powers of two only.
    const addr align = s.sh_addralign();
    if ((align & (align - 1)) != 0)
      return load.fail(errc::bad_alignment, {.section = i, .value = align});
    place<addr> at;
    if (const errc e = load.reserve(type, s.sh_size(), align, at); e != errc::ok)
      return load.fail(e, {.section = i, .value = s.sh_size()});
    load.places[i] = at.encode();
    if (detail::array_priority(called, detail::destruction) != detail::no_array)
      load.destructors_size = static_cast<addr>(load.destructors_size + s.sh_size());
    return errc::ok;
  }
};

}  // namespace relo::stages
