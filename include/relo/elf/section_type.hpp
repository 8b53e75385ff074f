// What types of sections are called.
#pragma once

#include <relo/elf/constants.hpp>

namespace relo::elf {

/// The name of a type of sections that are relocations; "" if it is none that is known.
constexpr const char* relocation_section_type(std::uint32_t sh_type) noexcept {
  switch (sh_type) {
    case sht::rel: return "SHT_REL";
    case sht::rela: return "SHT_RELA";
    case sht::relr: return "SHT_RELR";
    case sht::crel: return "SHT_CREL";
    case sht::android_rel: return "SHT_ANDROID_REL";
    case sht::android_rela: return "SHT_ANDROID_RELA";
    case sht::android_relr: return "SHT_ANDROID_RELR";
    default: return "";
  }
}

}  // namespace relo::elf
