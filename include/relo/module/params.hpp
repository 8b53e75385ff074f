// What a caller says of a module's parameters. Kernel: parse_args() in kernel/params.c.
#pragma once

#include <relo/module/param_setter.hpp>
#include <relo/module/plain_parameters.hpp>

namespace relo {

namespace detail {

/// What cannot be read of the table of parameters.
template <class Load>
constexpr errc bad_table(Load& load) {
  std::uint32_t section = where::none;
  if constexpr (requires { requires Load::loader_type::diagnostics_type::keeps_location; })
    for (std::uint32_t i = 1; i < load.image.sections(); ++i)
      if (load.is_loaded(i) && load.image.section_name(load.image.section(i)) == "__param")
        section = i;
  return load.fail(errc::bad_section_contents, in_section(section));
}

/// Finds the parameter of that name, and sets it. Kernel: parse_one().
template <class Dialect, class Load>
constexpr errc parse_one(Load& load, param_table<Load, Dialect>& table, unsigned char* given,
                         const param_value<typename Load::addr>& v) {
  for (std::size_t i = table.first(given); i < table.size(); ++i) {
    const unsigned char* const name = table.name(i);
    if (name == nullptr) return errc::bad_section_contents;
    if (compare_parameters(given, name) == 0)
      return param_setter<Load, Dialect>{load, table, table.name_at(i)}.parse_one(table.record(i),
                                                                                  v);
  }
  if (!Dialect::unknown(load, given, v)) load.warn(errc::unknown_parameter, {}, elf::name{given});
  return errc::ok;
}

}  // namespace detail

/// Parses `args`, the module's own copy at `address`, of which the last byte is NUL, and sets the
/// parameters it names. Cuts it into strings on the way, as the kernel's next_arg(): quotes keep
/// spaces. A name that is no parameter is reported by warn() and ignored, and so is what follows
/// "--". A value that its parameter does not take is an error, of which the last is returned, as
/// all parameters are tried: errc::bad_parameter, errc::parameter_out_of_range,
/// errc::parameter_too_long, errc::parameter_stays_enabled.
template <class Dialect = plain_parameters, class Load>
constexpr errc parse_args(Load& load, typename Load::addr address, std::span<unsigned char> args) {
  using addr = typename Load::addr;
  if (args.empty()) return errc::ok;
  errc result = errc::ok;
  param_table<Load, Dialect> table{load};
  table.sort();
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (Dialect::is_space(args[at])) ++at;
  };
  for (skip_spaces(); args[at] != 0; skip_spaces()) {
    const bool quoted = args[at] == '"';
    if (quoted) ++at;
    unsigned char* const given = &args[at];
    std::size_t end = 0, equals = 0;
    for (bool in_quote = quoted; given[end] != 0; ++end) {
      if (Dialect::is_space(given[end]) && !in_quote) break;
      if (equals == 0 && given[end] == '=') equals = end;
      if (given[end] == '"') in_quote = !in_quote;
    }
    param_value<addr> v;
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
      if constexpr (Dialect::says)
        load.printk(load.mod->name, ": parameters '", rest, "' after `--' ignored");
      load.warn(errc::unknown_parameter, {}, rest);
      return errc::ok;
    }
    const errc e = detail::parse_one<Dialect>(load, table, given, v);
    args.back() = 0;  // parameters may lie in here, too
    if (e == errc::bad_section_contents) return detail::bad_table(load);
    if (e == errc::ok) continue;
    if constexpr (Dialect::says)
      load.printk(load.mod->name, ": `", elf::name{v.given ? given + value_at : &args.back()},
                  e == errc::parameter_too_long ? "' too large for parameter `"
                                                : "' invalid for parameter `",
                  elf::name{given}, "'");
    result = load.fail(e, {}, elf::name{given});
  }
  return result;
}

}  // namespace relo
