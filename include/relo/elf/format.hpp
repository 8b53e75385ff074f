// The records of an ELF file, each described once for ELF32 and ELF64, either byte order.
//
// A record is a view: Storage is `const Byte*` into an image that is addressable, or an array
// that holds a copy of the bytes when the image is streamed. Accessors carry the gABI's names
// and state the field's offset in ELF32 and in ELF64; the compiler drops what is not read.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/elf/constants.hpp>

namespace relo::elf {

/// One of the four ELF file layouts. Align is what the tables of an image are known to be
/// aligned to (see source): it lets strict-alignment cores load words.
template <elf_class Class, std::endian Data>
struct format {
  static constexpr elf_class file_class = Class;
  static constexpr std::endian byte_order = Data;
  static constexpr elf_data data = Data == std::endian::little ? elf_data::lsb : elf_data::msb;
  static constexpr bool is_64 = Class == elf_class::elf64;

  /// A target address, offset or size (Elf32_Addr, Elf64_Xword, ...).
  using addr = std::conditional_t<is_64, std::uint64_t, std::uint32_t>;
};

using elf32le = format<elf_class::elf32, std::endian::little>;
using elf32be = format<elf_class::elf32, std::endian::big>;
using elf64le = format<elf_class::elf64, std::endian::little>;
using elf64be = format<elf_class::elf64, std::endian::big>;

/// What all records share: reading a field at the offset of this class.
template <class Format, class Storage, std::size_t Align>
class record {
 public:
  using addr = typename Format::addr;
  explicit constexpr record(Storage bytes) noexcept : bytes_(bytes) {}

 protected:
  template <std::unsigned_integral T>
  constexpr T at(std::size_t in_elf32, std::size_t in_elf64) const noexcept {
    return read_aligned<T, Format::byte_order, Align>(&bytes_[0] +
                                                      (Format::is_64 ? in_elf64 : in_elf32));
  }

 private:
  Storage bytes_;
};

template <class Format, class Storage, std::size_t Align = 1>
struct ehdr : record<Format, Storage, Align> {
  static constexpr std::size_t size = Format::is_64 ? 64 : 52;
  using record<Format, Storage, Align>::record;
  using typename record<Format, Storage, Align>::addr;
  using half = std::uint16_t;

  // e_ident is bytes: magic 0..3, EI_CLASS 4, EI_DATA 5, EI_VERSION 6, EI_OSABI 7.
  constexpr unsigned char e_ident(std::size_t i) const noexcept {
    return this->template at<unsigned char>(i, i);
  }
  constexpr half e_type() const noexcept { return this->template at<half>(16, 16); }
  constexpr half e_machine() const noexcept { return this->template at<half>(18, 18); }
  constexpr std::uint32_t e_version() const noexcept {
    return this->template at<std::uint32_t>(20, 20);
  }
  constexpr addr e_shoff() const noexcept { return this->template at<addr>(32, 40); }
  constexpr std::uint32_t e_flags() const noexcept {
    return this->template at<std::uint32_t>(36, 48);
  }
  constexpr half e_shentsize() const noexcept { return this->template at<half>(46, 58); }
  constexpr half e_shnum() const noexcept { return this->template at<half>(48, 60); }
  constexpr half e_shstrndx() const noexcept { return this->template at<half>(50, 62); }
};

template <class Format, class Storage, std::size_t Align = 1>
struct shdr : record<Format, Storage, Align> {
  static constexpr std::size_t size = Format::is_64 ? 64 : 40;
  using record<Format, Storage, Align>::record;
  using typename record<Format, Storage, Align>::addr;
  using word = std::uint32_t;

  constexpr word sh_name() const noexcept { return this->template at<word>(0, 0); }
  constexpr word sh_type() const noexcept { return this->template at<word>(4, 4); }
  constexpr addr sh_flags() const noexcept { return this->template at<addr>(8, 8); }
  constexpr addr sh_addr() const noexcept { return this->template at<addr>(12, 16); }
  constexpr addr sh_offset() const noexcept { return this->template at<addr>(16, 24); }
  constexpr addr sh_size() const noexcept { return this->template at<addr>(20, 32); }
  constexpr word sh_link() const noexcept { return this->template at<word>(24, 40); }
  constexpr word sh_info() const noexcept { return this->template at<word>(28, 44); }
  constexpr addr sh_addralign() const noexcept { return this->template at<addr>(32, 48); }
  constexpr addr sh_entsize() const noexcept { return this->template at<addr>(36, 56); }
};

template <class Format, class Storage, std::size_t Align = 1>
struct sym : record<Format, Storage, Align> {
  static constexpr std::size_t size = Format::is_64 ? 24 : 16;
  using record<Format, Storage, Align>::record;
  using typename record<Format, Storage, Align>::addr;

  constexpr std::uint32_t st_name() const noexcept {
    return this->template at<std::uint32_t>(0, 0);
  }
  constexpr addr st_value() const noexcept { return this->template at<addr>(4, 8); }
  constexpr addr st_size() const noexcept { return this->template at<addr>(8, 16); }
  constexpr unsigned char st_info() const noexcept {
    return this->template at<unsigned char>(12, 4);
  }
  constexpr unsigned char st_other() const noexcept {
    return this->template at<unsigned char>(13, 5);
  }
  constexpr std::uint16_t st_shndx() const noexcept {
    return this->template at<std::uint16_t>(14, 6);
  }

  constexpr unsigned bind() const noexcept { return st_info() >> 4; }
  constexpr unsigned type() const noexcept { return st_info() & 0xfU; }
};

/// A relocation record; HasAddend tells Elf_Rela from Elf_Rel.
template <class Format, bool HasAddend, class Storage, std::size_t Align = 1>
struct rel : record<Format, Storage, Align> {
  static constexpr bool has_addend = HasAddend;
  static constexpr std::size_t size =
      (Format::is_64 ? 16 : 8) + (HasAddend ? (Format::is_64 ? 8 : 4) : 0);
  using record<Format, Storage, Align>::record;
  using typename record<Format, Storage, Align>::addr;

  constexpr addr r_offset() const noexcept { return this->template at<addr>(0, 0); }
  constexpr addr r_info() const noexcept { return this->template at<addr>(4, 8); }
  constexpr addr r_addend() const noexcept
    requires HasAddend
  {
    return this->template at<addr>(8, 16);
  }

  constexpr std::uint32_t r_sym() const noexcept {
    return static_cast<std::uint32_t>(r_info() >> (Format::is_64 ? 32 : 8));
  }
  constexpr std::uint32_t r_type() const noexcept {
    return static_cast<std::uint32_t>(r_info() & (Format::is_64 ? 0xffffffffU : 0xffU));
  }
};

/// A bare word of a table, as in SHT_SYMTAB_SHNDX.
template <class Format, class Storage, std::size_t Align = 1>
struct word : record<Format, Storage, Align> {
  static constexpr std::size_t size = 4;
  using record<Format, Storage, Align>::record;
  constexpr std::uint32_t value() const noexcept { return this->template at<std::uint32_t>(0, 0); }
};

}  // namespace relo::elf
