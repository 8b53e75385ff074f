// When a load asks where its symbols are: of all of them first, or of each when a relocation does.
#pragma once

#include <relo/base/role.hpp>
#include <relo/load/resolve.hpp>

namespace relo {

/// When a load asks where its symbols are.
///  - all_first says whether the stage simplify_symbols resolves all symbols before any is used.
///  - takes_all_scratch says whether all scratch memory is the load's from the first stage on.
///  - facet<Loader> is a part of each load, and is asked for
///     - take_places(load), an errc: it takes scratch memory for load.places, one word a section;
///     - value_of(load, i, out), an errc: it gives the address of symbol i;
///     - words_needed(load) and words_taken(), the words of scratch memory, for measure() and
///       errors;
///    and may have look_ahead(load), which simplify_symbols calls where it resolves nothing itself.
/// Its examples are values_first, values_when_asked and values_in_order.
template <class V>
concept values_policy = requires {
  { V::all_first } -> std::convertible_to<bool>;
  { V::takes_all_scratch } -> std::convertible_to<bool>;
  typename V::template facet<detail::any_loader>;
};

/// The kernel's way: names are looked up in batches, an unknown one is told before anything is
/// relocated, and a symbol costs a word of scratch memory.
struct values_first {
  using role = role::values;
  static constexpr bool all_first = true, takes_all_scratch = false;
  template <class Loader>
  struct facet;
};

/// For small machines. Symbols that are only named (R_*_NONE) need no answer, and what does not fit
/// into scratch memory is looked up each time that it is asked for. All scratch memory is the
/// load's: a word a section; a word a symbol, as far as it goes; and if it goes as far, another,
/// for veneers.
struct values_when_asked {
  using role = role::values;
  static constexpr bool all_first = false, takes_all_scratch = true;
  template <class Loader>
  class facet;
};

/// As values_when_asked; but simplify_symbols has all symbols looked up that have a word, in the
/// order of their table and whether a relocation asks for them or not: a medium is read from one
/// end to the other. What is wrong with one is told when a relocation asks for it.
struct values_in_order : values_when_asked {
  template <class Loader>
  struct facet;
};

template <class Loader>
struct values_first::facet {
  using addr = typename Loader::addr;

  std::span<addr> values{};  ///< per symbol: st_value rewritten to the symbol's address
  std::span<addr> named{};   ///< sections by name, see stages::detail::sort_named()
  std::uint32_t named_count = 0;

