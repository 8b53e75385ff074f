// Module parameters. Kernel: kernel/params.c, struct kernel_param in linux/moduleparam.h.
#pragma once

#include <relo/linux/generation.hpp>
#include <relo/linux/param_type.hpp>
#include <relo/linux/taint.hpp>
#include <relo/load_info.hpp>
#include <relo/sort.hpp>

namespace relo::kmod {

/// The bool that a text says. Kernel: kstrtobool(); since 5.18 it knows `true` and `false`.
template <class Text>
constexpr errc parse_bool(const Text& s, bool true_false, bool& out) noexcept {
  switch (s[0]) {
    case 't':
    case 'T':
      if (!true_false) break;
      [[fallthrough]];
    case 'y':
    case 'Y':
    case '1': return out = true, errc::ok;
    case 'f':
    case 'F':
      if (!true_false) break;
      [[fallthrough]];
    case 'n':
    case 'N':
    case '0': return out = false, errc::ok;
    case 'o':
    case 'O':
      if (s[1] == 'n' || s[1] == 'N') return out = true, errc::ok;
      if (s[1] == 'f' || s[1] == 'F') return out = false, errc::ok;
      break;
    default: break;
  }
  return errc::bad_parameter;
}

/// The integer of that width in bits that a text says as C would write it; one newline may follow.
/// Two's complement in `out`, in 64 bits. Kernel: kstrtoull(), kstrtoll() with base 0, and their
/// kin.
template <class Text>
constexpr errc parse_integer(const Text& s, unsigned bits, bool is_signed,
                             std::uint64_t& out) noexcept {
  std::size_t at = 0;
  const auto digit = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(s[i]), lower = static_cast<unsigned char>(c | 0x20);
    return c >= '0' && c <= '9'           ? c - unsigned{'0'}
           : lower >= 'a' && lower <= 'f' ? lower - unsigned{'a'} + 10U
                                          : 16U;
  };
  const bool negative = is_signed && s[0] == '-';
  if (negative || s[0] == '+') ++at;
  unsigned base = 10;
  if (s[at] == '0') {
    base = 8;
    if ((s[at + 1] | 0x20) == 'x' && digit(at + 2) < 16) base = 16, at += 2;
  }
  const std::size_t first = at;
  std::uint64_t v = 0;
  bool overflow = false;
  for (unsigned d = digit(at); d < base; d = digit(++at)) {
    const std::uint64_t low = (v & 0xffffffff) * base + d, high = (v >> 32) * base + (low >> 32);
    overflow = overflow || high >> 32 != 0;
    v = high << 32 | (low & 0xffffffff);
  }
  if (overflow) return errc::parameter_out_of_range;
  if (at == first) return errc::bad_parameter;
  if (s[at] == '\n') ++at;
  if (s[at] != '\0') return errc::bad_parameter;

  const std::uint64_t most = ~std::uint64_t{0} >> (64 - bits),
                      limit = is_signed ? (most >> 1) + (negative ? 1 : 0) : most;
  if (v > limit) return errc::parameter_out_of_range;
  out = negative ? 0 - v : v;
  return errc::ok;
}

namespace detail {

/// struct kernel_param in the module's own memory.
template <class Addr>
struct kernel_param {
  static constexpr std::size_t name = 0, ops = 2 * sizeof(Addr), perm = 3 * sizeof(Addr),
                               flags = perm + 3;
  static constexpr std::size_t arg = align_up(3 * sizeof(Addr) + 4, sizeof(Addr));
  static constexpr std::size_t size = arg + sizeof(Addr);
  static constexpr unsigned char unsafe = 1;  // KERNEL_PARAM_FL_UNSAFE
};
/// struct kernel_param_ops, which begins with its flags
template <class Addr>
struct kernel_param_ops {
  static constexpr std::size_t set = sizeof(Addr), size = 4 * sizeof(Addr);
  static constexpr std::uint32_t no_value = 1;  // KERNEL_PARAM_OPS_FL_NOARG
};
template <class Addr>
struct kparam_string {
  static constexpr std::size_t maxlen = 0, string = sizeof(Addr), size = 2 * sizeof(Addr);
};
template <class Addr>
struct kparam_array {
  static constexpr std::size_t max = 0, elemsize = 4, num = 8, ops = num + sizeof(Addr),
                               elem = ops + sizeof(Addr), size = elem + sizeof(Addr);
};

/// A load into a kernel, which has addresses for the types, a log, and taints.
template <class Load>
concept into_kernel = requires { Load::release; };

/// The type that a param_ops object stands for.
template <class Load>
constexpr param_type type_of_ops(const Load& load, typename Load::addr ops) noexcept {
  if constexpr (into_kernel<Load>) {
    for (std::size_t t = 1; t < load.param_ops.size(); ++t)
      if (load.param_ops[t] == ops && ops != 0) return static_cast<param_type>(t);
    return param_type::unknown;
  } else {
    return ops < param_types ? static_cast<param_type>(ops) : param_type::unknown;
  }
}

/// Kernel: isspace().
template <class Load>
constexpr bool is_space(unsigned char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r') || (into_kernel<Load> && c == 0xa0);
}

/// How a name compares to another, 0: they are a parameter's. Kernel: dash2underscore(), parameq().
constexpr int compare_parameters(const unsigned char* given, const unsigned char* name) noexcept {
  const auto dash = [](unsigned char c) { return c == '-' ? static_cast<unsigned char>('_') : c; };
  for (std::size_t i = 0;; ++i) {
    const int order = dash(given[i]) - dash(name[i]);
    if (order != 0 || given[i] == 0) return order;
  }
}

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

/// A module's table of parameters, and what else is looked for while they are set.
template <class Load>
class param_table {
  using addr = typename Load::addr;
  using layout = kernel_param<addr>;

