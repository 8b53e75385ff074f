// find_module_sections: the tables within the module that it is run by.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct find_module_sections {
  static constexpr const char* name = "find_module_sections";

  template <class Load>
  constexpr errc run(Load& load) const {
    load.mod->parameters = load.section_extent(load.index.param);
    load.loader.exports().find_tables(load);
    return errc::ok;
  }
};

}  // namespace relo::stages
