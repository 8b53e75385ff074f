// simplify_symbols: every symbol gets its address. All are resolved before any is used.
#pragma once

#include <relo/stage/named_sections.hpp>
#include <relo/symbol/hash.hpp>
#include <relo/symbol/symbol.hpp>
#include <relo/symbol/version.hpp>

namespace relo::stages {

/// Where symbols are resolved when they are asked for, there is nothing to do here, and no code;
/// but values_in_order ask ahead.
struct simplify_symbols {
  static constexpr const char* name = "simplify_symbols";
  using undo = nothing_to_undo;
  using needs = facets<facet::memory>;
  using gives = facets<facet::values>;
  template <class Load>
  static constexpr bool looks_ahead = requires(Load& load) { load.look_ahead(load); };
  template <class Load>
  static constexpr bool reads_in = Load::loader_type::values::all_first || looks_ahead<Load>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if constexpr (Load::loader_type::values::all_first) return resolve_all(load);
    if constexpr (looks_ahead<Load>) load.look_ahead(load);
    return errc::ok;
  }

 private:
  template <class Load>
  static constexpr errc resolve_all(Load& load) {
    using kept_name = typename Load::image_type::kept_name;
    const std::uint32_t count = load.image.symbols();
    // Where there are common symbols, their offsets are there.
    if (load.values.empty()) load.values = load.loader.scratch().take(count);
    if (load.values.size() != count) return load.out_of_scratch(0);

    batch<Load> asked;
    errc result = errc::ok;  // of the undefined ones: if one is unknown, so are others, perhaps
    // False: the load ends here.
    const auto ask = [&](std::uint32_t i, const kept_name& called) {
      asked.requests[asked.count++] = {sought<Load>{called}, i, false, {}};
      return asked.count != batch_size || resolve(load, asked, result);
    };
    for (std::uint32_t i = 1; i < count; ++i) {
      const auto s = load.image.symbol(i);
      const std::uint32_t in = load.image.symbol_section(i, s);
      if (in == elf::shn::undef) {
        const kept_name called{load.image.symbol_name(s)};
        if (called.empty()) continue;
        if (!load.named.empty() && detail::find_bound(load, called, load.values[i])) continue;
        if (!ask(i, called)) return result;
      } else if (result != errc::ok) {
        continue;  // what else is wrong with the object is not told
      } else if (load.image.is_common(in)) {
        if (!Load::loader_type::has_commons) return load.fail(errc::common_symbol, of_symbol(i));
        load.values[i] = load.address_of({mem_type::data, load.values[i]});
        if constexpr (is_shared<Load>)
          if (is_replaceable(s)) find_common(load, i, kept_name{load.image.symbol_name(s)});
      } else if (in == Load::image_type::abs) {
        load.values[i] = s.st_value();
      } else {
        if (s.type() == elf::stt::gnu_ifunc) return load.fail(errc::ifunc_symbol, of_symbol(i));
        // As linkers have it, what is not loaded begins at 0.
        const auto start = load.is_loaded(in) ? load.section_address(in) : 0;
        load.values[i] = static_cast<typename Load::addr>(start + s.st_value());
        if (s.bind() != elf::stb::local) note_entry_point(load, i, s);
        if constexpr (is_shared<Load>)
          if (is_replaceable(s) && s.bind() != elf::stb::global && s.type() == elf::stt::object &&
              load.is_loaded(in) && load.place_of(in).type == mem_type::data &&
              !ask(i, kept_name{load.image.symbol_name(s)}))
            return result;
      }
    }
    resolve(load, asked, result);
    return result;
  }

  /// Names are looked up together, so that a table may overlap the misses of several.
  static constexpr std::size_t batch_size = 16;

  template <class Load>
  using sought = hashed_name<typename Load::image_type::kept_name>;
  template <class Load>
  struct batch {
    using request = symbol_request<sought<Load>, typename Load::addr>;
    std::array<request, batch_size> requests{};
    std::size_t count = 0;
  };

