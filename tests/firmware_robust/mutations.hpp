// Objects with one field changed. Offsets of fields are those of the gABI's Elf32 records; nothing
// of the loader's own reading is used.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace robust {

struct field {
  const char* name;
  std::uint8_t offset, bytes;
};

// clang-format off
inline constexpr field header_fields[] = {
    {"EI_MAG0", 0, 1}, {"EI_MAG1", 1, 1}, {"EI_MAG2", 2, 1}, {"EI_MAG3", 3, 1}, {"EI_CLASS", 4, 1},
    {"EI_DATA", 5, 1}, {"EI_VERSION", 6, 1}, {"EI_OSABI", 7, 1}, {"EI_ABIVERSION", 8, 1},
    {"EI_PAD", 9, 4}, {"EI_PAD", 13, 3},
    {"e_type", 16, 2}, {"e_machine", 18, 2}, {"e_version", 20, 4}, {"e_entry", 24, 4},
    {"e_phoff", 28, 4}, {"e_shoff", 32, 4}, {"e_flags", 36, 4}, {"e_ehsize", 40, 2},
    {"e_phentsize", 42, 2}, {"e_phnum", 44, 2}, {"e_shentsize", 46, 2}, {"e_shnum", 48, 2},
    {"e_shstrndx", 50, 2}};
inline constexpr field section_fields[] = {
    {"sh_name", 0, 4}, {"sh_type", 4, 4}, {"sh_flags", 8, 4}, {"sh_addr", 12, 4},
    {"sh_offset", 16, 4}, {"sh_size", 20, 4}, {"sh_link", 24, 4}, {"sh_info", 28, 4},
    {"sh_addralign", 32, 4}, {"sh_entsize", 36, 4}};
inline constexpr field symbol_fields[] = {
    {"st_name", 0, 4}, {"st_value", 4, 4}, {"st_size", 8, 4}, {"st_info", 12, 1},
    {"st_other", 13, 1}, {"st_shndx", 14, 2}};
inline constexpr field record_fields[] = { // the last is Elf32_Rela's only
    {"r_offset", 0, 4}, {"type in r_info", 4, 1}, {"symbol in r_info", 5, 3}, {"r_addend", 8, 4}};
// clang-format on

/// One changed field.
struct mutation {
  const char* record;  ///< "section", "symbol", "relocation of section", "" (the header's)
  const char* field;
  std::uint32_t section, index, at, bytes, value, was;
};

inline std::uint32_t word(const unsigned char* p, std::uint32_t bytes = 4) {
  std::uint32_t v = 0;
  for (std::uint32_t i = bytes; i-- > 0;) v = v << 8 | p[i];
  return v;
}
inline void set_word(unsigned char* p, std::uint32_t bytes, std::uint32_t v) {
  for (std::uint32_t i = 0; i < bytes; ++i, v >>= 8) p[i] = static_cast<unsigned char>(v);
}

/// An object that its compiler wrote, so that nothing need be checked.
struct object {
  std::span<const unsigned char> bytes;

  std::uint32_t sections() const { return word(&bytes[48], 2); }
  std::uint32_t header(std::uint32_t i) const { return word(&bytes[32]) + 40 * i; }
  std::uint32_t type(std::uint32_t i) const { return word(&bytes[header(i) + 4]); }
  std::uint32_t offset(std::uint32_t i) const { return word(&bytes[header(i) + 16]); }
  std::uint32_t size(std::uint32_t i) const { return word(&bytes[header(i) + 20]); }
  std::uint32_t link(std::uint32_t i) const { return word(&bytes[header(i) + 24]); }
  std::uint32_t info(std::uint32_t i) const { return word(&bytes[header(i) + 28]); }
  std::uint32_t entry(std::uint32_t i) const { return word(&bytes[header(i) + 36]); }
  bool is_symbols(std::uint32_t i) const { return type(i) == 2; }
  bool is_relocations(std::uint32_t i) const { return type(i) == 4 || type(i) == 9; }
};

/// What a field that says `was` is set to; answers how many values. `limit`: the first that is too
/// large, or about that.
inline std::size_t interesting(const object& o, std::uint32_t was, std::uint32_t bytes,
                               std::uint32_t limit, std::uint32_t (&out)[10]) {
  const std::uint32_t ones = ~std::uint32_t{0} >> (32 - 8 * bytes), high = ones ^ ones >> 1;
  const auto size = static_cast<std::uint32_t>(o.bytes.size());
  const std::uint32_t values[] = {0,    1,    ones,     was + 1, was - 1,
                                  high, size, size + 1, limit,   limit + 1};
  std::size_t n = 0;
  for (std::uint32_t v : values) {
    v &= ones;
    bool again = v == was;
    for (std::size_t i = 0; i < n; ++i) again = again || out[i] == v;
    if (!again) out[n++] = v;
  }
  return n;
}

/// f(mutation) for each: all fields of the header and of each section header, and of at most
/// `symbols` symbols and `relocations` records of each relocation section, evenly spread.
template <class F>
void for_each_mutation(const object& o, std::uint32_t symbols, std::uint32_t relocations, F&& f) {
  const auto file = static_cast<std::uint32_t>(o.bytes.size());
  std::uint32_t symbol_count = 0;
  for (std::uint32_t i = 1; i < o.sections(); ++i)
    if (o.is_symbols(i)) symbol_count = o.size(i) / 16;
  // limit(field): see interesting()
  const auto each = [&](const char* record, std::uint32_t section, std::uint32_t index,
                        std::uint32_t begin, std::span<const field> fields, auto limit) {
    for (const field& d : fields) {
      mutation m{record, d.name, section, index, begin + d.offset, d.bytes, 0, 0};
      m.was = word(&o.bytes[m.at], m.bytes);
      std::uint32_t values[10];
      const std::size_t n = interesting(o, m.was, m.bytes, limit(d.name), values);
      for (std::size_t i = 0; i < n; ++i) {
        m.value = values[i];
        f(m);
      }
    }
  };
  const auto some = [&](const char* record, std::uint32_t section, std::uint32_t most,
                        std::span<const field> fields, auto limit) {
    const std::uint32_t size = o.entry(section), count = o.size(section) / size,
                        n = count < most ? count : most;
    for (std::uint32_t k = 0; k < n; ++k) {
      const std::uint32_t i = k * count / n;
      each(record, section, i, o.offset(section) + i * size, fields, limit);
    }
  };
  const auto is = [](const char* a, const char* b) { return std::strcmp(a, b) == 0; };

  each("header", 0, 0, 0, header_fields, [&](const char* field) {
    return is(field, "e_shoff") ? file - 40 * o.sections() : o.sections();
  });
  for (std::uint32_t i = 0; i < o.sections(); ++i) {
    each("header of section", i, 0, o.header(i), section_fields, [&](const char* field) {
      return is(field, "sh_size")     ? file - o.offset(i)
             : is(field, "sh_offset") ? file - o.size(i)
             : is(field, "sh_info")   ? symbol_count
                                      : o.sections();
    });
    if (o.is_symbols(i))
      some("symbol in section", i, symbols, symbol_fields, [&](const char* field) {
        return is(field, "st_name") ? o.size(o.link(i)) : o.sections();
      });
    if (o.is_relocations(i))
      some("relocation in section", i, relocations,
           std::span{record_fields}.first(o.type(i) == 4 ? 4 : 3), [&](const char* field) {
             return is(field, "r_offset") ? o.size(o.info(i)) - 3 : symbol_count;
           });
  }
}

}  // namespace robust
