// What is known of an object while it is being loaded. Kernel: struct load_info.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/elf/image.hpp>
#include <relo/elf/section_type.hpp>
#include <relo/module.hpp>
#include <relo/reloc/stubs.hpp>
#include <relo/reloc/type_names.hpp>

namespace relo {

/// What an error alone does not say about a load.
struct load_progress {
  int answer = 0;          ///< the init function's, or of whoever refused the module
  bool allocated = false;  ///< there was memory for the module
  std::size_t length = 0;  ///< of the file, less its signature
  text<1024> name{};       ///< as soon as it is known
};

/// What a caller may say about a load.
struct load_options {
  /// The module's name, if .modinfo does not say; unique among modules.
  const char* name = nullptr;
  /// "name=value ...", kept in the module.
  const char* args = "";
  /// Whether modules that are loaded later, and find(name), shall not see its symbols, as dlopen
  /// has it for RTLD_LOCAL; find(module, name) does. It may export what others do. Of modules of
  /// relo::micro and of kernels this is not asked: all are local, or none, see local_exports.
  bool local = false;
  /// What a dialect's stages may be asked to overlook, see kmod::init_flags.
  unsigned flags = 0;
  /// Where a dialect's stages note how far they came; null: nowhere.
  load_progress* progress = nullptr;
};

/// Where a section is: its memory type and its offset there, in one word. Before layout, and
/// for what is not laid out, the type is in_image and the offset the file's.
template <class Addr>
struct place {
  static constexpr unsigned type_shift = 8 * sizeof(Addr) - 3;
  static constexpr Addr max_offset = (Addr{1} << type_shift) - 1;

  mem_type type = mem_type::in_image;
  Addr offset = 0;

  static constexpr place decode(Addr word) noexcept {
    return {static_cast<mem_type>(word >> type_shift), static_cast<Addr>(word & max_offset)};
  }
  constexpr Addr encode() const noexcept {
    return static_cast<Addr>(static_cast<Addr>(type) << type_shift | offset);
  }
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
template <class Loader, elf::source Source, elf::numbering Numbering,
          class Image = elf::image<typename Loader::machine::format, Source, Loader::machine::rela,
                                   Numbering, reads_crel<typename Loader::machine, Numbering>>>
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
  ///       result = load.fail_also(result, errc::unknown_symbol, {.symbol = i});
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

  constexpr addr load_word(const unsigned char* p) const noexcept {
    return load<addr, byte_order>(p);
  }
  constexpr void store_word(unsigned char* p, addr v) const noexcept { store<byte_order>(p, v); }

 private:
  /// One character more than is kept, so that who keeps them sees that there are more.
  using name_text = text<kept_name_size<typename Loader::diagnostics_type> + 1>;

  enum class telling : unsigned char { error, warning, one_more };

  template <class Name>
  constexpr void tell(const telling what, const errc code, [[maybe_unused]] const where& at,
                      [[maybe_unused]] const Name& name) noexcept {
    auto& to = loader.diagnostics();
    if constexpr (!Loader::diagnostics_type::keeps_location) {
      if (what == telling::warning) to.warn(code);
      else to.report(code);
    } else {
      name_text section, symbol;
      symbol << name;  // before another name is read
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
      const char* const type = code == errc::wrong_relocation_kind && at.relocation == where::none
                                   ? elf::relocation_section_type(at.type)
                                   : type_name<typename whole_machine<machine>::type>(at.type);
      const problem found{code, here, section.c_str(), symbol.c_str(), type};
      if constexpr (names_all)
        if (what == telling::one_more) return to.also(found.symbol);
      if (what == telling::warning) to.warn(found);
      else to.report(found);
    }
  }

  /// As where::offset has them.
  constexpr std::uint64_t first_bytes() noexcept {
    std::array<unsigned char, 8> bytes{};
    const std::size_t size = image.source().size();
    image.source().copy(0, {bytes.data(), size < bytes.size() ? size : bytes.size()});
    return load<std::uint64_t, std::endian::little>(bytes.data());
  }
};

namespace stages {
template <class Load>
constexpr std::size_t scratch_words(Load& load) noexcept;
}

/// The kernel's way: every section and every symbol has its word in scratch memory.
template <class Loader, elf::source Source, class... Image>
struct load_info : basic_load_info<Loader, Source, elf::numbering::extended, Image...> {
  using base = basic_load_info<Loader, Source, elf::numbering::extended, Image...>;
  using typename base::addr;
  using typename base::machine;

  using base::image, base::mod;

  const load_options& options;
  /// Sections that have a meaning, 0: there is none; and how many have a name that is a C
  /// identifier. Kernel: info->index.
  struct {
    std::uint32_t modinfo = 0, param = 0, ksymtab = 0, ksymtab_gpl = 0, named = 0;
  } index{};

  /// Holds a size in the file and one in memory.
  using wide = std::conditional_t<(sizeof(addr) > sizeof(std::size_t)), addr, std::size_t>;

