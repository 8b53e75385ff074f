// What the kernel itself exports: the tables of its image, or tables that a program has for it.
#pragma once

#include <relo/linux/policy/exports.hpp>
#include <relo/symbol/export_table.hpp>

namespace relo::kmod {

/// A section of a kernel's image: its name in vmlinux, where it is in the kernel, its contents.
template <class Addr>
struct image_section {
  const char* name;
  Addr address;
  std::span<const unsigned char> bytes;
};

/// A symbols policy: the tables that a kernel's linker script made, of the sections __ksymtab,
/// __kcrctab and the others of export_sections, or as many as the generation has of them; the names
/// are in whichever of the sections they point into (__ksymtab_strings, .rodata).
///
/// RecordFormat is how that kernel writes struct kernel_symbol: prel32_ksymtab, or relative_ksymtab
/// of two words up to 5.3; without CONFIG_HAVE_ARCH_PREL32_RELOCATIONS, absolute_ksymtab.
///
/// Refers to the sections and their bytes, which outlive it.
template <generation G, class Addr,
          template <class, std::endian> class RecordFormat = prel32_ksymtab,
          std::endian Order = std::endian::little>
class symsearch_tables {
 public:
  using role = relo::role::symbols;

  explicit constexpr symsearch_tables(std::span<const image_section<Addr>> sections) noexcept
      : image_{sections} {
    for (std::size_t i = 0; i < export_tables<G>; ++i)
      tables_[i] = {image_.find(export_sections[i].symbols), image_.find(export_sections[i].crcs)};
  }

  /// `out` may be a kernel_symbol.
  template <class Name, class Symbol>
  constexpr bool find(const Name& name, bool gpl_ok, Symbol& out) const noexcept {
    return find_exported_symbol<RecordFormat, Order>(image_, tables_, name, gpl_ok, out);
  }

 private:
  /// What a search asks of where tables are.
  struct image {
    using addr = Addr;
    std::span<const image_section<Addr>> sections;

    constexpr extent<Addr> find(const char* called) const noexcept {
      for (const auto& s : sections)
        if (elf::name{s.name} == called) return {s.address, static_cast<Addr>(s.bytes.size())};
      return {};
    }
    constexpr std::span<const unsigned char> bytes_at(Addr address, Addr size) const noexcept {
      for (const auto& s : sections) {
        const Addr offset = static_cast<Addr>(address - s.address);
        if (offset < s.bytes.size() && size <= s.bytes.size() - offset)
          return s.bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
      }
      return {};
    }
    constexpr std::span<const unsigned char> bytes_of(const extent<Addr>& e) const noexcept {
      return bytes_at(e.address, e.size);
    }
    constexpr const unsigned char* name_at(Addr address) const noexcept {
      for (const auto& s : sections)
        if (const unsigned char* const name = name_in<Addr>(s.bytes, s.address, address);
            name != nullptr)
          return name;
      return nullptr;
    }
  };

  image image_;
  symsearch_array<Addr> tables_{};
};

/// What a program that stands in for a kernel says of a symbol: its name, its address (a pointer,
/// or a number), its CRC if it has one, its namespace. An argument of exports().
template <class Address>
struct exported {
  const char* name;
  Address address;
  bool has_crc = false;
  std::uint32_t crc = 0;
  const char* name_space = "";

  constexpr exported(const char* n, Address a) noexcept : name(n), address(a) {}
  constexpr exported(const char* n, Address a, std::uint32_t c, const char* in = "") noexcept
      : name(n), address(a), has_crc(true), crc(c), name_space(in) {}
};

namespace detail {

/// What a kernel_symbol has beside a symbol.
template <bool Unused>
struct kernel_detail {
  bool has_crc;
  std::uint32_t crc;
  const char* name_space;

  template <class Addr>
  constexpr void tell(kernel_symbol<Addr>& out) const noexcept {
    out.has_crc = has_crc;
    out.crc = crc;
    out.name_space = name_space;
    out.unused = Unused;
  }
};

}  // namespace detail

/// One of the tables, sorted and checked by the compiler; symbols<...> searches several in order:
///
///     constexpr auto plain =
///         relo::kmod::exports(relo::kmod::exported{"_printk", &print, 0x92997ed8});
///     constexpr auto gpl = relo::kmod::exports<relo::export_kind::gpl>(
///         relo::kmod::exported{"ktime_get", &now, 0xb43f9365});
///     relo::symbols kernel{plain, gpl};
template <export_kind Kind = export_kind::plain, bool Unused = false, class... Addresses>
consteval auto exports(exported<Addresses>... e) {
  using detail_type = detail::kernel_detail<Unused>;
  using pointer = typename relo::detail::distinct<relo::detail::any_pointer<>, Addresses...>::type;
  using table = export_table<Kind, sizeof...(e), pointer, detail_type>;
  return table{std::array<typename table::entry, sizeof...(e)>{
      typename table::entry{e.name, e.address, detail_type{e.has_crc, e.crc, e.name_space}}...}};
}

}  // namespace relo::kmod
