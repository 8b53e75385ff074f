// What a small machine knows of an object while it is being loaded: where its sections are, a word
// each; and as far as scratch memory goes, where its symbols are.
#pragma once

#include <relo/elf/attributes.hpp>
#include <relo/load/provided.hpp>
#include <relo/load_info.hpp>
#include <relo/micro/module.hpp>
#include <relo/stage/commons.hpp>
#include <relo/symbol/symbol.hpp>

namespace relo::micro {

namespace detail {

/// What is said about modules with names.
template <bool Named>
struct named_load {
  explicit constexpr named_load(const load_options&) noexcept {}
};
template <>
struct named_load<true> {
  explicit constexpr named_load(const load_options& given) noexcept : options(given) {}
  const load_options& options;
};

/// Section numbers; 0: there is none.
template <bool Wanted>
struct indexed_load {};
template <>
struct indexed_load<true> {
  struct {
    std::uint32_t param = 0, ksymtab = 0, ksymtab_gpl = 0;
  } index{};
};

/// Where a module's arguments are.
template <class Addr, bool Wanted>
struct load_with_arguments {};
template <class Addr>
struct load_with_arguments<Addr, true> {
  Addr args = 0;
};

/// The section of build attributes, for the stage that looks at it. Of several, the last.
template <bool Wanted>
struct load_with_attributes {};
template <>
struct load_with_attributes<true> {
  elf::attribute_section attributes{};
};
template <class Loader>
inline constexpr bool checks_attributes =
    has_attributes<typename Loader::machine> && Loader::pipeline_type::has("module_elf_check_arch");

/// Whether a symbol may be refused for what it is, see micro::simplify_symbols.
template <bool Wanted>
struct load_with_checked_symbols {};
template <>
struct load_with_checked_symbols<true> {
  bool exporter_goes = false;  ///< of the symbol that was found last
};
template <class Loader>
inline constexpr bool checks_symbols = Loader::pipeline_type::has("simplify_symbols");

/// Where common symbols begin in their region, see micro::layout_commons.
template <class Addr, bool Wanted>
struct load_with_commons {};
template <class Addr>
struct load_with_commons<Addr, true> {
  Addr commons = 0;
};
template <class Loader>
inline constexpr bool has_commons = Loader::pipeline_type::has("layout_commons");

/// For whom a module may use what is exported, see micro::check_modinfo.
template <bool Wanted>
struct load_with_licence {
  static constexpr bool gpl_compatible = true;
};
template <>
struct load_with_licence<true> {
  bool gpl_compatible = false;
};

/// Whether exports find their tables by seeing all sections. Else they ask index.
template <class Loader>
inline constexpr bool sees_sections = requires { requires Loader::exports_type::sees_sections; };

}  // namespace detail

template <class Loader, elf::source Source>
struct load_info : basic_load_info<Loader, Source, elf::numbering::plain>,
                   detail::named_load<Loader::modules_type::named>,
                   detail::indexed_load<Loader::modules_type::named &&
                                        (Loader::has_parameters || !detail::sees_sections<Loader>)>,
                   detail::load_with_attributes<detail::checks_attributes<Loader>>,
                   detail::load_with_checked_symbols<detail::checks_symbols<Loader>>,
                   detail::load_with_commons<typename Loader::addr, detail::has_commons<Loader>>,
                   detail::load_with_licence<Loader::pipeline_type::has("check_modinfo")>,
                   detail::load_with_arguments<typename Loader::addr, Loader::modules_type::named &&
                                                                          Loader::has_parameters> {
  using base = basic_load_info<Loader, Source, elf::numbering::plain>;
  using base::image, base::mod, base::loader;
  using typename base::addr;
  using typename base::image_type;
  using typename base::machine;
  using typename base::module_type;
  using layout = typename Loader::layout;
  static constexpr bool named = Loader::modules_type::named;
  static constexpr bool checks_attributes = detail::checks_attributes<Loader>;
  static constexpr bool checks_symbols = detail::checks_symbols<Loader>;
  static constexpr bool has_parameters = named && Loader::has_parameters;
  static constexpr addr not_loaded = module_type::not_loaded;
  static_assert(!uses_got<machine>, "relo: a small machine's modules have no GOT: take a machine "
                                    "without, such as "
                                    "relo::arch::armv7m_assembler, or only<machine, ...>");
  static constexpr bool finds_names_in_image =
      (Loader::modules_type::keep_image && Loader::pipeline_type::has("keep_image")) ||
      requires { requires Loader::exports_type::keeps_sections; };
  static_assert(
      finds_names_in_image || !requires(const Source& s) { s.address_at(0); },
      "relo: of objects that are in_place modules keep names: take "
      "relo::micro::modules<capacity, name size, true>, and a pipeline with the stage "
      "keep_image, such as relo::micro::load_named_module");

  /// Of each region: how much of it is laid out, and once there is memory, where the next section
  /// goes.
  std::array<addr, layout::regions> next, alignments;
  /// Whether the exports want the addresses of sections later on. Else they are scratch memory's.
  static constexpr bool keeps_table = requires { requires Loader::exports_type::keeps_sections; };
  static constexpr bool sees_sections = detail::sees_sections<Loader>;
  using words = decltype(std::declval<typename Loader::scratch_type&>().take(0));
  std::span<addr> places;  ///< addresses of sections, unless they are kept
  std::conditional_t<keeps_table, words, std::span<addr>> values;  ///< of symbols; 0: not asked for
  std::size_t veneers, veneers_end;                                ///< in their region

  constexpr load_info(Loader& l, const Source& source, const load_options& given) noexcept
      : base{l, image_type{source}},
        detail::named_load<named>{given},
        values{l.scratch().take(~std::size_t{0})} {}

  /// The place of `size` bytes more in a region. False if there is no such room in the target's
  /// address space.
  constexpr bool append(std::size_t region, addr size, addr align, addr& at) noexcept {
    addr& end = next[region];
    if (align > alignments[region]) alignments[region] = align;
    if (!checked_append(end, align, size)) return false;
    at = static_cast<addr>(end - size);
    return true;
  }

  /// Words of scratch memory with which no symbol has to be looked up twice; as far as symbols are
  /// known yet. Of those a load needs one a section, unless the module keeps their addresses.
  constexpr std::size_t scratch_words() const noexcept {
    return std::size_t{image.symbols()} + (keeps_table ? 0 : image.sections());
  }

  constexpr bool is_loaded(std::uint32_t section) const noexcept {
    return section < image.sections() && section_address(section) != not_loaded;
  }
  constexpr addr section_address(std::uint32_t section) const noexcept {
    if constexpr (keeps_table) return mod->section_address(section);
    else return places[section];
  }
  constexpr void place_section(std::uint32_t section, addr at) noexcept {
    if constexpr (keeps_table) mod->place_section(section, at);
    else places[section] = at;
  }
  /// Null unless the module has `size` bytes there.
  constexpr unsigned char* section_data(std::uint32_t section, addr size) const noexcept {
    return mod->at(section_address(section), size);
  }
  constexpr extent<addr> section_extent(std::uint32_t section) noexcept {
    if (!is_loaded(section)) return {};
    return {section_address(section), image.section(section).sh_size()};
  }

  /// Symbols are resolved when a relocation first asks. (Kernel: simplify_symbols() resolves all
  /// of them before; here those that only R_*_NONE names need no answer.)
  constexpr errc symbol_address(std::uint32_t i, addr& out) noexcept {
    out = 0;
    addr& kept = i < values.size() ? values[i] : out;
    if (kept == 0)
      if (const errc e = resolve(i, kept); e != errc::ok) return e;
    out = kept;
    return errc::ok;
  }

  /// Whether a symbol is undefined and has a word of scratch memory, which says that nobody asked
  /// for it yet; and that it was asked for, once it is told that it is unknown.
  constexpr bool is_unasked(std::uint32_t i) noexcept {
    return i != 0 && i < image.symbols() && i < values.size() && values[i] == 0 &&
           image.symbol(i).st_shndx() == elf::shn::undef;
  }
  constexpr void note_told(std::uint32_t i) noexcept {
    if (i < values.size()) values[i] = 1;
  }

  /// 0: it is not known yet, or it is 0.
  constexpr addr known_address(std::uint32_t i) const noexcept {
    return i < values.size() ? values[i] : 0;
  }

  /// A veneer that jumps to S, for a symbol whose value that is. Scratch memory that has a second
  /// word for each symbol knows which is the symbol's; where it has not, and in scratch_of_one, for
  /// which nothing is too small, all are looked through, so that those who want to jump to S share
  /// one.
  constexpr bool veneer([[maybe_unused]] std::uint32_t i, addr s, addr& l) noexcept {
    if constexpr (words::extent == std::dynamic_extent)
      if (const std::size_t word = std::size_t{image.symbols()} + i; word < values.size()) {
        if (values[word] == 0 && !add_veneer(s, values[word])) return false;
        l = values[word];
        return true;
      }
    const std::size_t end = end_of_veneers();
    std::size_t at = veneers;
    while (at != end && !machine::is_veneer_for(mod->regions[text_region].bytes.data() + at, s))
      at += machine::veneer_size;
    if (at == end) return add_veneer(s, l);
    l = static_cast<addr>(mod->regions[text_region].address + at);
    return true;
  }

  /// Whether room for veneers is made when they are: memory can grow, and is one region.
  static constexpr bool makes_room = [] {
    if constexpr (layout::regions == 1 && uses_veneers<machine>)
      return requires(typename Loader::memory_type& m, block<addr>& b) { m.grow(b, addr{}); };
    return false;
  }();
  static constexpr std::size_t text_region = layout::region_of(mem_type::text),
                               commons_region = layout::region_of(mem_type::data);

 private:
  /// Veneers stand in a row at the end of a region. Memory that can grow has as many as are needed,
  /// other memory as may be needed.
  constexpr std::size_t end_of_veneers() const noexcept {
    return makes_room ? mod->regions[text_region].bytes.size() : veneers_end;
  }
  constexpr bool add_veneer(addr s, addr& l) noexcept {
    constexpr std::size_t size = machine::veneer_size;
    block<addr>& region = mod->regions[text_region];
    const std::size_t at = end_of_veneers();
    if constexpr (makes_room) {
      if (!loader.memory().grow(region, size)) return false;
    } else {
      if (size > region.bytes.size() - at) return false;
      veneers_end += size;
    }
    l = static_cast<addr>(region.address + at);
    machine::write_veneer(region.bytes.data() + at, l, s);
    return true;
  }
  [[gnu::noinline]] constexpr errc resolve(std::uint32_t i, addr& out) noexcept {
    const auto s = image.symbol(i);
    const std::uint32_t in = s.st_shndx();
    addr start = 0;
    if (in == elf::shn::undef) return i == 0 ? errc::ok : find(s, out);
    const bool common = in == elf::shn::common || in == large_common<machine>;
    if (common && !detail::has_commons<Loader>) return errc::common_symbol;
    if (!common && in != elf::shn::abs) {
      if (!is_loaded(in)) return errc::symbol_section_not_loaded;
      start = section_address(in);
    }
    if constexpr (checks_symbols)
      if (s.type() >= elf::stt::tls)
        return s.type() == elf::stt::tls ? errc::thread_local_storage : errc::ifunc_symbol;
    if constexpr (detail::has_commons<Loader>)
      if (common) return find_common(i, out);
    out = static_cast<addr>(start + s.st_value());
    return errc::ok;
  }
  /// Of it, and of all others that have a word. An object that reads differently by now may have no
  /// room for them.
  constexpr errc find_common(std::uint32_t i, addr& out) noexcept {
    const block<addr>& region = mod->regions[commons_region];
    addr end = this->commons;
    return stages::detail::reserve_commons(
        *this, [&](std::uint32_t one, addr size, addr align) noexcept {
          if (!checked_append(end, align, size) || end > region.bytes.size())
            return errc::read_failed;
          const auto at = static_cast<addr>(region.address + end - size);
          if (one == i) out = at;
          else if (one < values.size()) values[one] = at;
          return errc::ok;
        });
  }
  /// What was found may be the symbol of a module that goes.
  constexpr errc found_in_time([[maybe_unused]] addr& out) const noexcept {
    if constexpr (checks_symbols)
      if (this->exporter_goes) {
        out = 0;  // it is not known
        return errc::module_going;
      }
    return errc::ok;
  }
  template <class Symbol>
  constexpr errc find(const Symbol& s, addr& out) noexcept {
    symbol<addr> found;
    const bool weak = s.bind() == elf::stb::weak;
    const auto called = image.symbol_name(s);
    if (loader.host_symbols().find(called, this->gpl_compatible, found) ||
        find_elsewhere(called, found)) {
      out = found.address;
      return found_in_time(out);
    }
    if (image_type::is_cut(called)) return errc::symbol_name_too_long;
    return weak ? errc::ok : errc::unknown_symbol;
  }
  /// A module without a name is nobody's dependency.
  template <class Name>
  constexpr bool find_elsewhere([[maybe_unused]] const Name& called,
                                [[maybe_unused]] symbol<addr>& found) noexcept {
    if constexpr (named) {
      if (find_provided(*this, called, found)) return true;
      if (auto* const used = loader.find_exported(called, this->gpl_compatible, found)) {
        if constexpr (checks_symbols) this->exporter_goes = used->state == module_state::going;
        loader.registry().use(*mod, *used);
        return true;
      }
    }
    return false;
  }
};

}  // namespace relo::micro
