// move_module: allocate the module's regions and copy its sections there.
#pragma once

#include <relo/micro/layout_sections.hpp>

namespace relo::micro {

struct move_module {
  static constexpr const char* name = "move_module";

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!allocate(load)) {
      undo(load.loader, *load.mod);
      return load.fail(errc::out_of_memory);
    }
    load.veneers = load.address_of(load.veneers);
    load.veneers_end = load.address_of(load.veneers_end);
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (!load.is_loaded(i)) {
        if constexpr (requires { load.image.source().address_at(0); })
          if (layout_sections::stays(load.image, i, s))
            load.places[i] = load.image.source().address_at(s.sh_offset());
        continue;
      }
      load.places[i] = load.address_of(load.places[i]);
      if (unsigned char* const to = load.section_data(i, s.sh_size());
          to != nullptr && s.sh_type() != elf::sht::nobits)
        load.image.source().copy(static_cast<std::size_t>(s.sh_offset()), {to, s.sh_size()});
    }
    if constexpr (Load::named) {
      load.args = load.address_of(load.args);
      const std::size_t length = elf::name{load.options.args}.size();
      if (unsigned char* const to = load.mod->at(load.args, static_cast<typename Load::addr>(length));
          to != nullptr && length != 0)
        copy_bytes(to, load.options.args, length);
    }
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    for (auto& r : m.regions) {
      if (r) loader.memory().release(r);
      r = {};
    }
  }

  /// What run() will ask memory for.
  template <class Load, class Requirements>
  constexpr errc measure(Load& load, Requirements& out) const noexcept {
    for (std::size_t r = 0; r < Load::layout::regions; ++r)
      if (load.sizes[r] != 0)
        out.regions[r] = {load.sizes[r], load.alignments[r], Load::layout::first_of(r)};
    out.scratch = load.image.sections() + load.image.symbols() - load.image.first_global();
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr bool allocate(Load& load) {
    for (std::size_t r = 0; r < Load::layout::regions; ++r) {
      auto& region = load.mod->regions[r];
      if (load.sizes[r] == 0) continue;
      region = load.loader.memory().allocate(Load::layout::first_of(r), load.sizes[r],
                                             load.alignments[r]);
      if (!region) return false;
    }
    return true;
  }
};

}  // namespace relo::micro