 public:
  explicit constexpr param_table(Load& l) noexcept
      : load(l), bytes(l.mod->bytes_of(l.mod->parameters)) {}

  constexpr std::size_t size() const noexcept { return bytes.size() / layout::size; }
  constexpr const unsigned char* record(std::size_t i) const noexcept {
    return bytes.data() + i * layout::size;
  }
  constexpr addr name_at(std::size_t i) const noexcept {
    return load.load_word(record(i) + layout::name);
  }
  /// Null: the kernel would look for it outside the module.
  constexpr const unsigned char* name(std::size_t i) const noexcept {
    return load.mod->name_at(name_at(i));
  }

  /// Has the records before the first without a name found by halves from now on, if they are many:
  /// their numbers, by name, are in scratch memory as long as that is taken. Not where a value may
  /// be stored over a record or a name.
  constexpr void sort() {
    if constexpr (sorts) {
      if (size() <= few || is_data(load.mod->parameters.address)) return;
      const auto numbers = load.take_words(size());
      std::size_t n = 0;
      for (; n < numbers.size() && name(n) != nullptr; ++n) {
        if (is_data(name_at(n))) return;
        numbers[n] = static_cast<addr>(n);
      }
      by_name = numbers.first(n);
      sort_numbers(by_name, [&](addr a, addr b) {
        const int order = compare_parameters(name_of(a), name_of(b));
        return order != 0 ? order < 0 : a < b;
      });
    }
  }
  /// The first that may have that name.
  constexpr std::size_t first(const unsigned char* given) const noexcept {
    if constexpr (sorts) {
      const auto order = [&](addr n) { return compare_parameters(given, name_of(n)); };
      const std::size_t i = count_before(by_name, [&](addr n) { return order(n) > 0; });
      return i != by_name.size() && order(by_name[i]) == 0 ? static_cast<std::size_t>(by_name[i])
                                                           : by_name.size();
    }
    return 0;
  }

  /// Whether something is there that the module refers to, and that is not its own.
  constexpr bool imported(addr at) {
    if (at == 0) return false;
    if constexpr (sorts && into_kernel<Load>) {
      if (imports_count == unknown) sort_imports();
      if (imports.size() == imports_count) {
        const std::size_t i = count_before(imports, [&](addr a) { return a < at; });
        return i != imports.size() && imports[i] == at;
      }
    }
    return any_import([&](addr a) { return a == at; });
  }

 private:
  static constexpr bool sorts = requires(Load& l) { l.take_words(std::size_t{}); };
  static constexpr std::size_t few = 64, unknown = ~std::size_t{0};

  constexpr const unsigned char* name_of(addr n) const noexcept {
    return name(static_cast<std::size_t>(n));
  }
  constexpr bool is_data(addr at) const noexcept { return !load.mod->data_at(at, 1).empty(); }

  /// Calls f(address) for each until one returns true; whether one did.
  template <class F>
  constexpr bool any_import([[maybe_unused]] F f) const {
    if constexpr (into_kernel<Load>)
      for (std::uint32_t i = 1; i < load.image.symbols(); ++i)
        if (load.image.symbol(i).st_shndx() == elf::shn::undef && f(load.values[i])) return true;
    return false;
  }
  constexpr void sort_imports() {
    std::size_t n = imports_count = 0;
    any_import([&](addr) { return ++imports_count, false; });
    imports = load.take_words(imports_count);
    any_import([&](addr a) { return n == imports.size() || (imports[n++] = a, false); });
    sort_numbers(imports, [](addr a, addr b) { return a < b; });
  }

