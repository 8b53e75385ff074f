// What is known of an object while it is being loaded. Kernel: struct load_info.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/objects.hpp>
#include <relo/load/place.hpp>
#include <relo/load/stubs.hpp>
#include <relo/load/values.hpp>
#include <relo/module.hpp>
#include <relo/pipeline.hpp>
#include <relo/reloc/type_names.hpp>

namespace relo {

/// What an error alone does not say about a load.
struct load_progress {
  int answer = 0;          ///< the init function's, or of whoever refused the module
  bool allocated = false;  ///< there was memory for the module
  std::size_t length = 0;  ///< of the file, less its signature
  using name_text = text<1024>;
  name_text name{};  ///< as soon as it is known
};

/// What a caller may say about a load.
struct load_options {
  /// The module's name, if .modinfo does not say; unique among modules.
  const char* name = nullptr;
  /// "name=value ...", kept in the module.
  const char* args = "";
  /// Whether modules that are loaded later, and find(name), shall not see its symbols, as dlopen
  /// has it for RTLD_LOCAL; find(module, name) does. It may export what others do. Of
  /// small_modules and of kernels' this is not asked: all are local, or none, see local_exports.
  bool local = false;
  /// What a dialect's stages may be asked to overlook, see kmod::init_flags.
  unsigned flags = 0;
  /// Where a dialect's stages note how far they came; null: nowhere.
  load_progress* progress = nullptr;
};

namespace detail {

/// The stage that runs, for policies that tell.
template <bool Kept>
struct stage_name {
  static constexpr const char* stage = "";
  constexpr void enter(const char*) noexcept {}
};
template <>
struct stage_name<true> {
  const char* stage = "";
  constexpr void enter(const char* name) noexcept { stage = name; }
};

}  // namespace detail

/// How much of a name a diagnostics policy keeps, the NUL included.
template <class Diagnostics>
inline constexpr std::size_t kept_name_size = sizeof(void*) > 4 ? 1024 : 80;
template <class Diagnostics>
  requires requires { Diagnostics::name_size; }
inline constexpr std::size_t kept_name_size<Diagnostics> = Diagnostics::name_size;

/// Bytes of the largest block that memory would give, where it says so; else where::unknown.
template <class Memory>
constexpr std::uint64_t available(Memory& memory, mem_type type,
                                  typename Memory::addr align) noexcept {
  if constexpr (requires { memory.available(type, align); }) return memory.available(type, align);
  else return where::unknown;
}
/// Words of scratch memory that are free, likewise.
template <class Scratch>
constexpr std::uint64_t available(Scratch& scratch) noexcept {
  if constexpr (requires { scratch.available(); }) return scratch.available();
  else return where::unknown;
}

/// Whether compact relocations are read: always, but by those who count bytes; see with_crel.
template <class Machine, elf::numbering Numbering>
inline constexpr bool reads_crel =
    Numbering == elf::numbering::extended || requires { requires Machine::crel; };

/// What every kind of load knows: the object and the module.
template <class Loader, elf::source Source,
          class Image =
              elf::image<typename Loader::machine::format, Source, Loader::machine::rela,
                         Loader::objects::numbering,
                         reads_crel<typename Loader::machine, Loader::objects::numbering>>>
struct basic_load_info {
  using loader_type = Loader;
  using machine = typename Loader::machine;
  using addr = typename Loader::addr;
  using module_type = typename Loader::module_type;
  using image_type = Image;
  static constexpr std::endian byte_order = machine::format::byte_order;

  Loader& loader;
  image_type image;
  module_type* mod = nullptr;
  [[no_unique_address]] detail::stage_name<Loader::diagnostics_type::keeps_location> running{};

  /// A stage begins.
  constexpr void enter(const char* name) noexcept {
    running.enter(name);
    loader.diagnostics().enter(name);
  }