  template <class Load>
  static constexpr bool is_shared = Load::loader_type::definitions::shared;
  /// Whether a definition may give way to another module's.
  template <class Symbol>
  static constexpr bool is_replaceable(const Symbol& s) noexcept {
    return s.bind() != elf::stb::local && (s.st_other() & 3) == elf::stv::normal;
  }

  /// Gives the symbols of a batch the addresses that others have for them, or tells which of the
  /// undefined ones are unknown; the error is `result` from then on. False: the load ends here.
  template <class Load>
  static constexpr bool resolve(Load& load, batch<Load>& b, errc& result) {
    const std::span requests{b.requests.data(), b.count};
    b.count = 0;
    find_batch(load.loader.host_symbols(), requests, load.gpl_compatible);
    for (auto& r : requests) {
      if constexpr (is_shared<Load>)
        if (is_defined(load, r.index)) {
          find_shared(load, r);
          continue;
        }
      if (!r.found) {
        const errc e = find_elsewhere(load, r.name, r.result);
        r.found = e == errc::ok;
        if (!r.found && e != errc::unknown_symbol) {
          if (result == errc::ok) result = load.fail(e, of_symbol(r.index));
          return false;
        }
      }
      if (r.found && r.result.kind == export_kind::gpl_future && !load.gpl_compatible)
        load.warn(errc::gpl_future_symbol, {.symbol = r.index}, elf::name{""});
      if (r.found) {
        load.values[r.index] = r.result.address;
      } else if (load.image.symbol(r.index).bind() != elf::stb::weak) {
        result = load.fail_also(result, errc::unknown_symbol, of_symbol(r.index));
        if (!load.names_all) return false;
      }
    }
    return true;
  }

  template <class Load>
  static constexpr bool is_defined(Load& load, std::uint32_t i) noexcept {
    return load.image.symbol_section(i, load.image.symbol(i)) != elf::shn::undef;
  }
  /// The module's own definition gives way to the host's, or that of a module which stays; not to
  /// what code that does without a GOT slot for the symbol may not reach.
  template <class Load, class Request>
  static constexpr void find_shared(Load& load, Request& r) {
    using addr = typename Load::addr;
    addr& own = load.values[r.index];
    const auto reaches = [&] {
      const addr to = r.result.address, distance = to < own ? own - to : to - own;
      return sizeof(addr) < 8 || distance < addr{1} << 30 || load.stub.has_got_slot(r.index);
    };
    if (!r.found || !reaches()) {
      auto* m = load.loader.find_exported(r.name, load.gpl_compatible, r.result);
      if (m == nullptr && load.image.symbol(r.index).bind() == elf::stb::gnu_unique)
        m = find_in_local_modules(load, r);
      if (m == nullptr || m->state == module_state::going || !reaches()) return;
      load.loader.registry().use(*load.mod, *m);
    }
    own = r.result.address;
  }
  template <class Load, class Request>
  static constexpr auto* find_in_local_modules(Load& load, Request& r) {
    auto& registry = load.loader.registry();
    auto* m = registry.first();
    while (m != nullptr && !(is_local(*m) && registry.state(*m) != module_state::unformed &&
                             load.loader.find_in(*m, r.name, load.gpl_compatible, r.result)))
      m = registry.next(*m);
    return m;
  }
  template <class Load>
  static constexpr void find_common(Load& load, std::uint32_t i,
                                    const typename Load::image_type::kept_name& called) {
    typename batch<Load>::request r{sought<Load>{called}, i, false, {}};
    find_shared(load, r);
  }

  template <class Load, class Symbol>
  static constexpr void note_entry_point(Load& load, std::uint32_t i, const Symbol& s) {
    using entry = typename Load::loader_type::entry_points;
    if constexpr (entry::any) {
      const auto called = load.image.symbol_name(s);
      if (called == entry::init) load.mod->init = load.values[i];
      if (called == entry::exit) load.mod->exit = load.values[i];
    }
  }
};

}  // namespace relo::stages
