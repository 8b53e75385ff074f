// move_module: allocate the module's regions and copy its sections there.
#pragma once

#include <relo/layout/regions.hpp>
#include <relo/stage/scratch_words.hpp>

namespace relo::stages {

struct move_module {
  static constexpr const char* name = "move_module";
  static constexpr bool undoes_part = true;
  using needs = facets<facet::module, facet::layout>;
  using gives = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (const errc e = allocate(load); e != errc::ok) return e;
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto at = load.place_of(i);
      if constexpr (Load::keeps_table)
        load.mod->place_section(i, at ? load.address_of(at) : load.mod->not_loaded);
      if (!at || at.type == mem_type::in_image) continue;
      const auto s = load.image.section(i);
      if (s.sh_type() == elf::sht::nobits) continue;
      // The header may read differently by now. Of a small machine's, which were checked a moment
      // ago, a medium reads no more than there is, and memory stays as it was.
      if constexpr (Load::checked_first)
        if (!load.image.within_file(s.sh_offset(), s.sh_size())) {
          undo(load.loader, *load.mod);
          return load.fail(errc::section_out_of_file, in_section(i, s.sh_size()));
        }
      if (unsigned char* const to = load.byte_at(at, s.sh_size()); to != nullptr)
        load.image.source().copy(static_cast<std::size_t>(s.sh_offset()),
                                 {to, static_cast<std::size_t>(s.sh_size())});
    }
    if constexpr (Load::has_parameters)
      if (load.args) {
        const std::size_t length = elf::name{load.options.args}.size();
        copy_bytes(load.bytes_at(load.args, length).data(), load.options.args, length);
      }
    if constexpr (Load::loader_type::modules_type::keep_image && Load::in_place) keep_image(load);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    for (const auto& r : m.regions)
      if (r) loader.memory().release(r);
  }

  template <class Load>
  using requirements = relo::requirements<typename Load::addr, Load::loader_type::layout::regions>;

  /// What run() will ask memory for; veneers, where memory grows, come on top.
  template <class Load>
  constexpr errc measure(Load& load, requirements<Load>& out) const {
    std::array<typename Load::addr, mem_types> starts{};
    if (const errc e = plan(load, out, starts); e != errc::ok) return load.fail(e);
    out.scratch = load.words_needed(load);
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr void keep_image(Load& load) {
    const auto& source = load.image.source();
    if constexpr (requires { source.is_in_place(); })
      if (!source.is_in_place()) return;
    const void* const first = source.data();
    load.mod->image = {{static_cast<const unsigned char*>(first), source.size()},
                       source.address_at(0)};
  }

  /// A region's size and alignment as memory is asked for them: multiples of what permissions can
  /// be set on, and where veneers will follow, of their alignment. False: there is no such size.
  template <class Load>
  static constexpr bool round_region([[maybe_unused]] Load& load, [[maybe_unused]] std::size_t i) {
    constexpr auto granularity = Load::loader_type::memory_type::granularity;
    if constexpr (granularity > 1) {
      if (!checked_append(load.sizes[i], granularity, 0)) return false;
      if (load.alignments[i] < granularity) load.alignments[i] = granularity;
    }
    // Of a size that wraps there is no memory.
    if constexpr (requires { requires Load::makes_room; })
      load.veneers = load.sizes[i] = align_up(load.sizes[i], Load::machine::veneer_align);
    return true;
  }
  template <class Load>
  static constexpr errc plan_regions(Load& load, requirements<Load>& out) {
    using layout = typename Load::loader_type::layout;
    for (std::size_t i = 0; i < layout::regions; ++i) {
      if (load.sizes[i] == 0) continue;
      if (!round_region(load, i)) return errc::module_too_large;
      out.regions[i].size = load.sizes[i];
      out.regions[i].align = load.alignments[i];
      out.regions[i].first = layout::first_of(i);
    }
    return errc::ok;
  }

  /// Where types are known each starts in its region at a boundary that permissions can be set on;
  /// where only regions are known, each is laid out already.
  template <class Load>
  static constexpr errc plan(Load& load, requirements<Load>& out,
                             [[maybe_unused]] std::array<typename Load::addr, mem_types>& starts) {
    if constexpr (!Load::module_type::by_type) return plan_regions(load, out);
    else return plan_types(load, out, starts);
  }
  template <class Load>
  static constexpr errc plan_types(Load& load, requirements<Load>& out,
                                   std::array<typename Load::addr, mem_types>& starts) {
    using loader_type = typename Load::loader_type;
    using addr = typename Load::addr;
    constexpr addr granularity = loader_type::memory_type::granularity;
    for (const mem_type type : layout_order) {
      const auto t = static_cast<std::size_t>(type);
      if (load.sizes[t] == 0 && load.alignments[t] == 0) continue;
      auto& r = out.regions[loader_type::layout::region_of(type)];
      const addr align = load.alignments[t] > granularity ? load.alignments[t] : granularity;
      if (!checked_append(r.size, align, 0)) return errc::module_too_large;
      starts[t] = r.size;
      if (!checked_append(r.size, 1, load.sizes[t]) || !checked_append(r.size, granularity, 0))
        return errc::module_too_large;
      if (align > r.align) r.align = align;
      if (r.first == mem_type::in_image) r.first = type;
    }
    return errc::ok;
  }

  template <class Load>
  constexpr errc allocate(Load& load) const {
    using loader_type = typename Load::loader_type;
    using layout = typename loader_type::layout;
    using addr = typename Load::addr;
    requirements<Load> needed;
    std::array<addr, mem_types> starts{};
    if (const errc e = plan(load, needed, starts); e != errc::ok) return load.fail(e);

    for (std::size_t i = 0; i < layout::regions; ++i) {
      const auto& r = needed.regions[i];
      if (r.size == 0) continue;
      load.mod->regions[i] = load.loader.memory().allocate(r.first, r.size, r.align);
      if (!load.mod->regions[i]) return out_of_memory(load, needed, i);
    }

    if constexpr (Load::module_type::by_type)
      for (const mem_type type : layout_order) {
        const auto t = static_cast<std::size_t>(type);
        const auto& r = load.mod->regions[layout::region_of(type)];
        // An empty type has an address, too: symbols may stand in empty sections.
        load.mod->mem[t] = {r.bytes.subspan(r ? static_cast<std::size_t>(starts[t]) : 0,
                                            r ? static_cast<std::size_t>(load.sizes[t]) : 0),
                            static_cast<addr>(r.address + starts[t])};
      }
    return errc::ok;
  }

  /// There was no memory for that region. What was allocated before it is given back.
  template <class Load>
  constexpr errc out_of_memory(Load& load, [[maybe_unused]] const requirements<Load>& needed,
                               [[maybe_unused]] std::size_t region) const {
    where at;
    if constexpr (Load::loader_type::diagnostics_type::keeps_location) {
      const auto& r = needed.regions[region];
      at.limit = relo::available(load.loader.memory(), r.first, r.align);
      for (const auto& each : needed.regions) at.value += each.size;
      if (at.limit != where::unknown)
        for (std::size_t i = 0; i < region; ++i) at.limit += needed.regions[i].size;
    }
    undo(load.loader, *load.mod);
    return load.fail(errc::out_of_memory, at);
  }
};

}  // namespace relo::stages
