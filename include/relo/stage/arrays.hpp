// Arrays of constructors and destructors, which an unlinked object may have several of.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages::detail {

/// The names under which compilers emit such an array: a pointer array that runs forward, and
/// the older one that runs backward.
struct array_names {
  const char* forward;
  const char* backward;
};
inline constexpr array_names construction{".init_array", ".ctors"};
inline constexpr array_names destruction{".fini_array", ".dtors"};

inline constexpr std::uint32_t no_array = 0xffffffff, last_priority = 65536;

/// When an array of that name runs, 0 first: ".init_array.00101" is 101, ".ctors.65434" is
/// 65535 - 65434 = 101, no number is last. GNU ld: SORT_BY_INIT_PRIORITY.
template <class Name>
constexpr std::uint32_t array_priority(const Name& name, const array_names& names) noexcept {
  for (const char* prefix : {names.forward, names.backward}) {
    if (!name.starts_with(prefix)) continue;
    std::size_t at = elf::name{prefix}.size();
    if (name[at] == '\0') return last_priority;
    if (name[at] != '.') return no_array;
    std::uint32_t number = 0;
    for (++at; name[at] >= '0' && name[at] <= '9' && number < last_priority; ++at)
      number = number * 10 + static_cast<std::uint32_t>(name[at] - '0');
    if (name[at] != '\0' || number >= last_priority) return last_priority;
    return prefix == names.forward ? number : 65535 - number;
  }
  return no_array;
}

/// Calls f(address) for each relocated pointer of those arrays, in the order of construction.
/// 0 and -1 are no functions: they mark the ends of .ctors and .dtors.
template <class Load, class F>
constexpr void for_each_pointer(Load& load, const array_names& names, F&& f) {
  using addr = typename Load::addr;
  // One pass a priority: there are few, and nothing need be remembered.
  for (std::uint32_t priority = 0, next = no_array; priority != no_array; priority = next, next = no_array) {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      const auto called = load.image.section_name(s);
      const std::uint32_t p = array_priority(called, names);
      if (p == no_array || p < priority) continue;
      if (p > priority) {
        if (p < next) next = p;
        continue;
      }
      const auto bytes = load.bytes_at(load.place_of(i), s.sh_size());
      const std::size_t count = bytes.size() / sizeof(addr);
      const bool forward = called.starts_with(names.forward);
      for (std::size_t k = 0; k < count; ++k) {
        const addr function = load.load_word(bytes.data() + sizeof(addr) * (forward ? k : count - 1 - k));
        if (function != 0 && static_cast<addr>(function + 1) != 0) f(function);
      }
    }
  }
}

}  // namespace relo::stages::detail
