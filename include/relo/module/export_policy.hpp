// What of a module others may use: the symbols it names, or all that are global.
#pragma once

#include <relo/base/role.hpp>
#include <relo/base/sort.hpp>
#include <relo/load_info.hpp>
#include <relo/symbol/hash.hpp>
#include <relo/symbol/symbol.hpp>
#include <relo/symbol/version.hpp>

namespace relo {

namespace detail {
// What the concepts of policies ask about: any load, loader and module.
struct any_load;
struct any_loader;
struct any_module;
struct any_visitor {
  template <class Name>
  constexpr errc operator()(const Name&) const noexcept;
};
}  // namespace detail

/// Whether an exports policy can name what a module exports: for_each<Order>(module, f) -> errc
/// calls f(name) for each export until one is not errc::ok.
template <class E, class Machine>
concept lists_exports = requires(const E e, const detail::any_module& m, detail::any_visitor f) {
  { e.template for_each<Machine::format::byte_order>(m, f) } -> std::same_as<errc>;
};

/// What of a module others may use. All that it is asked about a module it keeps in the module, or
/// finds in its memory.
///  - state<Machine>: what is kept of it in a module, default-constructed.
///  - unique: whether no two modules may export the same name; then lists_exports.
///  - find<Order>(module, name, gpl_ok, symbol) -> bool: whether the module exports that name; what
///    is for GPL-compatible modules only counts if `gpl_ok`. Then `symbol` is what the name stands
///    for; else it may hold anything. Order is the target's byte order. Or, if it needs to know the
///    loader, find(loader, module, name, gpl_ok, symbol). It is asked any number of times, by
///    readers, too, of modules that are formed; `symbol` may be what a dialect derives from
///    relo::symbol.
/// What stages ask while the module is loaded is in stays_with_module. Return types are declared,
/// not deduced. It may say,
///  - hashes: true if find() goes by hash_name(); names that are sought in many modules have
///    their hash with them then;
///  - has_versions: true if it exports "foo@@V2" as "foo@@", too: see any_version;
///  - local: true if no module sees another's exports: see local_exports.
/// Its examples are symtab_exports and ksymtab_exports.
template <class E, class Machine>
concept exports_policy =
    requires {
      requires std::default_initializable<typename E::template state<Machine>>;
      { E::unique } -> std::convertible_to<bool>;
    } && (!E::unique || lists_exports<E, Machine>) &&
    (requires(const E e, const detail::any_module& m, elf::name<const unsigned char*> name,
              symbol<typename Machine::format::addr>& out) {
      { e.template find<Machine::format::byte_order>(m, name, true, out) } -> std::same_as<bool>;
    } || requires(const E e, const detail::any_loader& l, const detail::any_module& m,
                  elf::name<const unsigned char*> name,
                  symbol<typename Machine::format::addr>& out) {
      { e.find(l, m, name, true, out) } -> std::same_as<bool>;
    });

/// What the stages of a load ask an exports policy, in this order:
///  - layout(load) -> errc, if it has that: reserves what shall stay resident. Kernel:
///    layout_symtab().
///  - see(load, i, header, name), if it has that: is shown the loaded sections that may be tables,
///    which have a name that begins with no dot, and perhaps others, once there is memory.
///  - find_tables(load), if it has that: notes then where the tables are.
///  - finish(load) -> errc: the module is relocated, and its tables become searchable.
/// What fails is reported by the stage, and the module is gone then. Lists of stages without
/// post_relocation ask of these what their own stages say.
template <class E>
concept stays_with_module = requires(const E e, detail::any_load& load) {
  { e.finish(load) } -> std::same_as<errc>;
};

/// A sorted table of records in module memory, or in what has bytes_of() and name_at() as a module
/// does, that name exported symbols.
/// Format tells how a record stores its two addresses; see absolute_ksymtab, prel32_ksymtab.
template <class Format, class Module>
class export_records {
  using addr = typename Module::addr;

