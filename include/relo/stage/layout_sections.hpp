// layout_sections: where each section will be in the module, by memory type and in file order;
// right after the first of a name that is a C identifier come the others of that name. A section
// that an earlier stage has placed keeps its place.
#pragma once

#include <relo/layout/classify.hpp>
#include <relo/stage/arrays.hpp>
#include <relo/stage/named_sections.hpp>

namespace relo::stages {

struct layout_sections {
  static constexpr const char* name = "layout_sections";
  using undo = nothing_to_undo;
  using needs = facets<facet::places>;
  using gives = facets<facet::layout>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    errc e = errc::ok;
    if constexpr (Load::checked_first) e = place_all(load);
    else e = check_and_place_all(load);
    if (e != errc::ok) return e;
    // Not sections, but as much the module's: what unload() will call, and its parameters.
    if constexpr (Load::loader_type::keeps_sorted_destructors)
      if (load.destructors_size != 0)
        if (e = reserve(load, mem_type::rodata, load.destructors_size, sizeof(addr),
                        load.destructors);
            e != errc::ok)
          return e;
    if constexpr (Load::has_parameters)
      if (const std::size_t length = elf::name{load.options.args}.size(); length != 0)
        return reserve(load, mem_type::data, length + 1, 1, load.args);
    return errc::ok;
  }

  /// A section's name, for classifiers: "" if nobody has checked that there are names.
  template <class Load, class Header>
  static constexpr auto name_of(Load& load, const Header& s) noexcept {
    if constexpr (Load::knows_names) return load.image.section_name(s);
    else return elf::name{""};
  }

 private:
  template <class Load>
  static constexpr errc place_all(Load& load) {
    if (const errc e = detail::sort_named(load); e != errc::ok) return e;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (const errc e = load.named.empty() ? place_section(load, i, load.image.section(i))
                                            : place_with_namesakes(load, i);
          e != errc::ok)
        return e;
    return errc::ok;
  }
  /// Of an object of which nobody has looked at more than the header. By itself, it has registers
  /// enough.
  template <class Load>
  [[gnu::noinline]] static constexpr errc check_and_place_all(Load& load) {
    const auto fail = [&](errc code, const auto& at) { return load.fail(code, at); };
    std::uint32_t contents = 0;  // the flags of what is not empty
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (const errc e = load.image.check_section(i, s, fail); e != errc::ok) return e;
      if (s.sh_size() != 0) contents |= static_cast<std::uint32_t>(s.sh_flags());
      if (const errc e = place_section(load, i, s); e != errc::ok) return e;
    }
    // What GCC's -flto makes has only sections that no linker copies, and nothing to load.
    if ((contents & (elf::shf::exclude | elf::shf::alloc)) == elf::shf::exclude)
      return load.fail(errc::slim_lto);
    return load.image.check_symbol_strings(fail);
  }

  template <class Load>
  static constexpr errc reserve(Load& load, mem_type type, typename Load::wide size,
                                typename Load::addr align, typename Load::place_type& out) {
    const errc e = load.reserve(type, static_cast<typename Load::addr>(size), align, out);
    return e == errc::ok ? e : load.fail(e);
  }

  /// Sections of one name are of one memory type, which allows what any of them needs.
  template <class Load>
  [[gnu::noinline]] static constexpr errc place_with_namesakes(Load& load, std::uint32_t i) {
    using addr = typename Load::addr;
    const auto s = load.image.section(i);
    addr flags = s.sh_flags();
    if (!detail::is_named(load, s)) return place_section(load, i, s);

    const typename Load::image_type::kept_name called{load.image.section_name(s)};
    const std::span<addr> same =
        detail::sections_named(load, [&](const auto& name) { return called.compare(name); });
    if (same.empty()) return place_section(load, i, s);  // it reads differently by now
    const auto section = [&](addr n) { return static_cast<std::uint32_t>(n); };
    for (const addr n : same) flags |= load.image.section(section(n)).sh_flags();
    constexpr addr both = elf::shf::write | elf::shf::execinstr;
    if ((flags & both) == both && same.size() > 1)
      return load.fail(errc::writable_and_executable, in_section(i));
    for (const addr n : same)
      if (const errc e = place_section(load, section(n), load.image.section(section(n)), flags);
          e != errc::ok)
        return e;
    return errc::ok;
  }

  template <class Load, class Header>
  [[gnu::always_inline]] static constexpr errc place_section(Load& load, std::uint32_t i,
                                                             const Header& s) {
    return place_section(load, i, s, s.sh_flags());
  }
  template <class Load, class Header>
  [[gnu::always_inline]] static constexpr errc
  place_section(Load& load, std::uint32_t i, const Header& s, typename Load::addr flags) {
    using addr = typename Load::addr;
    using place = typename Load::place_type;
    if (s.sh_type() == elf::sht::null || load.places[i] != 0) return errc::ok;
    const auto called = name_of(load, s);
    const mem_type type = load.loader.classifier().classify(called, flags, s.sh_type());
    if (type == mem_type::in_image) return errc::ok;
    if constexpr (Load::knows_names)
      if (i < load.first_table && called[0] != '.') load.first_table = i;
    if constexpr (Load::in_place)
      if (s.sh_offset() < place::max_offset && stays(load.image, i, s)) {
        load.places[i] = place{mem_type::in_image, s.sh_offset()}.encode();
        return errc::ok;
      }
    if constexpr (Load::checked_first)
      if (s.sh_size() > place::max_offset)
        return load.fail(errc::section_too_large, in_section(i, s.sh_size()));
    if constexpr (Load::knows_names)
      if (is_init_fragment(called, flags, s.sh_size()))
        return load.fail(errc::init_fragment, in_section(i));
    const addr align = s.sh_addralign();
    // The header is read again, and an allocator knows powers of two only.
    if constexpr (!Load::image_type::addressable)
      if ((align & (align - 1)) != 0) return load.fail(errc::bad_alignment, in_section(i, align));
    place at;
    if (const errc e = load.reserve(type, s.sh_size(), align, at); e != errc::ok)
      return load.fail(e, in_section(i, s.sh_size()));
    load.places[i] = at.encode();
    if constexpr (Load::loader_type::keeps_sorted_destructors)
      if (detail::array_priority(called, detail::destruction) != detail::no_array)
        load.destructors_size = static_cast<addr>(load.destructors_size + s.sh_size());
    return errc::ok;
  }
};

}  // namespace relo::stages
