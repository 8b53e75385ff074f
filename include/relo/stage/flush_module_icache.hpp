// flush_module_icache: what was written as data is about to be fetched as code.
#pragma once

#include <relo/load_info.hpp>

namespace relo::stages {

struct flush_module_icache {
  static constexpr const char* name = "flush_module_icache";

  template <class Load>
  constexpr errc run(Load& load) const {
    for (const mem_type t : {mem_type::text, mem_type::init_text})
      load.loader.execution().flush(load.mod->memory(t).bytes);
    return errc::ok;
  }
};

}  // namespace relo::stages