 public:
  constexpr export_records(const Module& m, const extent<addr>& where) noexcept
      : module_(m), at_(where.address), bytes_(m.bytes_of(where)) {}

  constexpr std::size_t size() const noexcept { return bytes_.size() / Format::size; }
  constexpr addr value(std::size_t i) const noexcept {
    return Format::value(record(i), address(i));
  }
  /// Null if the record's name is not in the module.
  constexpr const unsigned char* name(std::size_t i) const noexcept {
    return module_.name_at(Format::name(record(i), address(i)));
  }

  /// "" if there is none in the module.
  constexpr const char* name_space(std::size_t i) const noexcept {
    const addr at = Format::name_space(record(i), address(i));
    const unsigned char* const s = at == 0 ? nullptr : module_.name_at(at);
    return s == nullptr ? "" : static_cast<const char*>(static_cast<const void*>(s));
  }

  /// Whether each record's name is in the module, and no byte of it in that table.
  constexpr bool names_are_outside(const extent<addr>& table) const noexcept {
    for (std::size_t i = 0; i < size(); ++i) {
      const unsigned char* const s = name(i);
      if (s == nullptr) return false;
      const addr at = Format::name(record(i), address(i));
      if (at < table.address
              ? table.address - at < elf::max_name && elf::name{s}.size() >= table.address - at
              : at - table.address < table.size)
        return false;
    }
    return true;
  }

  /// Where no name lies in the table itself, to be found by index_of() afterwards.
  constexpr void sort() noexcept {
    bool sorted = true;
    for (std::size_t i = 1; sorted && i < size(); ++i) sorted = !less(i, i - 1);
    if (!sorted)
      heap_sort(
          size(), [this](std::size_t i, std::size_t k) { return less(i, k); },
          [this](std::size_t i, std::size_t k) {
            Format::swap(record(i), address(i), record(k), address(k));
          });
  }

  /// The number of the record of that name, among sorted ones; size() if there is none.
  template <class Name>
  constexpr std::size_t index_of(const Name& wanted) const noexcept {
    return binary_search(size(), [&](std::size_t i) {
      const unsigned char* const here = name(i);
      return here == nullptr ? -1 : wanted.compare(here);
    });
  }
  template <class Name>
  constexpr bool find(const Name& wanted, addr& out) const noexcept {
    const std::size_t at = index_of(wanted);
    if (at == size()) return false;
    out = value(at);
    return true;
  }

 private:
  constexpr auto* record(std::size_t i) const noexcept { return bytes_.data() + i * Format::size; }
  constexpr addr address(std::size_t i) const noexcept {
    return static_cast<addr>(at_ + i * Format::size);
  }
  /// Moved by 2^31 bytes, a distance of 32 bits may lead to no name any more.
  constexpr bool less(std::size_t i, std::size_t k) const noexcept {
    const unsigned char *const a = name(i), *const b = name(k);
    return a != nullptr && b != nullptr && elf::name{a}.compare(b) < 0;
  }

  const Module& module_;
  addr at_;
  decltype(module_.bytes_of(extent<addr>{})) bytes_;
};

/// Records of words: value, name, and Words - 2 more. Kernel: struct kernel_symbol without
/// CONFIG_HAVE_ARCH_PREL32_RELOCATIONS has three, the last being the namespace; up to 5.3, two.
template <class Addr, std::endian Order, std::size_t Words>
struct absolute_ksymtab {
  static constexpr std::size_t size = Words * sizeof(Addr);
  static constexpr Addr value(const unsigned char* r, Addr) noexcept {
    return read_int<Addr, Order>(r);
  }
  static constexpr Addr name(const unsigned char* r, Addr) noexcept {
    return read_int<Addr, Order>(r + sizeof(Addr));
  }
  static constexpr Addr name_space(const unsigned char* r, Addr) noexcept {
    if constexpr (Words < 3) return 0;
    else return read_int<Addr, Order>(r + 2 * sizeof(Addr));
  }
  static constexpr void swap(unsigned char* a, Addr, unsigned char* b, Addr) noexcept {
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned char t = a[i];
      a[i] = b[i];
      b[i] = t;
    }
  }
};

