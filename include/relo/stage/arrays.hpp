// Arrays of constructors and destructors, which an unlinked object may have several of.
#pragma once

#include <relo/load_info.hpp>
#include <relo/sort.hpp>

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

/// Those arrays' section numbers in the order of construction, in scratch memory. Sorted, for
/// an object may have thousands, each with a priority of its own.
template <class Load>
constexpr errc arrays_in_order(Load& load, const array_names& names, std::span<typename Load::addr>& out) {
  using addr = typename Load::addr;
  const auto priority = [&](addr i) {
    return array_priority(load.image.section_name(load.image.section(static_cast<std::uint32_t>(i))), names);
  };
  std::size_t count = 0;
  for (addr i = 1; i < load.image.sections(); ++i)
    if (priority(i) != no_array) ++count;
  out = load.loader.scratch().take(count);
  if (out.size() != count) return load.fail(errc::out_of_scratch, {.value = count});

  count = 0;
  for (addr i = 1; i < load.image.sections() && count < out.size(); ++i)
    if (priority(i) != no_array) out[count++] = i;
  heap_sort(
      out.size(),
      [&](std::size_t i, std::size_t k) {
        const std::uint32_t a = priority(out[i]), b = priority(out[k]);
        return a != b ? a < b : out[i] < out[k];
      },
      [&](std::size_t i, std::size_t k) {
        const addr moved = out[i];
        out[i] = out[k];
        out[k] = moved;
      });
  return errc::ok;
}

/// Calls f(address) for each relocated pointer of those arrays, in the order of construction.
/// 0 and -1 are no functions: they mark the ends of .ctors and .dtors.
template <class Load, class F>
constexpr errc for_each_pointer(Load& load, const array_names& names, F&& f) {
  using addr = typename Load::addr;
  const auto mark = load.loader.scratch().mark();
  std::span<addr> arrays;
  const errc e = arrays_in_order(load, names, arrays);
  if (e != errc::ok) return e;
  for (const addr array : arrays) {
    const auto i = static_cast<std::uint32_t>(array);
    const auto s = load.image.section(i);
    const auto bytes = load.bytes_at(load.place_of(i), s.sh_size());
    const std::size_t count = bytes.size() / sizeof(addr);
    const bool forward = load.image.section_name(s).starts_with(names.forward);
    for (std::size_t k = 0; k < count; ++k) {
      const addr function = load.load_word(bytes.data() + sizeof(addr) * (forward ? k : count - 1 - k));
      if (function != 0 && static_cast<addr>(function + 1) != 0) f(function);
    }
  }
  load.loader.scratch().release(mark);
  return errc::ok;
}

}  // namespace relo::stages::detail
