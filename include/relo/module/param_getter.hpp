// A module's parameter as text. Kernel: the get functions of param_ops, kernel/params.c.
#pragma once

#include <relo/base/name.hpp>
#include <relo/diagnostics.hpp>
#include <relo/module/param_records.hpp>
#include <relo/module/param_type.hpp>

namespace relo {

/// A parameter's value as text. Of what it writes to it asks
///  - out << c, of a character, of a name, and of a number in decimal;
///  - out.hex(number, digits), with at least so many digits;
///  - full(): there is no room for more;
/// and of the load, of which the module may have been loaded long ago, mod, read_word(bytes), and
///  - text_at(address): the text that a charp points to; null: there is none that is known.
/// errc::bad_section_contents: a value that is not within the module.
template <class Load, class Dialect, class Out>
class param_getter {
  using addr = typename Load::addr;

 public:
  constexpr param_getter(const Load& l, Out& o) noexcept : load(l), out(o) {}

  constexpr errc get(param_type type, addr arg) {
    switch (type) {
      case param_type::boolean:
      case param_type::bool_enable_only: return get_bool(arg, 'N', 'Y');
      case param_type::invbool: return get_bool(arg, 'Y', 'N');
      case param_type::byte: return get_integer(arg, 1, false);
      case param_type::short_int: return get_integer(arg, 2, true);
      case param_type::ushort: return get_integer(arg, 2, false);
      case param_type::integer:
      case param_type::bint: return get_integer(arg, 4, true);
      case param_type::uint: return get_integer(arg, 4, false);
      case param_type::long_int: return get_integer(arg, sizeof(addr), true);
      case param_type::ulong: return get_integer(arg, sizeof(addr), false);
      case param_type::ullong: return get_integer(arg, 8, false);
      case param_type::hexint: return get_hexint(arg);
      case param_type::charp: return get_charp(arg);
      case param_type::string: return get_string(arg);
      case param_type::array: return get_array(arg);
      case param_type::unknown: break;
    }
    return errc::unknown_parameter_type;
  }

 private:
  const Load& load;
  Out& out;

  constexpr bool word(addr at, unsigned size, std::uint64_t& v) const noexcept {
    const auto from = load.mod->bytes_at(at, size);
    v = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      v = v << 8 | from[Load::byte_order == std::endian::little ? from.size() - 1 - i : i];
    return !from.empty();
  }
  constexpr errc get_bool(addr arg, char no, char yes) {
    std::uint64_t v = 0;
    if (!word(arg, 1, v)) return errc::bad_section_contents;
    out << (v != 0 ? yes : no);
    return errc::ok;
  }
  constexpr errc get_integer(addr arg, unsigned size, bool is_signed) {
    std::uint64_t v = 0;
    if (!word(arg, size, v)) return errc::bad_section_contents;
    const bool negative = is_signed && (v >> (8 * size - 1) & 1) != 0;
    if (negative) out << '-';
    out << (negative ? (0 - v) & ~std::uint64_t{0} >> (64 - 8 * size) : v);
    return errc::ok;
  }
  /// %#08x
  constexpr errc get_hexint(addr arg) {
    std::uint64_t v = 0;
    if (!word(arg, 4, v)) return errc::bad_section_contents;
    if (v != 0) out << "0x";
    out.hex(v, v != 0 ? 6 : 8);
    return errc::ok;
  }
  constexpr errc get_charp(addr arg) {
    std::uint64_t v = 0;
    if (!word(arg, sizeof(addr), v)) return errc::bad_section_contents;
    const addr at = static_cast<addr>(v);
    if (at == 0) return out << "(null)", errc::ok;
    const unsigned char* const s = load.text_at(at);
    if (s == nullptr) return errc::bad_section_contents;
    return out << elf::name{s}, errc::ok;
  }
  /// No further than its buffer goes, nor than the module does.
  constexpr errc get_string(addr arg) {
    using layout = kparam_string<addr>;
    const auto is = load.mod->bytes_at(arg, layout::size);
    if (is.empty()) return errc::bad_section_contents;
    const unsigned char* const s = load.mod->name_at(load.read_word(is.data() + layout::string));
    if (s == nullptr) return errc::bad_section_contents;
    return out << elf::name{s}, errc::ok;
  }
  constexpr errc get_array(addr arg) {
    using layout = kparam_array<addr>;
    const auto is = load.mod->bytes_at(arg, layout::size);
    if (is.empty()) return errc::bad_section_contents;
    const auto u32 = [](const unsigned char* p) {
      return relo::read_int<std::uint32_t, Load::byte_order>(p);
    };
    std::uint64_t count = u32(is.data() + layout::max);
    const addr num = load.read_word(is.data() + layout::num);
    if (num != 0 && !word(num, 4, count)) return errc::bad_section_contents;
    const param_type type = Dialect::type_of(load, load.read_word(is.data() + layout::ops));
    // An array of arrays, which no macro makes, would be followed without end.
    if (type == param_type::array) return errc::bad_section_contents;
    const auto elemsize = static_cast<std::int32_t>(u32(is.data() + layout::elemsize));
    addr elem = load.read_word(is.data() + layout::elem);
    for (std::uint64_t i = 0; i < count && !out.full(); ++i) {
      if (i != 0) out << ',';
      if (const errc e = get(type, elem); e != errc::ok) return e;
      elem = static_cast<addr>(elem + static_cast<addr>(std::int64_t{elemsize}));
    }
    return errc::ok;
  }
};

}  // namespace relo
