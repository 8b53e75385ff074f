// module_frob_arch_sections: room for the GOT slots and veneers that relocations may need. A
// machine without either has nothing to do here, and no code.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct module_frob_arch_sections {
  static constexpr const char* name = "module_frob_arch_sections";
  using undo = nothing_to_undo;
  using needs = facets<facet::places>;
  template <class Load>
  static constexpr bool reads_in =
      uses_got<typename Load::machine> ||
      (uses_veneers<typename Load::machine> && !requires { requires Load::makes_room; });

  template <class Load>
  constexpr errc run(Load& load) const {
    using machine = typename Load::machine;
    if constexpr (!Load::loader_type::stubs::counted) {
      const errc e = load.reserve_veneers(load);
      return e == errc::ok ? e : load.fail(e);
    } else if constexpr (uses_got<machine> || uses_veneers<machine>) {
      if (const errc e = count(load); e != errc::ok) return e;
      return reserve(load);
    }
    return errc::ok;
  }

  /// Whether a relocation of the object wants a GOT slot or a veneer.
  template <class Load>
  static constexpr bool wants_stubs(Load& load) noexcept {
    using machine = typename Load::machine;
    bool wants = false;
    if constexpr (uses_got<machine> || uses_veneers<machine>)
      for (std::uint32_t i = 1; i < load.image.sections() && !wants; ++i) {
        const auto s = load.image.section(i);
        if (!load.image.is_relocations(s) || !is_loaded(load, s.sh_info())) continue;
        (void)load.image.for_each_relocation(
            load.image.records_of(s), [&](std::uint32_t, const auto& r) {
              wants = need_of<machine>(r.r_type()) != stub_need::none;
              return wants ? errc::too_many_stubs : errc::ok;  // the first one will do
            });
      }
    return wants;
  }

 private:
  template <class Load>
  static constexpr errc count(Load& load) {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      const std::uint32_t target = s.sh_info();
      const auto records = load.image.records_of(s);
      if (!load.image.is_relocations(s) || !is_loaded(load, target)) continue;
      const errc e = load.image.for_each_relocation(records, [&](std::uint32_t n, const auto& r) {
        const stub_need need = need_of<typename Load::machine>(r.r_type());
        if (!load.stub.ready()) {
          if (need == stub_need::none) return errc::ok;
          const auto words = load.loader.scratch().take(load.image.symbols());
          if (words.size() != load.image.symbols()) return load.out_of_scratch(words.size());
          load.stub.use(words);
        }
        if (r.r_sym() >= load.image.symbols())
          return load.fail(errc::relocation_symbol_out_of_range, {.section = target,
                                                                  .relocation = n,
                                                                  .type = r.r_type(),
                                                                  .offset = r.r_offset(),
                                                                  .value = r.r_sym()});
        load.stub.mark(r.r_sym(), need);
        return errc::ok;
      });
      if (e != errc::ok) return e;
    }
    const bool numbered = load.stub.number([&](std::uint32_t i) {
      // A branch within the module reaches; one that leaves it may not.
      const std::uint32_t in = load.image.symbol_section(i, load.image.symbol(i));
      return in == elf::shn::undef || in == Load::image_type::abs;
    });
    constexpr auto most = std::uint64_t{decltype(load.stub)::most};
    return numbered ? errc::ok
                    : load.fail(errc::too_many_stubs, {.value = most + 1, .limit = most});
  }

  template <class Load>
  static constexpr bool is_loaded(Load& load, std::uint32_t section) {
    return section < load.image.sections() &&
           (load.image.section(section).sh_flags() & elf::shf::alloc) != 0;
  }

  static constexpr stub_need need_of(const howto& h) noexcept {
    if (h.kind != howto_kind::apply) return stub_need::none;
    return h.value.g != 0   ? stub_need::got_slot
           : h.value.l != 0 ? stub_need::veneer
                            : stub_need::none;
  }
  /// Types that no row describes are apply_relocations' to refuse.
  template <class Machine>
  static constexpr stub_need need_of(std::uint32_t type) noexcept {
    constexpr std::uint64_t got =
        types_where<Machine>([](const howto& h) { return need_of(h) == stub_need::got_slot; });
    constexpr std::uint64_t veneer =
        types_where<Machine>([](const howto& h) { return need_of(h) == stub_need::veneer; });
    if (type < 64) return static_cast<stub_need>((got >> type & 1) | (veneer >> type & 1) << 1);
    return with_howto<Machine>(type, stub_need::none, []<std::size_t I>() {
      constexpr stub_need need = need_of(Machine::howtos[I]);
      return need;
    });
  }

  template <class Load>
  static constexpr errc reserve(Load& load) {
    using machine = typename Load::machine;
    using addr = typename Load::addr;
    // Slot numbers fit half a word, so these products cannot wrap for slots below 2^27 bytes.
    const auto reserve = [&](mem_type type, std::uint64_t slots, addr size, addr align,
                             typename Load::place_type& out) {
      return slots * size > Load::place_type::max_offset
                 ? errc::too_many_stubs
                 : load.reserve(type, static_cast<addr>(slots * size), align, out);
    };
    errc e = errc::ok;
    // The GOT has an address even when empty: code may refer to it and never use a slot.
    if constexpr (uses_got<machine>)
      e = reserve(mem_type::rodata, load.stub.got_slots(), machine::got_entry, machine::got_entry,
                  load.got);
    if constexpr (uses_veneers<machine>)
      if (e == errc::ok && load.stub.veneers() != 0)
        e = reserve(mem_type::text, load.stub.veneers(), machine::veneer_size,
                    machine::veneer_align, load.veneers);
    return e == errc::ok ? e : load.fail(e);
  }
};

}  // namespace relo::stages
