// Arrays of constructors and destructors, which an unlinked object may have several of.
#pragma once

#include <relo/base/role.hpp>
#include <relo/base/sort.hpp>
#include <relo/load_info.hpp>
#include <relo/memory/scratch.hpp>

namespace relo {

/// In which order a module's constructors run; its destructors run in the reverse.
///  - sorted says whether they are sorted by their priorities, or run as the object has them.
/// Its examples are by_priority and in_file_order.
template <class C>
concept constructors_policy = requires {
  { C::sorted } -> std::convertible_to<bool>;
};

/// By priority, as a linker would order them (GNU ld: SORT_BY_INIT_PRIORITY), those of .ctors
/// and .dtors too. Takes two words of scratch memory an array, for a while.
struct by_priority {
  using role = role::constructors;
  static constexpr bool sorted = true;
};
/// As the object has them, in .preinit_array and .init_array: for objects whose constructors have
/// no priorities, in less code. Of several .fini_array the last one runs; destructors of C++
/// objects are usually not there, but registered with __cxa_atexit or __aeabi_atexit.
struct in_file_order {
  using role = role::constructors;
  static constexpr bool sorted = false;
};

}  // namespace relo

namespace relo::stages::detail {

/// The names under which compilers emit such an array: a pointer array that runs forward, the older
/// one that runs backward, and one that runs forward before either (gABI: .preinit_array).
struct array_names {
  const char* forward;
  const char* backward;
  const char* before;
};
inline constexpr array_names construction{".init_array", ".ctors", ".preinit_array"};
inline constexpr array_names destruction{".fini_array", ".dtors", nullptr};

inline constexpr std::uint32_t no_array = 0xffffffff, last_priority = 65536;

/// When an array of that name runs, 0 first. Of .init_array and .ctors, ".init_array.00101" is 101,
/// ".ctors.65434" is 65535 - 65434 = 101, no number is last (GNU ld: SORT_BY_INIT_PRIORITY); and
/// all of .preinit_array comes before them.
template <class Name>
constexpr std::uint32_t array_priority(const Name& name, const array_names& names) noexcept {
  for (const char* prefix : {names.before, names.forward, names.backward}) {
    if (prefix == nullptr || !name.starts_with(prefix)) continue;
    const std::uint32_t first = prefix == names.before ? 0 : last_priority + 1;
    std::size_t at = elf::name{prefix}.size();
    if (name[at] == '\0') return first + last_priority;
    if (name[at] != '.') return no_array;
    std::uint32_t number = 0;
    for (++at; name[at] >= '0' && name[at] <= '9' && number < last_priority; ++at)
      number = number * 10 + static_cast<std::uint32_t>(name[at] - '0');
    if (name[at] != '\0' || number >= last_priority) return first + last_priority;
    return first + (prefix == names.backward ? 65535 - number : number);
  }
  return no_array;
}

/// Those arrays in the order of construction, in scratch memory: the place of each, then for each
/// its size and direction. Sorted, for an object may have thousands of priorities; and read to the
/// end, for no medium shall fail when half the constructors have run.
template <class Load>
constexpr errc arrays_in_order(Load& load, const array_names& names,
                               std::span<typename Load::addr>& out) {
  using addr = typename Load::addr;
  const auto section = [&](addr i) { return load.image.section(static_cast<std::uint32_t>(i)); };
  const auto priority = [&](addr i) {
    return array_priority(load.image.section_name(section(i)), names);
  };
  std::size_t count = 0;
  for (addr i = 1; i < load.image.sections(); ++i)
    if (priority(i) != no_array) ++count;
  if (load.image.source().failed()) return errc::read_failed;
  if (count == 0) return errc::ok;
  out = load.loader.scratch().take(2 * count);
  if (out.size() != 2 * count) return load.out_of_scratch(out.size());

  const auto numbers = out.first(count), sizes = out.subspan(count);
  std::size_t next = 0;
  for (addr i = 1; i < load.image.sections() && next < count; ++i)
    if (priority(i) != no_array) numbers[next++] = i;
  heap_sort(
      count,
      [&](std::size_t i, std::size_t k) {
        const std::uint32_t a = priority(numbers[i]), b = priority(numbers[k]);
        return a != b ? a < b : numbers[i] < numbers[k];
      },
      [&](std::size_t i, std::size_t k) {
        const addr moved = numbers[i];
        numbers[i] = numbers[k];
        numbers[k] = moved;
      });
  for (std::size_t i = 0; i < count; ++i) {
    const auto s = section(numbers[i]);
    const bool backward = load.image.section_name(s).starts_with(names.backward);
    sizes[i] = static_cast<addr>(s.sh_size() << 1 | (backward ? 0 : 1));
    numbers[i] = load.place_of(static_cast<std::uint32_t>(numbers[i])).encode();
  }
  return load.image.source().failed() ? errc::read_failed : errc::ok;
}

/// Calls f(address) for each relocated pointer of those arrays, in the order of construction.
/// 0 and -1 are no functions: they mark the ends of .ctors and .dtors.
template <class Load, class F>
constexpr errc for_each_pointer_by_priority(Load& load, const array_names& names, F&& f) {
  using addr = typename Load::addr;
  const scratch_use used{load.loader.scratch()};
  std::span<addr> arrays;
  const errc e = arrays_in_order(load, names, arrays);
  if (e != errc::ok) return e;
  for (std::size_t i = 0; i < arrays.size() / 2; ++i) {
    const addr size = arrays[arrays.size() / 2 + i];
    const auto bytes = load.bytes_at(Load::place_type::decode(arrays[i]), size >> 1);
    const std::size_t count = bytes.size() / sizeof(addr);
    for (std::size_t k = 0; k < count; ++k) {
      const addr function =
          load.read_word(bytes.data() + sizeof(addr) * ((size & 1) != 0 ? k : count - 1 - k));
      if (function != 0 && static_cast<addr>(function + 1) != 0) f(function);
    }
  }
  return errc::ok;
}
/// The same for .preinit_array and .init_array, as the object has them.
template <class Load, class F>
constexpr errc for_each_constructor_in_file_order(Load& load, F&& f) {
  using addr = typename Load::addr;
  using namespace elf::sht;
  for (std::uint32_t i = load.image.first_special(); i < load.image.sections(); ++i) {
    const auto s = load.image.section(i);
    if (((s.sh_type() - init_array) & ~(preinit_array - init_array)) != 0) continue;
    const unsigned char* p = load.section_data(i, s.sh_size());
    if (p == nullptr) continue;
    for (addr n = s.sh_size() / sizeof(addr); n != 0; --n, p += sizeof(addr)) f(load.read_word(p));
  }
  return errc::ok;
}

}  // namespace relo::stages::detail
