// Module parameters after the load: read as under /sys/module/NAME/parameters, and set again.
// Kernel: param_attr_show(), param_attr_store().
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/policy/params.hpp>
#include <relo/linux/record/version.hpp>
#include <relo/module/param_getter.hpp>

namespace relo::kmod {

/// Characters into a buffer; what does not fit is cut off.
class output {
 public:
  explicit constexpr output(std::span<char> to) noexcept : to_(to) {}
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool full() const noexcept { return size_ == to_.size(); }

  constexpr output& operator<<(char c) noexcept {
    if (!full()) to_[size_++] = c;
    return *this;
  }
  template <class Storage>
  constexpr output& operator<<(const elf::name<Storage>& s) noexcept {
    for (std::size_t i = 0; s[i] != '\0' && !full(); ++i) *this << s[i];
    return *this;
  }
  constexpr output& operator<<(const char* s) noexcept { return *this << elf::name{s}; }
  template <std::size_t N>
  constexpr output& operator<<(const text<N>& s) noexcept {
    return *this << s.c_str();
  }
  constexpr output& operator<<(std::uint64_t n) noexcept {
    text<24> s;
    s << n;
    return *this << s;
  }
  /// `digits` of them, zeros first. Kernel: %0*lx.
  constexpr output& hex(std::uint64_t n, unsigned digits) noexcept {
    text<24> s;
    append(s, kmod::hex{n});
    for (std::size_t i = s.size(); i < digits; ++i) *this << '0';
    return *this << s;
  }
  /// Leaves room for n characters, where put() writes them in any order.
  constexpr void skip(std::size_t n) noexcept {
    size_ += n < to_.size() - size_ ? n : to_.size() - size_;
  }
  constexpr void put(std::size_t at, char c) noexcept {
    if (at < size_) to_[at] = c;
  }

 private:
  std::span<char> to_;
  std::size_t size_ = 0;
};

namespace detail {

/// What param_setter and its kin ask of a load, of a module that is loaded.
template <class Loader>
struct loaded_parameters {
  using addr = typename Loader::addr;
  using dialect = kernel_parameters<Loader::kernel_type::release>;
  static constexpr std::endian byte_order = Loader::machine::format::byte_order;
  /// Its undefined symbols are not known any more.
  struct {
    struct symbol_record {
      constexpr std::uint32_t st_shndx() const noexcept { return 0; }
    };
    constexpr std::uint32_t symbols() const noexcept { return 0; }
    constexpr symbol_record symbol(std::uint32_t) const noexcept { return {}; }
  } image{};
  std::array<addr, 1> values{};

  Loader& loader;
  typename Loader::module_type* mod;
  /// By type, where the kernel has its param_ops; 0: it has none.
  std::array<addr, param_types> param_ops{};

  constexpr loaded_parameters(Loader& l, typename Loader::module_type& m) noexcept
      : loader(l), mod(&m) {
    for (std::size_t t = 1; t < param_ops.size(); ++t) {
      text<40> called;
      if (static_cast<param_type>(t) == param_type::array) called << "param_array_ops";
      else called << "param_ops_" << relo::detail::param_ops_names[t - 1];
      kernel_symbol<addr> found;
      if (l.host_symbols().find(elf::name{called.c_str()}, true, found))
        param_ops[t] = found.address;
    }
  }

  constexpr auto& kernel() noexcept { return loader.kernel(); }
  static constexpr addr read_word(const unsigned char* p) noexcept {
    return relo::read_int<addr, byte_order>(p);
  }
  template <class... Parts>
  constexpr void printk(const Parts&... parts) {
    kmod::printk(loader, parts...);
  }
  template <class Name>
  constexpr void warn(errc, const where&, const Name&) const noexcept {}

  /// It is in the module, in its arguments, or one that was stored.
  constexpr const unsigned char* text_at(addr at) const noexcept {
    const unsigned char* s = mod->name_at(at);
    if (s == nullptr) s = name_in<addr>(mod->args.bytes, mod->args.address, at);
    return s != nullptr ? s : name_in(mod->attributes.stored, at);
  }