/// Records of 32-bit distances from themselves: value, name, and with three Words the namespace.
/// Kernel: struct kernel_symbol with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS; up to 5.3, of two.
template <class Addr, std::endian Order, std::size_t Words>
struct relative_ksymtab {
  static constexpr std::size_t size = 4 * Words;
  static constexpr Addr value(const unsigned char* r, Addr at) noexcept { return target(r, at, 0); }
  static constexpr Addr name(const unsigned char* r, Addr at) noexcept { return target(r, at, 4); }
  static constexpr Addr name_space(const unsigned char* r, Addr at) noexcept {
    if constexpr (Words < 3) return 0;
    else return read_int<std::uint32_t, Order>(r + 8) == 0 ? 0 : target(r, at, 8);
  }
  static constexpr void swap(unsigned char* a, Addr at_a, unsigned char* b, Addr at_b) noexcept {
    for (std::size_t field = 0; field < size; field += 4) {
      const std::uint32_t x = read_int<std::uint32_t, Order>(a + field),
                          y = read_int<std::uint32_t, Order>(b + field);
      write_int<Order>(a + field, static_cast<std::uint32_t>(y + (at_b - at_a)));
      write_int<Order>(b + field, static_cast<std::uint32_t>(x - (at_b - at_a)));
    }
  }

 private:
  static constexpr Addr target(const unsigned char* r, Addr at, std::size_t field) noexcept {
    const auto distance = static_cast<std::int32_t>(read_int<std::uint32_t, Order>(r + field));
    return static_cast<Addr>(at + field + static_cast<Addr>(static_cast<std::int64_t>(distance)));
  }
};

template <class Addr, std::endian Order>
using prel32_ksymtab = relative_ksymtab<Addr, Order, 3>;

namespace detail {

/// for_each() over one table.
template <class Format, class Module, class F>
constexpr errc for_each_export(const Module& m, const extent<typename Module::addr>& table, F&& f) {
  const export_records<Format, Module> records{m, table};
  for (std::size_t i = 0; i < records.size(); ++i)
    if (const unsigned char* const name = records.name(i); name != nullptr)
      if (const errc e = f(elf::name{name}); e != errc::ok) return e;
  return errc::ok;
}

}  // namespace detail

/// Exports what EXPORT_SYMBOL and EXPORT_SYMBOL_GPL name, in __ksymtab and __ksymtab_gpl.
template <template <class, std::endian> class RecordFormat>
struct basic_ksymtab_exports {
  using role = role::exports;
  static constexpr bool unique = true;

  template <class Machine>
  struct state {
    extent<typename Machine::format::addr> plain{}, gpl{};
  };
  template <class Load>
  using format = RecordFormat<typename Load::addr, Load::byte_order>;

