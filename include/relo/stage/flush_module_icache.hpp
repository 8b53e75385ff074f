// flush_module_icache: what was written as data is about to be fetched as code.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct flush_module_icache {
  static constexpr const char* name = "flush_module_icache";
  using undo = nothing_to_undo;

  static constexpr bool reads = false;
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using module_type = typename Load::module_type;
    for (std::size_t a = 0; a < module_type::areas; ++a)
      if (has_code<module_type>(a)) load.loader.execution().flush(load.mod->all_memory()[a].bytes);
    return errc::ok;
  }

 private:
  template <class Module>
  static constexpr bool has_code(std::size_t area) noexcept {
    for (std::size_t t = 0; t < mem_types; ++t)
      if (Module::area_of(static_cast<mem_type>(t)) == area &&
          permission_of(static_cast<mem_type>(t), false) == permission::rx)
        return true;
    return false;
  }
};

}  // namespace relo::stages