  /// The record of that parameter; none if there is no such.
  template <class Name>
  constexpr std::span<const unsigned char> record(const Name& called) const noexcept {
    using layout = kernel_param<addr>;
    const auto table = mod->bytes_of(mod->parameters);
    for (std::size_t p = 0; p + layout::size <= table.size(); p += layout::size) {
      const unsigned char* const name = mod->name_at(read_word(table.data() + p + layout::name));
      if (name != nullptr && elf::name{name} == called) return table.subspan(p, layout::size);
    }
    return {};
  }
};

/// What show_parameter() shows, of a record; none: there is no such parameter.
template <class Load>
constexpr errc show_parameter(const Load& load, std::span<const unsigned char> record,
                              output& out) {
  using layout = kernel_param<typename Load::addr>;
  if (record.empty()) return errc::not_loaded;
  const param_type type = Load::dialect::type_of(load, load.read_word(record.data() + layout::ops));
  const std::size_t before = out.size();
  param_getter<Load, typename Load::dialect, output> getter{load, out};
  const errc e = getter.get(type, load.read_word(record.data() + layout::arg));
  // An empty array is an empty file.
  if (e == errc::ok && (out.size() != before || type != param_type::array)) out << '\n';
  return e;
}

}  // namespace detail

/// A parameter's value as its file in sysfs shows it, less than a page.
/// errc::unknown_parameter_type: of a type of the module's own; errc::bad_section_contents: it is
/// not within the module; errc::not_loaded: there is no such parameter.
template <class Loader>
constexpr errc show_parameter(Loader& loader, typename Loader::module_type& m, const char* called,
                              output& out) {
  const detail::loaded_parameters<Loader> load{loader, m};
  return detail::show_parameter(load, load.record(called), out);
}

/// Sets a parameter as a write to its file does: with the newline, if there is one, which numbers
/// do not mind. error::not_permitted: nobody may write it; errc::out_of_memory: also if the fifth
/// text is to be kept for the module; else what parse_args() fails with.
template <class Loader>
constexpr errc write_parameter(Loader& loader, typename Loader::module_type& m, const char* called,
                               const char* value) {
  using addr = typename Loader::addr;
  using layout = kernel_param<addr>;
  using loaded = detail::loaded_parameters<Loader>;
  using dialect = typename loaded::dialect;
  loaded load{loader, m};
  const auto record = load.record(called);
  if (record.empty()) return errc::not_loaded;
  const auto perm = relo::read_int<std::uint16_t, load.byte_order>(record.data() + layout::perm);
  if ((perm & 0222) == 0) return error::not_permitted;

  const std::size_t length = elf::name{value}.size();
  block<addr> copy = kmalloc(loader, static_cast<addr>(length + 1));
  if (!copy) return errc::out_of_memory;
  for (std::size_t i = 0; i <= length; ++i) copy.bytes[i] = static_cast<unsigned char>(value[i]);
  const auto setter = [&] {
    param_table<loaded, dialect> table{load};
    param_setter<loaded, dialect> set{load, table, load.read_word(record.data() + layout::name)};
    return set.parse_one(record.data(), {copy.bytes, copy.address, true});
  };
  const param_type type = dialect::type_of(load, load.read_word(record.data() + layout::ops));
  addr holder = load.read_word(record.data() + layout::arg);
  bool keeps = type == param_type::charp;
  if (type == param_type::array) {
    using array = kparam_array<addr>;
    if (const auto is = m.bytes_at(holder, array::size); !is.empty()) {
      keeps = dialect::type_of(load, load.read_word(is.data() + array::ops)) == param_type::charp;
      holder = load.read_word(is.data() + array::elem);
    }
  }
  if (!keeps) {
    const errc e = setter();
    kfree(loader, copy);
    return e;
  }
  // The text stays, and the one before it goes, if it was stored, too; but not an array's, whose
  // other elements may point into it.
  const auto at = m.bytes_at(holder, sizeof(addr));
  const auto points_to = [&](const block<addr>& text) {
    return !at.empty() && static_cast<addr>(load.read_word(at.data()) - text.address) <
                              static_cast<addr>(text.bytes.size());
  };
  block<addr>* slot = nullptr;
  for (auto& kept : m.attributes.stored)
    if (!kept ? slot == nullptr : type == param_type::charp && points_to(kept)) slot = &kept;
  const errc e = slot == nullptr ? errc::out_of_memory : setter();
  // What was set before an error stays.
  if (!points_to(copy)) {
    kfree(loader, copy);
    return e;
  }
  kfree(loader, *slot);
  *slot = copy;
  return e;
}

}  // namespace relo::kmod
