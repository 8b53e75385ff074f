// Which errors a loader can meet, and what they are called.
#pragma once

#include <relo/diagnostics.hpp>
#include <relo/pipeline.hpp>
#include <relo/reloc/machine.hpp>

namespace relo {

namespace detail {

/// Whether a stage has said that it tells an error.
template <class Pipeline>
struct stage_errors;
template <class... Stages>
struct stage_errors<pipeline<Stages...>> {
  static constexpr bool have(errc e) { return (one_has<Stages>(e) || ...); }

 private:
  template <class Stage>
  static constexpr bool one_has(errc e) {
    if constexpr (requires { Stage::errors; })
      for (const errc told : Stage::errors)
        if (told == e) return true;
    return false;
  }
};

/// What of the core's errors a loader can meet. Where that depends on the source of an object,
/// which a loader does not know, it can.
template <class Loader>
struct errors_of_loader {
  static constexpr bool has(const error_words& row) {
    return meets(row.by, row.code) || stage_errors<pipeline>::have(row.code);
  }

 private:
  using pipeline = typename Loader::pipeline_type;
  using machine = typename Loader::machine;
  using modules = typename Loader::modules_type;
  using exports = typename Loader::exports_type;
  template <class Facet>
  static constexpr bool gives = pipeline::template gives<Facet>;

  static constexpr bool meets(met by, errc code) {
    constexpr bool small = !Loader::values::all_first;
    constexpr bool tells = Loader::diagnostics_type::keeps_location;
    constexpr bool names = modules::named;
    switch (by) {
      case met::always: return true;
      case met::by_stage: return false;
      case met::general: return !small;
      case met::small: return small;
      case met::crel: return !small || requires { requires machine::crel; };
      case met::attributes:
        if constexpr (has_attributes<machine>)
          return gives<facet::processor> && machine::template attributes<machine>::refuses(code);
        return false;
      case met::names: return names;
      case met::parameters: return Loader::has_parameters;
      case met::tables: return Loader::has_parameters || gives<facet::exports>;
      case met::section_names: return !small || gives<facet::section_names>;
      case met::commons: return gives<facet::commons>;
      case met::no_commons: return !gives<facet::commons>;
      case met::checked_symbols: return true;
      case met::exporters: return names;
      case met::unique_exports:
        return gives<facet::formed> && requires { requires exports::unique; };
      case met::permissions: return Loader::memory_type::granularity > 1;
      case met::writable_code: return gives<facet::pure_code>;
      case met::init: return gives<facet::started>;
      case met::exit: return Loader::entry_points::any;
      case met::got: return uses_got<machine> || tells;
      case met::stubs: return !small && (uses_got<machine> || uses_veneers<machine>);
      case met::upper_parts: return uses_term<machine, &expression::hi>;
      case met::pairs: return has_kind<machine>(howto_kind::set_uleb128);
      case met::alignment: return has_kind<machine>(howto_kind::align);
      case met::tls_rows: return tells || has_kind<machine>(howto_kind::tls);
      case met::dynamic_rows: return tells || has_kind<machine>(howto_kind::dynamic);
      case met::reasons: return tells;
      case met::warnings: return tells;
    }
    return true;
  }
};

}  // namespace detail

/// The words of the errors that a loader can meet, and no others. A kernel has its own.
template <class Loader>
struct loader_words {
  static constexpr const char* message(errc e) noexcept {
    if constexpr (requires { typename Loader::kernel_type::words; })
      return Loader::kernel_type::words::message(e);
    else return detail::packed_words<detail::errors_of_loader<Loader>>::find(e);
  }
};

}  // namespace relo