  Load& load;
  std::span<const unsigned char> bytes;
  std::span<addr> by_name{}, imports{};
  std::size_t imports_count = unknown;
};

/// Sets one parameter. Functions return errc::bad_section_contents for tables that the kernel would
/// follow out of the module.
template <class Load>
class param_setter {
  using addr = typename Load::addr;
  using value = param_value<addr>;
  static constexpr std::endian order = Load::byte_order;

 public:
  /// `called_at` is where its name is.
  constexpr param_setter(Load& l, param_table<Load>& of, addr called_at) noexcept
      : load(l), table(of), name(called_at) {}

  /// Kernel: parse_one(), once the parameter is found.
  constexpr errc parse_one(const unsigned char* record, const value& v) {
    using layout = kernel_param<addr>;
    const addr ops = load.load_word(record + layout::ops);
    const addr arg = load.load_word(record + layout::arg);
    const param_type type = type_of_ops(load, ops);
    bool needs_value = type != param_type::boolean && type != param_type::bint &&
                       type != param_type::bool_enable_only;
    if (type == param_type::unknown)
      if (const errc e = check_ops(ops, needs_value); e != errc::ok) return e;
    if (!v.given && needs_value) return errc::bad_parameter;
    if constexpr (into_kernel<Load>)
      if ((record[layout::flags] & layout::unsafe) != 0) {
        load.printk("Setting dangerous option ", called(), " - tainting kernel");
        load.kernel().tainted.add(taint::user);
      }
    return type == param_type::array ? set_array(arg, v) : set(type, arg, v);
  }

 private:
  Load& load;
  param_table<Load>& table;
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
    if constexpr (!into_kernel<Load>) return errc::unknown_parameter_type;
    const auto object = load.mod->bytes_at(ops, layout::size);
    needs_value = !object.empty() &&
                  (relo::load<std::uint32_t, order>(object.data()) & layout::no_value) == 0;
    if (object.empty() ? !table.imported(ops) : load.load_word(object.data() + layout::set) == 0)
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
      if (const errc e = parse_bool(v, knows_true_false(), is); e != errc::ok) return e;
    const auto to = variable(arg, type == param_type::bint ? 4 : 1);
    if (to.empty()) return errc::bad_section_contents;
    if (type == param_type::bool_enable_only && !is && to[0] != 0)
      return errc::parameter_stays_enabled;
    put(to, is != (type == param_type::invbool) ? 1 : 0);
    return errc::ok;
  }
  static constexpr bool knows_true_false() noexcept {
    if constexpr (into_kernel<Load>) return Load::traits::knows_true_false;
    else return true;
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
    const auto maxlen = relo::load<std::uint32_t, order>(is.data() + layout::maxlen);
    const std::size_t length = v.size();
    if (length >= maxlen) {
      log(called(), ": string doesn't fit in ", maxlen - 1, " chars.");
      return errc::parameter_too_long;
    }
    const auto to = load.mod->data_at(load.load_word(is.data() + layout::string),
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
    const auto max = relo::load<std::uint32_t, order>(is.data() + layout::max);
    const auto elemsize =
        static_cast<std::int32_t>(relo::load<std::uint32_t, order>(is.data() + layout::elemsize));
    const addr num = load.load_word(is.data() + layout::num);
    const addr ops = load.load_word(is.data() + layout::ops);
    addr elem = load.load_word(is.data() + layout::elem);
    const auto count = num == 0 ? std::span{elsewhere}.first(4) : load.mod->data_at(num, 4);
    if (count.empty()) return errc::bad_section_contents;
    const param_type type = type_of_ops(load, ops);
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
    if constexpr (into_kernel<Load>) load.printk(parts...);
  }
};

/// Kernel: ddebug_dyndbg_module_param_cb(). A name is cut off where it has a dot.
constexpr bool is_dyndbg(unsigned char* given) noexcept {
  std::size_t i = 0;
  while (given[i] != 0 && given[i] != '.') ++i;
  if (given[i] == 0) return elf::name{given} == "dyndbg";
  given[i] = 0;
  return elf::name{given + i + 1} == "dyndbg";
}

/// A name that is no parameter. Kernel: unknown_module_param_cb().
template <class Load>
constexpr void unknown_parameter(Load& load, unsigned char* given,
                                 const param_value<typename Load::addr>& v) {
  if constexpr (into_kernel<Load>) {
    if (elf::name{given} == "async_probe") {
      bool& requested = load.mod->async_probe_requested;
      if (!Load::traits::async_probe_has_value || !v.given ||
          parse_bool(v, true, requested) != errc::ok)
        requested = true;
      return;
    }
    if (load.settings().dynamic_debug) {
      if (is_dyndbg(given)) return;
    } else if (elf::name{given} == "dyndbg") {
      return load.printk("dyndbg param is supported only in CONFIG_DYNAMIC_DEBUG builds");
    }
    load.printk(load.mod->name, ": unknown parameter '", elf::name{given}, "' ignored");
  }
  load.warn(errc::unknown_parameter, {}, elf::name{given});
}

/// What cannot be read of the table of parameters.
template <class Load>
constexpr errc bad_table(Load& load) {
  std::uint32_t section = where::none;
  if constexpr (requires { load.index.param; }) section = load.index.param;
  else if constexpr (requires { load.find_sec("__param"); }) section = load.find_sec("__param");
  return load.fail(errc::bad_section_contents, {.section = section});
}

/// Finds the parameter of that name, and sets it. Kernel: parse_one().
template <class Load>
constexpr errc parse_one(Load& load, param_table<Load>& table, unsigned char* given,
                         const param_value<typename Load::addr>& v) {
  for (std::size_t i = table.first(given); i < table.size(); ++i) {
    const unsigned char* const name = table.name(i);
    if (name == nullptr) return errc::bad_section_contents;
    if (compare_parameters(given, name) == 0)
      return param_setter<Load>{load, table, table.name_at(i)}.parse_one(table.record(i), v);
  }
  unknown_parameter(load, given, v);
  return errc::ok;
}

}  // namespace detail