  template <class Load, class Header, class Name>
  static constexpr void see(Load& load, std::uint32_t i, const Header& s,
                            const Name& called) noexcept {
    auto& tables = load.mod->exports;
    const extent<typename Load::addr> here{load.section_address(i), s.sh_size()};
    if (called == "__ksymtab") tables.plain = here;
    else if (called == "__ksymtab_gpl") tables.gpl = here;
  }
  /// Both tables are sorted where they are: a name in one of them would change meanwhile.
  template <class Load>
  constexpr errc finish(Load& load) const noexcept {
    using records = export_records<format<Load>, typename Load::module_type>;
    const auto tables = {load.mod->exports.plain, load.mod->exports.gpl};
    for (const auto& table : tables)
      for (const auto& other : tables)
        if (table.size % format<Load>::size != 0 ||
            !records{*load.mod, table}.names_are_outside(other))
          return errc::bad_section_contents;
    for (const auto& table : tables) records{*load.mod, table}.sort();
    return errc::ok;
  }
  template <std::endian Order, class Module, class Name, class Addr>
  constexpr bool find(const Module& m, const Name& name, bool gpl_ok,
                      symbol<Addr>& out) const noexcept {
    using records = export_records<RecordFormat<Addr, Order>, Module>;
    out.kind = export_kind::plain;
    if (records{m, m.exports.plain}.find(name, out.address)) return true;
    out.kind = export_kind::gpl;
    return visible(out.kind, gpl_ok) && records{m, m.exports.gpl}.find(name, out.address);
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    using records = RecordFormat<typename Module::addr, Order>;
    const errc e = detail::for_each_export<records>(m, m.exports.plain, f);
    return e != errc::ok ? e : detail::for_each_export<records>(m, m.exports.gpl, f);
  }
};

namespace detail {
template <class Addr, std::endian Order>
using ksymtab3 = absolute_ksymtab<Addr, Order, 3>;
}

/// The records of relo/plugin/linux/export.h, and of kernels with absolute ones.
using ksymtab_exports = basic_ksymtab_exports<detail::ksymtab3>;
/// The records of today's kernels on most machines.
using ksymtab_prel32_exports = basic_ksymtab_exports<prel32_ksymtab>;

/// Exports every global symbol that others may see (gABI: STV_DEFAULT or STV_PROTECTED) and that
/// stays after init, absolute and common ones too: for objects that name no exports. They and their
/// names are kept in the module's rodata, hashed into buckets: an object may have tens of
/// thousands, in no order.
struct symtab_exports {
  using role = role::exports;
  static constexpr bool unique = false;  // inline functions stand in every C++ object
  static constexpr bool hashes = true, has_versions = true;

  /// In module memory: one 32-bit word a bucket, the number of the record after its last; the
  /// records {value, name} by bucket, those of a crowded one sorted by name; the names.
  template <class Machine>
  struct state {
    extent<typename Machine::format::addr> buckets{}, records{};
    bool versions = false;  ///< whether there are any that are default versions
  };

  template <class Load>
  constexpr errc layout(Load& load) const {
    using addr = typename Load::addr;
    totals t = count(load, [](const auto&) {});
    if (t.symbols == 0) return errc::ok;
    // Where names share letters, there is no room for one that is not in the file.
    if (!t.shared && load.image.names_may_have('@')) {
      const std::uint64_t before = t.symbols;
      load.mod->exports.versions = true;
      t = count(load, [](const auto&) {});
      load.mod->exports.versions = t.symbols != before;
    }
    const std::uint64_t buckets = 4 * std::bit_ceil((t.symbols + 1) / 2),
                        records = t.symbols * record<addr>;
    const std::uint64_t size = align_up(buckets, sizeof(addr)) + records + t.names;
    using place = typename Load::place_type;
    if (size > place::max_offset) return errc::module_too_large;
    place at;
    const errc e = load.reserve(mem_type::rodata, static_cast<addr>(size), sizeof(addr), at);
    load.mod->exports.buckets = {at.offset, static_cast<addr>(buckets)};
    load.mod->exports.records = {static_cast<addr>(at.offset + align_up(buckets, sizeof(addr))),
                                 static_cast<addr>(records)};
    return e;
  }

  /// What layout() knew as offsets has addresses now.
  template <class Load>
  constexpr void find_tables(Load& load) const noexcept {
    const auto base = load.mod->memory(mem_type::rodata).address;
    for (auto* const e : {&load.mod->exports.buckets, &load.mod->exports.records})
      e->address = static_cast<typename Load::addr>(e->address + base);
  }

