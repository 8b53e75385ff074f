// What a file is that is no object, for who is told so: by its first bytes, or its e_type.
#pragma once

#include <cstdint>

namespace relo::elf {

/// What begins like this: eight bytes as a little-endian number, zeros where the file is shorter.
/// "" if it is not known, or ELF.
constexpr const char* other_file(std::uint64_t first) noexcept {
  const auto word = static_cast<std::uint32_t>(first);
  switch (first) {
    case 0x0a3e686372613c21: return "a static library (ar): load the objects in it";
    case 0x0a3e6e6968743c21: return "a thin static library (ar): load the objects that it names";
    default: break;
  }
  switch (word) {
    case 0xdec04342:  // "BC", and what its wrapper begins with
    case 0x0b17c0de:
      return "LLVM bitcode, compiled with -flto: link-time optimisation has no code yet";
    case 0xfeedface:
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
    case 0xbebafeca: return "Mach-O, which is for macOS: compile for ELF";
    case 0x6d736100: return "WebAssembly: compile for ELF";
    case 0x04034b50: return "compressed by zip: decompress it first";
    case 0xfd2fb528: return "compressed by zstd: decompress it first";
    case 0x184d2204: return "compressed by lz4: decompress it first";
    case 0x587a37fd: return "compressed by xz: decompress it first";
    case 0xffff0000: return "COFF, which is for Windows: compile for ELF";
    default: break;
  }
  if ((word & 0xffffff) == 0x685a42) return "compressed by bzip2: decompress it first";
  switch (word & 0xffff) {
    case 0x8b1f: return "compressed by gzip: decompress it first";
    case 0x5a4d: return "PE, which is for Windows: compile for ELF";
    case 0x014c:  // an object's machine: i386, x86-64, ARM, AArch64
    case 0x8664:
    case 0x01c4:
    case 0xaa64: return "COFF, which is for Windows: compile for ELF";
    default: break;
  }
  bool text = word != 0;
  for (std::uint64_t rest = first; rest != 0; rest >>= 8) {
    const std::uint64_t c = rest & 0xff;
    text = text && ((c >= ' ' && c <= '~') || (c >= '\t' && c <= '\r'));
  }
  return text ? "text: a source file is compiled first, by -c" : "";
}

/// What an ELF file of that e_type is, if it is none of ours.
constexpr const char* other_elf_file(std::uint64_t e_type) noexcept {
  switch (e_type) {
    case 2: return "an executable, which is linked: load what -c makes";
    case 3: return "a shared library or an executable, which is linked: load what -c makes";
    case 4: return "a core dump";
    default: return "";
  }
}

}  // namespace relo::elf
