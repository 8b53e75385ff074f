// module_frob_arch_sections: count the GOT slots and veneers that relocations may need, and
// reserve them. A machine without either has nothing to do here, and no code.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct module_frob_arch_sections {
  static constexpr const char* name = "module_frob_arch_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    using machine = typename Load::machine;
    if constexpr (uses_got<machine> || uses_veneers<machine>) {
      if (const errc e = count(load); e != errc::ok) return e;
      return reserve(load);
    }
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr errc count(Load& load) {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!load.image.is_relocations(s) || !is_loaded(load, s.sh_info())) continue;
      const errc e = load.image.for_each_relocation(s, [&](std::uint32_t n, const auto& r) {
        const errc code = need(load, r.r_type(), r.r_sym());
        return code == errc::ok ? code : load.fail(code, where{.section = s.sh_info(), .symbol = r.r_sym(), .relocation = n,
                                                               .type = r.r_type(), .offset = r.r_offset()});
      });
      if (e != errc::ok) return e;
    }
    return errc::ok;
  }

  template <class Load>
  static constexpr bool is_loaded(Load& load, std::uint32_t section) {
    return section < load.image.sections() && (load.image.section(section).sh_flags() & elf::shf::alloc) != 0;
  }

  /// What one relocation may need. Types that no row describes are apply_relocations' to refuse.
  template <class Load>
  static constexpr errc need(Load& load, std::uint32_t type, std::uint32_t symbol) {
    using machine = typename Load::machine;
    return with_howto<machine>(type, errc::ok, [&]<std::size_t I>() {
      constexpr howto h = machine::howtos[I];
      if constexpr (h.value.g != 0 || h.value.l != 0) {
        if (symbol >= load.image.symbols()) return errc::relocation_symbol_out_of_range;
        if constexpr (h.value.l != 0)
          if (!may_be_far(load, symbol)) return errc::ok;
        if (const errc e = number_slots(load); e != errc::ok) return e;
        const bool numbered = h.value.g != 0 ? load.stub.need_got(symbol) : load.stub.need_veneer(symbol);
        return numbered ? errc::ok : errc::too_many_stubs;
      }
      return errc::ok;
    });
  }

  /// A branch within the module reaches; one that leaves it may not.
  template <class Load>
  static constexpr bool may_be_far(Load& load, std::uint32_t symbol) {
    const std::uint32_t in = load.image.symbol_section(symbol, load.image.symbol(symbol));
    return in == elf::shn::undef || in == Load::image_type::abs;
  }

  template <class Load>
  static constexpr errc number_slots(Load& load) {
    if (load.stub.ready()) return errc::ok;
    const auto words = load.loader.scratch().take(load.image.symbols());
    load.stub.use(words);
    return words.size() == load.image.symbols() ? errc::ok : errc::out_of_scratch;
  }

  template <class Load>
  static constexpr errc reserve(Load& load) {
    using machine = typename Load::machine;
    using addr = typename Load::addr;
    // Slot numbers fit half a word, so these products cannot wrap for slots below 2^27 bytes.
    const auto got = static_cast<std::uint64_t>(load.stub.got_slots()) * machine::got_entry;
    const auto veneers = static_cast<std::uint64_t>(load.stub.veneers()) * machine::veneer_size;
    if (got > place<addr>::max_offset || veneers > place<addr>::max_offset) return load.fail(errc::too_many_stubs);
    errc e = errc::ok;
    // The GOT has an address even when empty: code may refer to it and never use a slot.
    if constexpr (uses_got<machine>) e = load.reserve(mem_type::rodata, static_cast<addr>(got), machine::got_entry, load.got);
    if (e == errc::ok && veneers != 0)
      e = load.reserve(mem_type::text, static_cast<addr>(veneers), machine::veneer_align, load.veneers);
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::stages
