// What a debugger must be told of modules: where their sections are. As text, in the module's own
// memory, so that it costs what the module's sections need and goes when the module goes.
#pragma once

#include <relo/load_info.hpp>

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

/// Calls write(character) for each of " -s NAME 0xADDRESS", for each section that is loaded; those
/// that are returned after init, or the others.
template <class Load, class Write>
void list_sections(Load& load, bool init, Write write) {
  for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
    const auto s = load.image.section(i);
    const auto at = load.place_of(i);
    if (at.type == relo::mem_type::in_image || is_init(at.type) != init || s.sh_size() == 0)
      continue;
    relo::text<128> part;
    part << " -s " << load.image.section_name(s) << " 0x";
    const auto address = load.mod->memory(at.type).address + at.offset;
    for (int shift = 28; shift >= 0; shift -= 4) part << "0123456789abcdef"[address >> shift & 15];
    for (const char* c = part.c_str(); *c != '\0'; ++c) write(*c);
  }
}

/// After layout_sections: makes room for the list.
struct reserve_section_list {
  static constexpr const char* name = "reserve_section_list";
  static inline std::uint32_t offset = 0;

  template <class Load>
  relo::errc run(Load& load) const {
    std::uint32_t size = 1;
    for (const bool init : {false, true}) list_sections(load, init, [&](char) { ++size; });
    relo::place<typename Load::addr> at;
    const relo::errc e = load.reserve(relo::mem_type::rodata, size, 1, at);
    offset = at.offset;
    return e == relo::errc::ok ? e : load.fail(e);
  }
};

/// Before complete_formation: writes it.
struct write_section_list {
  static constexpr const char* name = "write_section_list";

  template <class Load>
  relo::errc run(Load& load) const {
    unsigned char* to =
        load.mod->memory(relo::mem_type::rodata).bytes.data() + reserve_section_list::offset;
    const auto write = [&](char c) { *to++ = static_cast<unsigned char>(c); };
    const char* const list = reinterpret_cast<const char*>(to);
    list_sections(load, false, write);
    if (entry* const e = entry_of(nullptr)) *e = {load.mod->name.c_str(), list, to};
    list_sections(load, true, write);
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

  template <class Load>
  relo::errc run(Load& load) const {
    if (entry* const e = entry_of(load.mod->name.c_str())) *e->init = '\0';
    modules_changed();
    return relo::errc::ok;
  }
};

}  // namespace debug