  /// Reports an error, with the names that its place implies where the policy keeps them; or
  /// with a name of its own. Returns the code.
  constexpr errc fail(errc code, const where& at = {}) noexcept {
    return fail(code, at, elf::name{""});
  }
  template <std::convertible_to<where> Place>
  constexpr errc fail(errc code, const Place& at) noexcept {
    if constexpr (Loader::diagnostics_type::keeps_location)
      return fail(code, static_cast<where>(at));
    else return fail(code, where{});
  }
  template <class Name>
  constexpr errc fail(errc code, const where& at, const Name& name) noexcept {
    tell(telling::error, code, at, name);
    return code;
  }
  template <class Name>
  constexpr void warn(errc code, const where& at, const Name& name) noexcept {
    tell(telling::warning, code, at, name);
  }
  /// The same error, of a symbol more than those that it was reported of before (`before`, ok: it
  /// was not). So a resolver names all the symbols of an object that are unknown:
  ///
  ///     errc result = errc::ok;
  ///     for (const std::uint32_t i : unknown) {
  ///       result = load.fail_also(result, errc::unknown_symbol, relo::of_symbol(i));
  ///       if (!load.names_all) return result;
  ///     }
  ///     return result;
  ///
  /// A policy that keeps codes only asks for no more than the first, and the compiler drops the
  /// rest. An error of another code takes the place of what was reported.
  static constexpr bool names_all = relo::names_all<typename Loader::diagnostics_type>;
  constexpr errc fail_also(errc before, errc code, const where& at) noexcept {
    if constexpr (names_all)
      if (before == code) {
        tell(telling::one_more, code, at, elf::name{""});
        return code;
      }
    return fail(code, at);
  }

  /// Reports that there is no slot for the module.
  constexpr errc too_many_modules() noexcept {
    constexpr std::uint64_t most = Loader::modules_type::capacity;
    return fail(errc::too_many_modules, {.value = most + 1, .limit = most});
  }

  constexpr addr read_word(const unsigned char* p) const noexcept {
    return read_int<addr, byte_order>(p);
  }
  constexpr void write_word(unsigned char* p, addr v) const noexcept {
    write_int<byte_order>(p, v);
  }

 private:
  /// One character more than is kept, so that who keeps them sees that there are more.
  using name_text = text<kept_name_size<typename Loader::diagnostics_type> + 1>;

  enum class telling : unsigned char { error, warning, one_more };

  template <class Name>
  constexpr void tell(const telling what, const errc code, [[maybe_unused]] const where& at,
                      [[maybe_unused]] const Name& name) noexcept {
    if constexpr (!Loader::diagnostics_type::keeps_location) {
      auto& to = loader.diagnostics();
      if (what == telling::warning) to.warn(code);
      else to.report(code);
    } else {
      name_text symbol;
      symbol << name;  // before another name is read
      tell_named(what, code, at, symbol);
    }
  }
  constexpr void tell_named(const telling what, const errc code, const where& at,
                            name_text& symbol) noexcept {
    auto& to = loader.diagnostics();
    name_text section;
    const auto tell_section = [&](name_text& out, std::uint32_t i) {
      if (i < image.sections() && image.has_section_names())
        out << image.section_name(image.section(i));
    };
    tell_section(section, at.section);
    if (symbol.empty() && at.symbol < image.symbols()) {
      const auto s = image.symbol(at.symbol);
      symbol << image.symbol_name(s);
      // A section symbol has its section's name.
      if (symbol.empty()) tell_section(symbol, image.symbol_section(at.symbol, s));
    }
    where here = at;
    here.stage = running.stage;
    if constexpr (requires { image_type::most_in_name(); })
      if (code == errc::symbol_name_too_long) {
        const auto whole = image.whole_symbol_name(image.symbol(at.symbol));
        symbol = {};
        symbol << whole;
        here.value = whole.size();
        here.limit = image_type::most_in_name();
      }
    if (code == errc::bad_magic || code == errc::truncated_header) here.offset = first_bytes();
    const type_name type =
        code == errc::wrong_relocation_kind && at.relocation == where::none
            ? type_name{"", elf::relocation_section_type(at.type)}
            : told_types<typename whole_machine<machine>::type>::find(at.type).name;
    const problem found{code, here, section.c_str(), symbol.c_str(), type};
    if constexpr (names_all)
      if (what == telling::one_more) return to.also(found.symbol);
    if (what == telling::warning) to.warn(found);
    else to.report(found);
  }