  /// A counting sort: how many records a bucket has, where it begins, then each to its place. An
  /// object that reads differently by now is refused.
  template <class Load>
  constexpr errc finish(Load& load) const {
    using addr = typename Load::addr;
    const auto& m = *load.mod;
    const table<Load::byte_order, typename Load::module_type> t{m};
    if (t.buckets.empty()) return errc::ok;
    const totals all = count(load, [&](const auto& name) { t.add(t.bucket_of(name), 1); });
    if (all.symbols != t.size()) return errc::bad_section_contents;
    std::uint32_t begin = 0;
    bool crowded = false;
    for (std::size_t b = 0; b < t.buckets.size() / 4; ++b) {
      const std::uint32_t size = t.end_of(b);
      t.add(b, begin - size);
      begin += size;
      crowded = crowded || size > few;
    }
    typename Load::place_type to{
        mem_type::rodata, static_cast<addr>(m.exports.records.address + m.exports.records.size -
                                            m.memory(mem_type::rodata).address)};
    const std::span<unsigned char> names = load.bytes_at(to, static_cast<addr>(all.names));
    if (names.empty()) return errc::bad_section_contents;
    if (all.shared) {
      load.image.copy_names(names);
      names.back() = 0;
    }
    std::size_t placed = 0, used = 0;
    for_each_export(
        load, [&](std::uint32_t i, const auto& s, const auto& name, std::size_t length) {
          const std::size_t b = t.bucket_of(name), at = t.end_of(b);
          if (at >= t.size() || (!all.shared && length >= names.size() - used)) return;
          std::size_t name_at = used;
          if (all.shared) {
            name_at = s.st_name() < names.size() ? s.st_name() : names.size() - 1;
          } else {
            for (std::size_t k = 0; k < length; ++k)
              names[used + k] = static_cast<unsigned char>(name[k]);
            names[used + length] = 0;
            used += length + 1;
          }
          unsigned char* const r = t.records.data() + at * record<addr>;
          load.write_word(r, load.values[i]);
          load.write_word(r + sizeof(addr), static_cast<addr>(load.address_of(to) + name_at));
          t.add(b, 1);
          ++placed;
        });
    if (placed != t.size()) return errc::bad_section_contents;
    // Names may be chosen so that they share a bucket.
    for (std::size_t b = 0; crowded && b < t.buckets.size() / 4; ++b)
      if (auto records = t.bucket(b); records.size() > few) records.sort();
    return errc::ok;
  }

  template <std::endian Order, class Module, class Name, class Addr>
  constexpr bool find(const Module& m, const Name& name, bool, symbol<Addr>& out) const noexcept {
    if constexpr (is_default_version<Name>)
      if (!m.exports.versions) return false;
    const table<Order, Module> t{m};
    if (t.buckets.empty()) return false;
    const auto records = t.bucket(t.bucket_of(name));
    if (records.size() > few) {
      out.kind = export_kind::plain;
      return records.find(name, out.address);
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      const unsigned char* const here = records.name(i);
      if (here == nullptr || !(name == here)) continue;
      out = {records.value(i), export_kind::plain};
      return true;
    }
    return false;
  }
  template <std::endian Order, class Module, class F>
  constexpr errc for_each(const Module& m, F&& f) const {
    return detail::for_each_export<record_format<typename Module::addr, Order>>(
        m, m.exports.records, f);
  }

 private:
  template <class Addr, std::endian Order>
  using record_format = absolute_ksymtab<Addr, Order, 2>;
  template <class Addr>
  static constexpr std::size_t record = 2 * sizeof(Addr);
  /// Records of a bucket that are searched one by one. There are two on average.
  static constexpr std::size_t few = 8;

  /// The tables as bytes.
  template <std::endian Order, class Module>
  struct table {
    using addr = typename Module::addr;
    const Module& module;
    std::span<unsigned char> buckets = module.bytes_of(module.exports.buckets);
    std::span<unsigned char> records = module.bytes_of(module.exports.records);

