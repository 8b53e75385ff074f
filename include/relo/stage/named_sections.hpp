// Sections whose name is a C identifier. Linkers know the bounds of such: __start_NAME is where the
// first of that name begins, __stop_NAME where the last ends, and nothing else is in between (GNU
// ld, --gc-sections and "Orphan Sections").
#pragma once

#include <relo/base/sort.hpp>
#include <relo/load_info.hpp>

namespace relo::stages::detail {

/// A longer name than any that is looked for is none: thousands of sections may bear one.
template <class Name>
constexpr bool is_c_identifier(const Name& name) noexcept {
  std::size_t i = 0;
  for (char c = name[0]; c != '\0'; c = name[++i]) {
    if (i == elf::max_name) return false;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return i != 0;
}

/// Whether it is among load.named.
template <class Load, class Header>
constexpr bool is_named(Load& load, const Header& s) noexcept {
  return (s.sh_flags() & elf::shf::alloc) != 0 && s.sh_type() != elf::sht::null &&
         is_c_identifier(load.image.section_name(s));
}

/// Fills load.named: the numbers of those sections, by name, and those of one name by number. An
/// object may have thousands.
template <class Load>
constexpr errc sort_named(Load& load) {
  using addr = typename Load::addr;
  const std::size_t count = load.named_count;
  if (count == 0) return errc::ok;
  load.named = load.loader.scratch().take(count);
  if (load.named.size() != count) return load.out_of_scratch(0);
  const auto section = [&](addr i) { return load.image.section(static_cast<std::uint32_t>(i)); };
  std::size_t n = 0;
  for (std::uint32_t i = 1; i < load.image.sections() && n < count; ++i)
    if (is_named(load, load.image.section(i))) load.named[n++] = i;
  sort_numbers(load.named, [&](addr a, addr b) {
    const typename Load::image_type::kept_name kept{load.image.section_name(section(a))};
    const int order = kept.compare(load.image.section_name(section(b)));
    return order != 0 ? order < 0 : a < b;
  });
  return errc::ok;
}

/// Those of load.named that have one name: order(name) is how the one sought compares to `name`.
template <class Load, class Order>
constexpr auto sections_named(Load& load, Order order) noexcept {
  // The first that does not come before the name; or the first that comes after it.
  const auto bound = [&](int most) {
    return count_before(load.named, [&](auto i) {
      return order(load.image.section_name(load.image.section(static_cast<std::uint32_t>(i)))) >
             most;
    });
  };
  const std::size_t begin = bound(0), end = bound(-1);
  return load.named.subspan(begin, begin < end ? end - begin : 0);
}

/// The address that a symbol of that name has if it is a bound of this module's own sections,
/// whatever others export; such a symbol is hidden.
template <class Load, class Name>
constexpr bool find_bound(Load& load, const Name& name, typename Load::addr& out) noexcept {
  const bool stop = name.starts_with("__stop_");
  if (!stop && !name.starts_with("__start_")) return false;
  const std::size_t prefix = elf::name{stop ? "__stop_" : "__start_"}.size();
  const auto same = sections_named(load, [&](const auto& section) {
    std::size_t i = 0;
    while (name[prefix + i] == section[i] && section[i] != '\0') ++i;
    return static_cast<unsigned char>(name[prefix + i]) - static_cast<unsigned char>(section[i]);
  });
  if (same.empty()) return false;
  const auto i = static_cast<std::uint32_t>(stop ? same.back() : same.front());
  if (!load.is_loaded(i)) return false;
  out = load.section_address(i);
  if (stop) out = static_cast<typename Load::addr>(out + load.image.section(i).sh_size());
  return true;
}

}  // namespace relo::stages::detail