/// Parses `args`, the module's own copy at `address`, of which the last byte is NUL, and sets the
/// parameters it names. Cuts it into strings on the way, as the kernel's next_arg(): quotes keep
/// spaces. A name that is no parameter is reported by warn() and ignored, and so is what follows
/// "--". A value that its parameter does not take is an error, of which the last is returned, as
/// all parameters are tried: errc::bad_parameter, errc::parameter_out_of_range,
/// errc::parameter_too_long, errc::parameter_stays_enabled.
template <class Load>
constexpr errc parse_args(Load& load, typename Load::addr address, std::span<unsigned char> args) {
  using addr = typename Load::addr;
  if (args.empty()) return errc::ok;
  errc result = errc::ok;
  detail::param_table<Load> table{load};
  table.sort();
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (detail::is_space<Load>(args[at])) ++at;
  };
  for (skip_spaces(); args[at] != 0; skip_spaces()) {
    const bool quoted = args[at] == '"';
    if (quoted) ++at;
    unsigned char* const given = &args[at];
    std::size_t end = 0, equals = 0;
    for (bool in_quote = quoted; given[end] != 0; ++end) {
      if (detail::is_space<Load>(given[end]) && !in_quote) break;
      if (equals == 0 && given[end] == '=') equals = end;
      if (given[end] == '"') in_quote = !in_quote;
    }
    detail::param_value<addr> v;
    std::size_t value_at = 0;
    if (equals != 0) {
      given[equals] = 0;
      value_at = equals + 1;
      if (given[value_at] == '"') {
        ++value_at;
        if (given[end - 1] == '"') given[end - 1] = 0;
      }
      v = {args.subspan(at + value_at), static_cast<addr>(address + at + value_at), true};
    }
    if (quoted && end > 0 && given[end - 1] == '"') given[end - 1] = 0;
    at += end;
    if (args[at] != 0) args[at++] = 0;

    if (!v.given && elf::name{given} == "--") {
      if (result != errc::ok) return result;
      skip_spaces();
      const elf::name rest{&args[at]};
      if constexpr (detail::into_kernel<Load>)
        load.printk(load.mod->name, ": parameters '", rest, "' after `--' ignored");
      load.warn(errc::unknown_parameter, {}, rest);
      return errc::ok;
    }
    const errc e = detail::parse_one(load, table, given, v);
    args.back() = 0;  // parameters may lie in here, too
    if (e == errc::bad_section_contents) return detail::bad_table(load);
    if (e == errc::ok) continue;
    if constexpr (detail::into_kernel<Load>)
      load.printk(load.mod->name, ": `", elf::name{v.given ? given + value_at : &args.back()},
                  e == errc::parameter_too_long ? "' too large for parameter `"
                                                : "' invalid for parameter `",
                  elf::name{given}, "'");
    result = load.fail(e, {}, elf::name{given});
  }
  return result;
}

}  // namespace relo::kmod
