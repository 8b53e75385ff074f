// What a debugger must be told of modules: where their sections are. As text, in the module's own
// memory, so that it costs what the module's sections need and goes when the module goes.
#pragma once

#include <relo/stage/layout_sections.hpp>

#include <cstring>

namespace debug {

/// The loaded modules, as relo.py reads them.
struct entry {
  const char* name = nullptr;      ///< null: free
  const char* sections = nullptr;  ///< " -s .text 0x20000000 -s .data 0x20000100"
  unsigned char* init = nullptr;   ///< in that list, where what is returned after init begins
};
inline entry entries[8];

/// A debugger stops here to read them again: before the first instruction of a module runs, after
/// init, and when a module goes.
[[gnu::noinline, gnu::used]] inline void modules_changed() { asm volatile(""); }

inline entry* entry_of(const char* module) {
  for (entry& e : entries)
    if (e.name == module) return &e;
  return nullptr;
}

/// Calls f(text, init) for each section that is used, with " -s NAME 0xADDRESS"; `init`: it is one
/// of those that are returned after init.
template <class Load, class F>
void for_each_section(Load& load, F f) {
  for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
    const auto s = load.image.section(i);
    const auto type =
        load.loader.classifier().classify(load.image.section_name(s), s.sh_flags(), s.sh_type());
    if (type == relo::mem_type::in_image || s.sh_size() == 0) continue;
    relo::text<128> part;
    part << " -s " << load.image.section_name(s) << " 0x";
    const auto address = load.section_address(i);
    for (int shift = 28; shift >= 0; shift -= 4) part << "0123456789abcdef"[address >> shift & 15];
    f(part, is_init(type));
  }
}

/// After layout_sections: makes room for the list, at the end of its region.
struct reserve_section_list {
  static constexpr const char* name = "reserve_section_list";
  using undo = relo::nothing_to_undo;
  static constexpr relo::mem_type type = relo::mem_type::data;
  static inline std::uint32_t offset = 0;

  template <class Load>
  relo::errc run(Load& load) const {
    std::uint32_t size = 1;
    for_each_section(
        load, [&](const auto& part, bool) { size += static_cast<std::uint32_t>(part.size()); });
    typename Load::place_type at;
    if (const relo::errc e = load.reserve(type, size, 1, at); e != relo::errc::ok)
      return load.fail(e);
    offset = at.offset;
    return relo::errc::ok;
  }
};

/// Before complete_formation: writes it. What of it is init's is written from the end, and then
/// moved to the rest, so that the section headers are read once more, and not twice.
struct write_section_list {
  static constexpr const char* name = "write_section_list";

  template <class Load>
  relo::errc run(Load& load) const {
    const auto bytes = load.mod->memory(reserve_section_list::type).bytes;
    unsigned char* const list = bytes.data() + reserve_section_list::offset;
    unsigned char *to = list, *const end = bytes.data() + bytes.size() - 1, *init_begin = end;
    for_each_section(load, [&](const auto& part, bool init) {
      // Does not fit if the file is another than it was.
      if (part.size() > static_cast<std::size_t>(init_begin - to)) return;
      std::memcpy(init ? init_begin -= part.size() : to, part.c_str(), part.size());
      if (!init) to += part.size();
    });
    std::memmove(to, init_begin, static_cast<std::size_t>(end - init_begin));
    std::memset(to + (end - init_begin), 0, static_cast<std::size_t>(init_begin - to) + 1);
    if (entry* const e = entry_of(nullptr))
      *e = {load.mod->name.c_str(), reinterpret_cast<const char*>(list), to};
    modules_changed();
    return relo::errc::ok;
  }

  template <class Loader, class Module>
  void undo(Loader&, Module& m) const noexcept {
    if (entry* const e = entry_of(m.name.c_str())) *e = {};
    modules_changed();
  }
};

/// After do_free_init: there is less now.
struct shorten_section_list {
  static constexpr const char* name = "shorten_section_list";
  using undo = relo::nothing_to_undo;

  template <class Load>
  relo::errc run(Load& load) const {
    if (entry* const e = entry_of(load.mod->name.c_str())) *e->init = '\0';
    modules_changed();
    return relo::errc::ok;
  }
};

}  // namespace debug