    constexpr std::size_t size() const noexcept { return records.size() / record<addr>; }
    template <class Name>
    constexpr std::size_t bucket_of(const Name& name) const noexcept {
      return hash_name(name) & (buckets.size() / 4 - 1);
    }
    constexpr std::uint32_t end_of(std::size_t b) const noexcept {
      return read_int<std::uint32_t, Order>(buckets.data() + 4 * b);
    }
    constexpr void add(std::size_t b, std::uint32_t n) const noexcept {
      write_int<Order>(buckets.data() + 4 * b, end_of(b) + n);
    }
    /// The records of a bucket. What the module's code may have written there since leads no
    /// further than all records.
    constexpr auto bucket(std::size_t b) const noexcept {
      const std::size_t first = b == 0 ? 0 : end_of(b - 1), end = end_of(b);
      const bool is = first < end && end <= size();
      return export_records<record_format<addr, Order>, Module>{
          module,
          {static_cast<addr>(module.exports.records.address + first * record<addr>),
           static_cast<addr>((is ? end - first : 0) * record<addr>)}};
    }
  };

  /// How many symbols there are, and what room their names take: no more than in the file, where
  /// they may share letters, and then do so here.
  struct totals {
    std::uint64_t symbols = 0, names = 0;
    bool shared = false;
  };
  template <class Load, class F>
  static constexpr totals count(Load& load, F&& f) {
    totals t;
    for_each_export(load, [&](std::uint32_t, const auto&, const auto& name, std::size_t length) {
      ++t.symbols;
      t.names += length + 1;
      f(name);
    });
    if (t.symbols == 0) return t;  // there may be no names at all
    const std::uint64_t in_file = std::uint64_t{load.image.names_last()} + 1;
    t.shared = t.names > in_file && !load.mod->exports.versions;
    if (t.shared) t.names = in_file;
    return t;
  }

  /// f(number, symbol, name, its length)
  template <class Load, class F>
  static constexpr void for_each_export(Load& load, F&& f) {
    for_each_global(load, f);
    if (load.mod->exports.versions) for_each_default_version(load, f);
  }
  /// Out of line: objects hardly ever have any, and the others' loop keeps its registers.
  template <class Load, class F>
  [[gnu::noinline]] static constexpr void for_each_default_version(Load& load, F& f) {
    for_each_global(load, [&](std::uint32_t i, const auto& s, const auto& name, std::size_t) {
      const std::size_t size = size_without_version(name);
      if (name[size] == '@' && name[size + 1] == '@') f(i, s, name.first(size + 2), size + 2);
    });
  }
  template <class Load, class F>
  static constexpr void for_each_global(Load& load, F&& f) {
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      if (s.bind() == elf::stb::local || !elf::visible(s.st_other()) ||
          s.type() == elf::stt::section || !stays(load, load.image.symbol_section(i, s)))
        continue;
      const auto name = load.image.symbol_name(s);
      // A longer one is none that is found in a module.
      if (const std::size_t length = name.size(elf::max_name); length < elf::max_name)
        f(i, s, name, length);
    }
  }
  /// A symbol with an absolute value needs no section, nor does a common one.
  template <class Load>
  static constexpr bool stays(const Load& load, std::uint32_t section) noexcept {
    if (section == Load::image_type::abs || load.image.is_common(section)) return true;
    return load.is_loaded(section) && !is_init(load.place_of(section).type);
  }
};

/// What another policy exports, for who knows the module: find(module, name) has it, and neither
/// other modules nor find(name) do, as if each were loaded with load_options::local. So any number
/// of plugins may export one name, such as that of the function by which all of them are called.
template <class Exports = symtab_exports>
struct local_exports : Exports {
  static constexpr bool unique = false, local = true;
};

/// Whether a policy says that of all modules.
template <class Exports>
inline constexpr bool exports_are_local = requires { requires Exports::local; };

}  // namespace relo