  template <class Load>
  constexpr errc take_places(Load& load) const {
    const std::uint32_t count = load.image.sections();
    load.places = load.loader.scratch().take(count);
    if (load.places.size() != count) return load.out_of_scratch(0);
    return errc::ok;
  }
  template <class Load>
  constexpr errc value_of(const Load&, std::uint32_t i, addr& out) const noexcept {
    out = values[i];
    return errc::ok;
  }
  constexpr std::size_t words_taken() const noexcept { return values.size() + named.size(); }
  template <class Load>
  static constexpr std::size_t words_needed(Load& load) noexcept;  // stage/scratch_words.hpp
};

namespace detail {

/// Where common symbols begin in their area, if there is a stage that lays them out.
template <class Addr, bool Wanted>
struct values_of_commons {};
template <class Addr>
struct values_of_commons<Addr, true> {
  Addr commons = 0;
};

}  // namespace detail

template <class Loader>
class values_when_asked::facet
    : public detail::values_of_commons<typename Loader::addr, Loader::has_commons> {
 public:
  using addr = typename Loader::addr;

  std::span<addr> values;  ///< of symbols, as far as they go; 0: not asked for yet

  template <class Load>
  constexpr errc take_places(Load& load) {
    const auto all = load.loader.scratch().take(~std::size_t{0});
    const std::uint32_t count = load.image.sections();
    if (const std::size_t there = all.size(); there < count)
      return load.fail(errc::out_of_scratch, {.value = count, .limit = there});
    load.places = all.first(count);
    values = all.subspan(count);
    return errc::ok;
  }
  template <class Load>
  constexpr errc value_of(Load& load, std::uint32_t i, addr& out) noexcept {
    out = 0;
    addr& kept = i < values.size() ? values[i] : out;
    if (kept == 0)
      if (const errc e = resolve(load, i, kept); e != errc::ok) return e;
    out = kept;
    return errc::ok;
  }
  /// 0: it is not known yet, or it is 0.
  constexpr addr known_address(std::uint32_t i) const noexcept {
    return i < values.size() ? values[i] : 0;
  }

  constexpr std::size_t words_taken() const noexcept { return values.size(); }
  /// With so many no symbol has to be looked up twice.
  template <class Load>
  static constexpr std::size_t words_needed(Load& load) noexcept {
    return std::size_t{load.image.symbols()} + load.image.sections();
  }

  /// Whether a symbol is undefined and has a word of scratch memory, which says that nobody asked
  /// for it yet; and that it was asked for, once it is told that it is unknown.
  template <class Load>
  constexpr bool is_unasked(Load& load, std::uint32_t i) noexcept {
    return i != 0 && i < load.image.symbols() && i < values.size() && values[i] == 0 &&
           load.image.symbol(i).st_shndx() == elf::shn::undef;
  }
  constexpr void note_told(std::uint32_t i) noexcept {
    if (i < values.size()) values[i] = 1;
  }

 private:
  template <class Load>
  [[gnu::noinline]] static constexpr errc resolve(Load& load, std::uint32_t i, addr& out) noexcept {
    using machine = typename Loader::machine;
    const auto s = load.image.symbol(i);
    const std::uint32_t in = s.st_shndx();
    addr start = 0;
    if (in == elf::shn::undef) return i == 0 ? errc::ok : find(load, i, s, out);
    const bool common = in == elf::shn::common || in == large_common<machine>;
    if (common && !Loader::has_commons) return errc::common_symbol;
    if (!common && in != elf::shn::abs) {
      if (!load.is_loaded(in)) return errc::symbol_section_not_loaded;
      start = load.section_address(in);
    }
    if (s.type() >= elf::stt::tls)
      return s.type() == elf::stt::tls ? errc::thread_local_storage : errc::ifunc_symbol;
    if constexpr (Loader::has_commons)
      if (common) return find_common(load, i, out);
    out = static_cast<addr>(start + s.st_value());
    return errc::ok;
  }
  template <class Load, class Symbol>
  static constexpr errc find(Load& load, [[maybe_unused]] std::uint32_t i, const Symbol& s,
                             addr& out) noexcept {
    const bool weak = s.bind() == elf::stb::weak;
    const auto called = load.image.symbol_name(s);
    symbol<addr> found;
    if (!load.loader.host_symbols().find(called, load.gpl_compatible, found))
      if (const errc e = find_elsewhere(load, called, found); e != errc::ok) {
        if (e != errc::unknown_symbol) return e;
        if (Load::image_type::is_cut(called)) return errc::symbol_name_too_long;
        return weak ? errc::ok : e;
      }
    if constexpr (Loader::reads_licence)
      if (found.kind == export_kind::gpl_future && !load.gpl_compatible)
        load.warn(errc::gpl_future_symbol, {.symbol = i}, elf::name{""});
    out = found.address;
    return errc::ok;
  }
  /// Of it, and of all others that have a word. An object that reads differently by now may have no
  /// room for them.
  template <class Load>
  static constexpr errc find_common(Load& load, std::uint32_t i, addr& out) noexcept {
    const auto& area = load.mod->memory(mem_type::data);
    addr end = load.commons;
    return for_each_common(load, [&](std::uint32_t one, addr size, addr align) noexcept {
      if (!checked_append(end, align, size) || end > area.bytes.size()) return errc::read_failed;
      const auto at = static_cast<addr>(area.address + end - size);
      if (one == i) out = at;
      else if (one < load.values.size()) load.values[one] = at;
      return errc::ok;
    });
  }
};

template <class Loader>
struct values_in_order::facet : values_when_asked::facet<Loader> {
  template <class Load>
  constexpr void look_ahead(Load& load) noexcept {
    typename Loader::addr ignored = 0;
    for (std::uint32_t i = 1; i < load.image.symbols() && i < this->values.size(); ++i)
      (void)this->value_of(load, i, ignored);
  }
};

}  // namespace relo
