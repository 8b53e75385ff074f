// move_module: allocate the module's regions and copy its sections there.
#pragma once

#include <relo/micro/layout_sections.hpp>

namespace relo::micro {

struct move_module {
  static constexpr const char* name = "move_module";
  static constexpr bool undoes_part = true;

  template <class Load>
  constexpr errc run(Load& load) const {
    where at;
    if (!allocate(load, at)) return load.fail(errc::out_of_memory, at);
    if (const errc e = layout_sections::go_through(load, true); e != errc::ok) {
      undo(load.loader, *load.mod);
      return e;
    }
    if constexpr (Load::has_parameters)
      if (const std::size_t length = elf::name{load.options.args}.size(); length != 0) {
        const auto size = static_cast<typename Load::addr>(length + 1);
        (void)load.append(Load::layout::region_of(mem_type::data), size, 1, load.args);
        if (unsigned char* const to = load.mod->at(load.args, size); to != nullptr)
          copy_bytes(to, load.options.args, length);
      }
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    for (const auto& r : m.regions)
      if (r) loader.memory().release(r);
  }

  /// What run() will ask memory for; veneers, where memory grows, come on top. Of scratch memory
  /// less will do.
  template <class Load, class Requirements>
  constexpr errc measure(Load& load, Requirements& out) const noexcept {
    for (std::size_t r = 0; r < Load::layout::regions; ++r)
      if (load.next[r] != 0)
        out.regions[r] = {load.next[r], load.alignments[r], Load::layout::first_of(r)};
    out.scratch = load.scratch_words();
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr bool allocate(Load& load, [[maybe_unused]] where& at) {
    using addr = typename Load::addr;
    for (std::size_t r = 0; r < Load::layout::regions; ++r) {
      addr& next = load.next[r];
      if (!(Load::keeps_table && r == Load::module_type::table_region) && next == 0) continue;
      if constexpr (Load::makes_room)
        load.veneers = next = align_up(next, addr{Load::machine::veneer_align});
      // Of a size that wrapped there is none.
      auto& region = load.mod->regions[r];
      region = load.loader.memory().allocate(Load::layout::first_of(r), next, load.alignments[r]);
      if (!region) {
        if constexpr (Load::loader_type::diagnostics_type::keeps_location) {
          const mem_type first = Load::layout::first_of(r);
          at.limit = available(load.loader.memory(), first, load.alignments[r]);
          at.value = next;
        }
        while (r-- != 0)
          if (load.mod->regions[r]) load.loader.memory().release(load.mod->regions[r]);
        return false;
      }
      next = region.address;
    }
    if constexpr (Load::keeps_table)
      load.next[Load::module_type::table_region] += layout_sections::table_size(load);
    return true;
  }
};

}  // namespace relo::micro
