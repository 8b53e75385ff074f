// layout_sections: the second address of each section, by memory type and in file order. A
// section that an earlier stage has placed keeps its place.
#pragma once

#include <relo/stage/arrays.hpp>
#include <relo/stage/commons.hpp>

namespace relo::stages {

struct layout_sections {
  static constexpr const char* name = "layout_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    addr& destructors = load.destructors_size;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (s.sh_type() == elf::sht::null) continue;
      const auto called = load.image.section_name(s);
      const mem_type type = load.loader.classifier().classify(called, s.sh_flags(), s.sh_type());
      if (type == mem_type::in_image || load.place_of(i).type != mem_type::in_image) continue;
      if (s.sh_size() > place<addr>::max_offset)
        return load.fail(errc::section_too_large, {.section = i, .value = s.sh_size()});
      if (is_init_fragment(called, s.sh_flags(), s.sh_size()))
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
        destructors = static_cast<addr>(destructors + s.sh_size());
    }
    // Not sections, but as much the module's: what unload() will call, and its parameters.
    if (destructors != 0)
      if (const errc e =
              load.reserve(mem_type::rodata, destructors, sizeof(addr), load.destructors);
          e != errc::ok)
        return load.fail(e);
    if (const std::size_t length = elf::name{load.options.args}.size(); length != 0)
      if (const errc e = load.reserve(mem_type::data, static_cast<addr>(length + 1), 1, load.args);
          e != errc::ok)
        return load.fail(e);
    return load.image.commons() == 0 ? errc::ok : detail::layout_commons(load);
  }
};

}  // namespace relo::stages
