// A module's parameter, set by its type. Kernel: the set functions of param_ops, kernel/params.c.
#pragma once

#include <relo/module/param_table.hpp>
#include <relo/module/param_text.hpp>
#include <relo/module/param_type.hpp>

namespace relo {

/// A parameter's value, in the module's copy of the arguments: up to a NUL, or their end.
template <class Addr>
struct param_value {
  std::span<unsigned char> bytes{};
  Addr address = 0;
  bool given = false;  ///< false: a bare name

  constexpr unsigned char operator[](std::size_t i) const noexcept {
    return i < bytes.size() ? bytes[i] : 0;
  }
  constexpr std::size_t size() const noexcept {
    std::size_t n = 0;
    while ((*this)[n] != 0) ++n;
    return n;
  }
  /// What is behind the first `n` bytes.
  constexpr param_value behind(std::size_t n) const noexcept {
    return {bytes.subspan(n), static_cast<Addr>(address + n), given};
  }
};

/// Sets one parameter. Functions return errc::bad_section_contents for tables that the kernel would
/// follow out of the module.
template <class Load, class Dialect>
class param_setter {
  using addr = typename Load::addr;
  using value = param_value<addr>;
  static constexpr std::endian order = Load::byte_order;

 public:
  /// `called_at` is where its name is.
  constexpr param_setter(Load& l, param_table<Load, Dialect>& of, addr called_at) noexcept
      : load(l), table(of), name(called_at) {}

  /// Kernel: parse_one(), once the parameter is found.
  constexpr errc parse_one(const unsigned char* record, const value& v) {
    using layout = kernel_param<addr>;
    const addr ops = load.read_word(record + layout::ops);
    const addr arg = load.read_word(record + layout::arg);
    const param_type type = Dialect::type_of(load, ops);
    bool needs_value = type != param_type::boolean && type != param_type::bint &&
                       type != param_type::bool_enable_only;
    if (type == param_type::unknown)
      if (const errc e = check_ops(ops, needs_value); e != errc::ok) return e;
    if (!v.given && needs_value) return errc::bad_parameter;
    if constexpr (Dialect::says)
      if ((record[layout::flags] & layout::unsafe) != 0) Dialect::dangerous(load, called());
    return type == param_type::array ? set_array(arg, v) : set(type, arg, v);
  }

 private:
  Load& load;
  param_table<Load, Dialect>& table;
  addr name;
  std::array<unsigned char, 8> elsewhere{};

  /// As it is now: the value may have been stored over it, and over its NUL.
  constexpr auto called() const noexcept {
    const unsigned char* const s = load.mod->name_at(name);
    return elf::name{s == nullptr ? &nameless : s};
  }
  static constexpr unsigned char nameless = 0;

  /// Of a type that is the module's own, or another's: a kernel calls its functions. Nobody here
  /// can, and the value has no effect.
  constexpr errc check_ops(addr ops, bool& needs_value) {
    using layout = kernel_param_ops<addr>;
    if constexpr (!Dialect::passes_unknown_types) return errc::unknown_parameter_type;
    const auto object = load.mod->bytes_at(ops, layout::size);
    needs_value = !object.empty() &&
                  (relo::read_int<std::uint32_t, order>(object.data()) & layout::no_value) == 0;
    if (object.empty() ? !table.imported(ops) : load.read_word(object.data() + layout::set) == 0)
      return errc::bad_section_contents;
    load.warn(errc::unknown_parameter_type, {}, called());
    return errc::ok;
  }

  /// Where a variable is; none if there is none. One that is not the module's is nowhere here.
  constexpr std::span<unsigned char> variable(addr at, addr size) noexcept {
    const auto room = load.mod->data_at(at, size);
    if (!room.empty() || !table.imported(at)) return room;
    return std::span{elsewhere}.first(static_cast<std::size_t>(size));
  }

  static constexpr void put(std::span<unsigned char> to, std::uint64_t v) noexcept {
    const std::size_t n = to.size();
    for (std::size_t i = 0; i < n; ++i, v >>= 8)
      to[order == std::endian::little ? i : n - 1 - i] = static_cast<unsigned char>(v);
  }

  constexpr errc set(param_type type, addr arg, const value& v) {
    switch (type) {
      case param_type::boolean:
      case param_type::invbool:
      case param_type::bint:
      case param_type::bool_enable_only: return set_bool(type, arg, v);
      case param_type::byte: return set_integer(arg, v, 1, false);
      case param_type::short_int: return set_integer(arg, v, 2, true);
      case param_type::ushort: return set_integer(arg, v, 2, false);
      case param_type::integer: return set_integer(arg, v, 4, true);
      case param_type::uint:
      case param_type::hexint: return set_integer(arg, v, 4, false);
      case param_type::long_int: return set_integer(arg, v, sizeof(addr), true);
      case param_type::ulong: return set_integer(arg, v, sizeof(addr), false);
      case param_type::ullong: return set_integer(arg, v, 8, false);
      case param_type::charp: return set_charp(arg, v);
      case param_type::string: return set_string(arg, v);
      case param_type::unknown: return errc::ok;
      case param_type::array:
        break;  // in an array: its lock is not held, says the kernel, and stops
    }
    return errc::bad_section_contents;
  }