  std::span<addr> places{};  ///< per section: place, encoded; the kernel's two rewrites of sh_addr
  std::span<addr> values{};  ///< per symbol: st_value rewritten to the symbol's address
  std::span<addr> named{};   ///< sections by name, see stages::detail::sort_named()
  stubs<addr> stub{};
  place<addr> got{}, veneers{}, destructors{}, args{};  ///< reserved before layout
  addr destructors_size = 0;
  std::array<addr, mem_types> sizes{};  ///< of each memory type, so far
  std::array<addr, mem_types> alignments{};

  constexpr load_info(Loader& l, const Source& source, const load_options& given) noexcept
      : base{l, typename base::image_type{source}}, options{given} {}

  constexpr place<addr> place_of(std::uint32_t section) const noexcept {
    return section < places.size() ? place<addr>::decode(places[section]) : place<addr>{};
  }
  /// The target address of an offset in a memory type. Sections left in the image have their
  /// file offset for an address, as nothing that runs refers to them.
  constexpr addr address_of(const place<addr>& p) const noexcept {
    return p.type == mem_type::in_image ? p.offset
                                        : static_cast<addr>(mod->memory(p.type).address + p.offset);
  }
  /// `size` writable bytes at p; none if the memory type has not that many.
  constexpr std::span<unsigned char> bytes_at(const place<addr>& p, wide size) const noexcept {
    if (p.type == mem_type::in_image) return {};
    const std::span<unsigned char> all = mod->memory(p.type).bytes;
    if (p.offset > all.size() || size > all.size() - p.offset) return {};
    return all.subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(size));
  }

  /// What measure() says of scratch memory.
  constexpr std::size_t scratch_words() noexcept { return stages::scratch_words(*this); }
  /// Reports that scratch memory had no more than `left` words where a stage wanted more of them.
  constexpr errc out_of_scratch(std::size_t left) noexcept {
    if constexpr (!Loader::diagnostics_type::keeps_location)
      return base::fail(errc::out_of_scratch);
    else
      return base::fail(errc::out_of_scratch, {.value = scratch_words(),
                                               .limit = places.size() + values.size() +
                                                        named.size() + stub.words() + left});
  }

  /// What is quicker with scratch memory, and needs none: n words, or none if there are fewer.
  constexpr std::span<addr> take_words(std::size_t n) noexcept {
    const auto words = this->loader.scratch().take(n);
    return words.size() == n ? words : std::span<addr>{};
  }

  /// Where a loaded section is on the target; empty if it is not loaded.
  constexpr extent<addr> section_extent(std::uint32_t section) noexcept {
    const place<addr> at = place_of(section);
    if (at.type == mem_type::in_image) return {};
    return {address_of(at), image.section(section).sh_size()};
  }

  /// What relocations need to know of sections: whether one is in module memory, and where. Any
  /// number may be asked for.
  constexpr bool is_loaded(std::uint32_t section) const noexcept {
    return place_of(section).type != mem_type::in_image;
  }
  constexpr addr section_address(std::uint32_t section) const noexcept {
    return address_of(place_of(section));
  }
  /// Null unless the module has `size` bytes there.
  constexpr unsigned char* section_data(std::uint32_t section, addr size) const noexcept {
    return bytes_at(place_of(section), size).data();
  }

  /// What relocations ask, see relocated_section.
  constexpr errc symbol_address(std::uint32_t i, addr& out) const noexcept {
    out = values[i];
    return errc::ok;
  }
  constexpr addr got_address() const noexcept { return address_of(got); }
  /// The same symbol's slot is filled the same way each time.
  constexpr bool got_slot(std::uint32_t symbol, addr s, addr& g) const noexcept {
    if (!stub.has_got_slot(symbol)) return false;
    g = static_cast<addr>(stub.got_slot(symbol) * machine::got_entry);
    const auto slot = bytes_at({got.type, static_cast<addr>(got.offset + g)}, sizeof(addr));
    if (slot.empty()) return false;
    this->store_word(slot.data(), s);
    return true;
  }
  constexpr bool veneer(std::uint32_t symbol, addr s, addr& l) const noexcept {
    if (!stub.has_veneer(symbol)) return false;
    const place<addr> at{
        veneers.type,
        static_cast<addr>(veneers.offset + stub.veneer(symbol) * machine::veneer_size)};
    const auto code = bytes_at(at, machine::veneer_size);
    if (code.empty()) return false;
    l = address_of(at);
    machine::write_veneer(code.data(), l, s);
    return true;
  }

  /// Makes room for `size` bytes at the end of a memory type; errc::module_too_large if there
  /// is no such room in the target's address space.
  constexpr errc reserve(mem_type type, addr size, addr align, place<addr>& out) noexcept {
    const auto t = static_cast<std::size_t>(type);
    const addr start = align_up(sizes[t], align);
    if (start < sizes[t] || start > place<addr>::max_offset ||
        size > place<addr>::max_offset - start)
      return errc::module_too_large;
    out = {type, start};
    sizes[t] = static_cast<addr>(start + size);
    if (align > alignments[t]) alignments[t] = align;
    return errc::ok;
  }
};

}  // namespace relo