  /// As where::offset has them.
  constexpr std::uint64_t first_bytes() noexcept {
    std::array<unsigned char, 8> bytes{};
    const std::size_t size = image.source().size();
    image.source().copy(0, {bytes.data(), size < bytes.size() ? size : bytes.size()});
    return read_int<std::uint64_t, std::endian::little>(bytes.data());
  }
};

namespace stages {
template <class Load>
constexpr std::size_t scratch_words(Load& load) noexcept;
}

namespace detail {

// What is known of a load if somebody asks for it.

struct with_options {
  const load_options& options;
};
template <class Place>
struct with_arguments {
  Place args{};  ///< where the module keeps them
};
struct with_licence {
  bool gpl_compatible = false;
};
struct without_licence {
  static constexpr bool gpl_compatible = true;
};
/// Sections that have a meaning, 0: there is none. Kernel: info->index.
struct with_modinfo {
  struct {
    std::uint32_t modinfo = 0;
  } index{};
};
/// The first section that is loaded and named otherwise than ".text" and the like, as tables are:
/// from there on they are looked for.
struct with_first_table {
  std::uint32_t first_table = where::none;
};
struct without_first_table {
  static constexpr std::uint32_t first_table = 1;
};
/// What unload() will call.
template <class Place>
struct with_destructors {
  Place destructors{};
  typename Place::addr destructors_size = 0;
};
template <class Part>
struct without {
  constexpr without() = default;
  explicit constexpr without(const load_options&) noexcept {}
};
template <bool Wanted, class Part, class Else = without<Part>>
using part = std::conditional_t<Wanted, Part, Else>;

}  // namespace detail

/// Whether what nobody writes is used where it is in the image: the source says that it stays, and
/// the modules know of more than their own memory types.
template <class Loader, class Source>
inline constexpr bool is_in_place =
    (!Loader::modules_type::by_type || Loader::modules_type::keep_image) &&
    requires(const Source& s) { s.address_at(0); };
template <class Loader, class Source>
using place_in =
    place<typename Loader::addr, Loader::module_type::areas != 1 || is_in_place<Loader, Source>>;

template <class Loader>
inline constexpr bool names_are_known =
    Loader::objects::numbering == elf::numbering::extended || Loader::checks_names;

/// A load: its facets are the object (image), where its sections are (places), where its symbols
/// are (values), the stubs that its code needs, the module, and what went wrong; each as the
/// loader's policies have it.
template <class Loader, elf::source Source, class... Image>
struct load_info
    : basic_load_info<Loader, Source, Image...>,
      detail::part<Loader::modules_type::named || Loader::has_parameters, detail::with_options>,
      detail::part<Loader::modules_type::named_by_modinfo || Loader::reads_licence,
                   detail::with_modinfo>,
      detail::part<Loader::reads_licence, detail::with_licence, detail::without_licence>,
      detail::part<names_are_known<Loader>, detail::with_first_table, detail::without_first_table>,
      detail::part<Loader::has_parameters, detail::with_arguments<place_in<Loader, Source>>>,
      detail::part<Loader::keeps_sorted_destructors,
                   detail::with_destructors<place_in<Loader, Source>>>,
      Loader::values::template facet<Loader>,
      Loader::stubs::template facet<Loader, place_in<Loader, Source>> {
  using base = basic_load_info<Loader, Source, Image...>;
  using base::image, base::mod, base::loader;
  using typename base::addr, typename base::machine, typename base::module_type;
  using layout = typename Loader::layout;
  using place_type = place_in<Loader, Source>;
  static constexpr bool in_place = is_in_place<Loader, Source>;
  static constexpr bool has_parameters = Loader::has_parameters;
  /// Whether the names of all sections are known from the first check on.
  static constexpr bool checked_first = Loader::objects::numbering == elf::numbering::extended;
  static constexpr bool knows_names = names_are_known<Loader>;
  /// Whether exports want the addresses of sections later on.
  static constexpr bool keeps_table = Loader::keeps_sections;
  static_assert(!keeps_table || !Loader::modules_type::by_type,
                "relo: exports that keep the addresses of sections are for modules that know of "
                "regions only: take relo::small_modules");
  static_assert(!in_place || Loader::modules_type::keep_image || keeps_table,
                "relo: of objects that are in_place modules keep names: take "
                "relo::small_machine<capacity, name size, true>");

  /// Holds a size in the file and one in memory.
  using wide = std::conditional_t<(sizeof(addr) > sizeof(std::size_t)), addr, std::size_t>;

  std::span<addr> places{};  ///< per section: place, encoded; the kernel's two rewrites of sh_addr
  std::array<addr, module_type::areas> sizes{};  ///< of each of the module's areas, so far
  std::array<addr, module_type::areas> alignments{};

  constexpr load_info(Loader& l, const Source& source, const load_options& given) noexcept
      : base{l, typename base::image_type{source}},
        detail::part<Loader::modules_type::named || Loader::has_parameters, detail::with_options>{
            given} {}

  // --- places

  /// section < image.sections()
  [[gnu::always_inline]] constexpr place_type place_of(std::uint32_t section) const noexcept {
    return place_type::decode(places[section]);
  }
  /// The target address of a place, once there is memory.
  constexpr addr address_of(const place_type& p) const noexcept {
    if constexpr (in_place)
      if (p.type == mem_type::in_image)
        return static_cast<addr>(image.source().address_at(static_cast<std::size_t>(p.offset)));
    return static_cast<addr>(mod->memory(p.type).address + p.offset);
  }
  /// The first of `size` writable bytes at a place; null if the memory type has not that many.
  [[gnu::noinline]] constexpr unsigned char* byte_at(const place_type p, wide size) const noexcept {
    if (p.type == mem_type::in_image) return nullptr;
    const std::span<unsigned char> all = mod->memory(p.type).bytes;
    if (p.offset > all.size() || size > all.size() - p.offset) return nullptr;
    return all.data() + static_cast<std::size_t>(p.offset);
  }
  /// The same, all of them, or none.
  constexpr std::span<unsigned char> bytes_at(const place_type& p, wide size) const noexcept {
    unsigned char* const first = byte_at(p, size);
    return {first, first == nullptr ? 0 : static_cast<std::size_t>(size)};
  }

  /// Whether the bytes of a section, of any number, are where the module's code may look at them.
  [[gnu::always_inline]] constexpr bool is_loaded(std::uint32_t section) const noexcept {
    return section < image.sections() && places[section] != 0;
  }
  constexpr addr section_address(std::uint32_t section) const noexcept {
    return address_of(place_of(section));
  }
  /// Null unless the module has `size` bytes there.
  constexpr unsigned char* section_data(std::uint32_t section, addr size) const noexcept {
    return byte_at(place_of(section), size);
  }
  /// Where a loaded section is on the target; empty if it is not loaded.
  constexpr extent<addr> section_extent(std::uint32_t section) noexcept {
    if (!is_loaded(section)) return {};
    return {section_address(section), image.section(section).sh_size()};
  }

  /// Makes room for `size` bytes at the end of a memory type; errc::module_too_large if there
  /// is no such room in the target's address space.
  constexpr errc reserve(mem_type type, addr size, addr align, place_type& out) noexcept {
    const std::size_t area = module_type::area_of(type);
    addr& end = sizes[area];
    if (align > alignments[area]) alignments[area] = align;
    if (!checked_append(end, align, size) || (place_type::typed && end > place_type::max_offset))
      return errc::module_too_large;
    out = {type, static_cast<addr>(end - size)};
    return errc::ok;
  }

  // --- symbols

  /// What relocations ask of a symbol below image.symbols().
  constexpr errc symbol_address(std::uint32_t i, addr& out) noexcept {
    return this->value_of(*this, i, out);
  }
  constexpr addr got_address() const noexcept { return address_of(this->got); }
  constexpr bool got_slot(std::uint32_t symbol, addr s, addr& g) const noexcept {
    return this->slot_of(*this, symbol, s, g);
  }
  constexpr bool veneer(std::uint32_t symbol, addr s, addr& l) noexcept {
    return this->veneer_of(*this, symbol, s, l);
  }

  // --- scratch memory

  /// Reports that scratch memory had no more than `there` words in all.
  constexpr errc out_of_scratch(std::size_t left) noexcept {
    if constexpr (!Loader::diagnostics_type::keeps_location)
      return base::fail(errc::out_of_scratch);
    else
      return base::fail(errc::out_of_scratch,
                        {.value = this->words_needed(*this),
                         .limit = places.size() + this->words_taken() + stub_words() + left});
  }
  /// What is quicker with scratch memory, and needs none: n words, or none if there are fewer.
  constexpr std::span<addr> take_words(std::size_t n) noexcept
    requires(!Loader::values::takes_all_scratch)
  {
    const auto words = this->loader.scratch().take(n);
    return words.size() == n ? words : std::span<addr>{};
  }

 private:
  constexpr std::size_t stub_words() const noexcept {
    if constexpr (Loader::stubs::counted) return this->stub.words();
    else return 0;
  }
};

}  // namespace relo