  constexpr errc set_bool(param_type type, addr arg, const value& v) {
    bool is = true;
    if (v.given)
      if (const errc e = parse_bool(v, Dialect::knows_true_false, is); e != errc::ok) return e;
    const auto to = variable(arg, type == param_type::bint ? 4 : 1);
    if (to.empty()) return errc::bad_section_contents;
    if (type == param_type::bool_enable_only && !is && to[0] != 0)
      return errc::parameter_stays_enabled;
    put(to, is != (type == param_type::invbool) ? 1 : 0);
    return errc::ok;
  }

  constexpr errc set_integer(addr arg, const value& v, unsigned size, bool is_signed) {
    std::uint64_t is = 0;
    if (const errc e = parse_integer(v, 8 * size, is_signed, is); e != errc::ok) return e;
    const auto to = variable(arg, size);
    if (to.empty()) return errc::bad_section_contents;
    put(to, is);
    return errc::ok;
  }

  /// The variable points into the arguments, which stay as long as the module.
  constexpr errc set_charp(addr arg, const value& v) {
    if (v.size() > 1024) {
      log(called(), ": string parameter too long");
      return errc::parameter_too_long;
    }
    const auto to = variable(arg, sizeof(addr));
    if (to.empty()) return errc::bad_section_contents;
    put(to, v.address);
    return errc::ok;
  }

  /// Kernel: param_set_copystring().
  constexpr errc set_string(addr arg, const value& v) {
    using layout = kparam_string<addr>;
    const auto is = load.mod->bytes_at(arg, layout::size);
    if (is.empty()) return errc::bad_section_contents;
    const auto maxlen = relo::read_int<std::uint32_t, order>(is.data() + layout::maxlen);
    const std::size_t length = v.size();
    if (length >= maxlen) {
      log(called(), ": string doesn't fit in ", maxlen - 1, " chars.");
      return errc::parameter_too_long;
    }
    const auto to = load.mod->data_at(load.read_word(is.data() + layout::string),
                                      static_cast<addr>(length + 1));
    if (to.empty()) return errc::bad_section_contents;
    for (std::size_t i = 0; i < length; ++i) to[i] = v[i];
    to[length] = 0;
    return errc::ok;
  }

  /// Each element as its own parameter; what was set before an error stays. The commas become NULs.
  /// Kernel: param_array().
  constexpr errc set_array(addr arg, value v) {
    using layout = kparam_array<addr>;
    const auto is = load.mod->bytes_at(arg, layout::size);
    if (is.empty()) return errc::bad_section_contents;
    const auto max = relo::read_int<std::uint32_t, order>(is.data() + layout::max);
    const auto elemsize = static_cast<std::int32_t>(
        relo::read_int<std::uint32_t, order>(is.data() + layout::elemsize));
    const addr num = load.read_word(is.data() + layout::num);
    const addr ops = load.read_word(is.data() + layout::ops);
    addr elem = load.read_word(is.data() + layout::elem);
    const auto count = num == 0 ? std::span{elsewhere}.first(4) : load.mod->data_at(num, 4);
    if (count.empty()) return errc::bad_section_contents;
    const param_type type = Dialect::type_of(load, ops);
    bool needs_value = true;
    if (type == param_type::unknown)
      if (const errc e = check_ops(ops, needs_value); e != errc::ok) return e;

    for (std::uint32_t n = 0;; ++n) {
      put(count, n);
      if (n == max) {
        const bool negative = max >> 31 != 0;  // as the kernel prints it
        log(called(), ": can only take ", negative ? "-" : "", negative ? 0 - max : max,
            " arguments");
        return errc::bad_parameter;
      }
      std::size_t length = 0;
      while (v[length] != 0 && v[length] != ',') ++length;
      const bool more = v[length] == ',';
      if (more) v.bytes[length] = 0;
      if (const errc e = set(type, elem, v); e != errc::ok) return e;
      if (!more) return put(count, n + 1), errc::ok;
      elem = static_cast<addr>(elem + static_cast<addr>(std::int64_t{elemsize}));
      v = v.behind(length + 1);
    }
  }

  template <class... Parts>
  constexpr void log(const Parts&... parts) {
    if constexpr (Dialect::says) load.printk(parts...);
  }
};

}  // namespace relo
