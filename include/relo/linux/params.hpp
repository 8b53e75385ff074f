// Module parameters. Kernel: kernel/params.c, struct kernel_param in linux/moduleparam.h.
#pragma once

#include <relo/linux/param_type.hpp>
#include <relo/load_info.hpp>

namespace relo::kmod {

namespace detail {

/// struct kernel_param in the module's own memory.
template <class Addr>
struct kernel_param {
  static constexpr std::size_t name = 0, ops = 2 * sizeof(Addr);
  static constexpr std::size_t arg = align_up(3 * sizeof(Addr) + 4, sizeof(Addr));
  static constexpr std::size_t size = arg + sizeof(Addr);
};

/// Kernel: dash2underscore(), parameq().
template <class Bytes>
constexpr bool same_parameter(const Bytes& given, const unsigned char* name) noexcept {
  const auto dash = [](unsigned char c) { return c == '-' ? static_cast<unsigned char>('_') : c; };
  for (std::size_t i = 0;; ++i) {
    if (dash(given[i]) != dash(name[i])) return false;
    if (given[i] == 0) return true;
  }
}

/// Kernel: kstrtobool(). No value means yes.
constexpr bool parse_bool(const unsigned char* s, bool& out) noexcept {
  if (s == nullptr) return out = true;
  switch (*s) {
    case 'y':
    case 'Y':
    case 't':
    case 'T':
    case '1': return out = true;
    case 'n':
    case 'N':
    case 'f':
    case 'F':
    case '0': return out = false, true;
    case 'o':
    case 'O':
      if (s[1] == 'n' || s[1] == 'N') return out = true;
      if (s[1] == 'f' || s[1] == 'F') return out = false, true;
      return false;
    default: return false;
  }
}

/// Kernel: kstrtoint() with base 0.
constexpr bool parse_int(const unsigned char* s, std::int32_t& out) noexcept {
  if (s == nullptr) return false;
  const bool negative = *s == '-';
  if (*s == '-' || *s == '+') ++s;
  unsigned base = 10;
  if (*s == '0') {
    base = 8;
    if ((s[1] | 0x20) == 'x') base = 16, s += 2;
  }
  const std::uint64_t limit = negative ? 0x80000000U : 0x7fffffffU;
  std::uint64_t v = 0;
  if (*s == 0) return false;
  for (; *s != 0; ++s) {
    const unsigned char c = static_cast<unsigned char>(*s | 0x20);
    const unsigned digit = *s >= '0' && *s <= '9' ? *s - unsigned{'0'}
                           : c >= 'a' && c <= 'f' ? c - unsigned{'a'} + 10U
                                                  : 99U;
    if (digit >= base || (v = v * base + digit) > limit) return false;
  }
  out = static_cast<std::int32_t>(negative ? -static_cast<std::int64_t>(v)
                                           : static_cast<std::int64_t>(v));
  return true;
}

/// Stores one value; `value` is null for a bare name. Charp parameters point into the args.
template <class Load>
constexpr errc set_parameter(Load& load, const unsigned char* record, const unsigned char* value,
                             typename Load::addr value_address) {
  using addr = typename Load::addr;
  using layout = kernel_param<addr>;
  const addr arg = load.load_word(record + layout::arg);
  const auto to = [&](addr size) { return load.mod->data_at(arg, size); };
  switch (static_cast<param_type>(load.load_word(record + layout::ops))) {
    case param_type::boolean: {
      bool v{};
      if (!parse_bool(value, v) || to(1).empty()) return errc::bad_parameter;
      to(1)[0] = v ? 1 : 0;
      return errc::ok;
    }
    case param_type::integer: {
      std::int32_t v{};
      if (!parse_int(value, v) || to(4).empty()) return errc::bad_parameter;
      store<Load::byte_order>(to(4).data(), static_cast<std::uint32_t>(v));
      return errc::ok;
    }
    case param_type::charp:
      if (value == nullptr || to(sizeof(addr)).empty()) return errc::bad_parameter;
      load.store_word(to(sizeof(addr)).data(), value_address);
      return errc::ok;
    case param_type::unknown: break;
  }
  return errc::unknown_parameter_type;
}

}  // namespace detail

/// Parses `args`, the module's own copy at `address`, NUL-terminated, and sets the parameters it
/// names. Cuts it into strings on the way, as the kernel's next_arg(): quotes keep spaces. A name
/// that is no parameter is reported by warn() and ignored. errc::bad_parameter: a value its type
/// does not take.
template <class Load>
constexpr errc parse_args(Load& load, typename Load::addr address, std::span<unsigned char> args) {
  using addr = typename Load::addr;
  using layout = detail::kernel_param<addr>;
  const auto table = load.mod->bytes_of(load.mod->parameters);
  const auto is_space = [](unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };

  // The last byte ends the last argument, whatever it is: parameters may lie in here, too.
  std::size_t at = 0;
  while (at + 1 < args.size() && args[at] != 0) {
    if (is_space(args[at])) {
      ++at;
      continue;
    }
    const bool whole_quoted = args[at] == '"';
    std::size_t begin = at + (whole_quoted ? 1 : 0), equals = 0, end = begin;
    bool quoted = whole_quoted;
    for (; end + 1 < args.size() && args[end] != 0 && (quoted || !is_space(args[end])); ++end) {
      if (equals == 0 && args[end] == '=') equals = end;
      if (args[end] == '"') quoted = !quoted;
    }
    at = args[end] == 0 ? end : end + 1;
    args[end] = 0;
    const unsigned char* value = nullptr;
    std::size_t value_at = 0;
    if (equals != 0) {
      args[equals] = 0;
      value_at = equals + 1;
      if (args[value_at] == '"') ++value_at;
      value = &args[value_at];
    }
    if (equals != 0 || whole_quoted)
      if (end > begin && end - 1 >= value_at && args[end - 1] == '"') args[end - 1] = 0;

    const unsigned char* const given = &args[begin];
    bool known = false;
    for (std::size_t p = 0; p + layout::size <= table.size() && !known; p += layout::size) {
      const unsigned char* const name =
          load.mod->name_at(load.load_word(table.data() + p + layout::name));
      if (name == nullptr)
        return load.fail(errc::bad_section_contents, {.section = load.index.param});
      known = detail::same_parameter(given, name);
      if (!known) continue;
      const errc e = detail::set_parameter(load, table.data() + p, value,
                                           static_cast<addr>(address + value_at));
      if (e != errc::ok) return load.fail(e, {}, elf::name{given});
    }
    if (!known) load.warn(errc::unknown_parameter, {}, elf::name{given});
  }
  return errc::ok;
}

}  // namespace relo::kmod
