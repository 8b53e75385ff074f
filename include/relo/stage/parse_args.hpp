// parse_args: "name=value ..." given at load, stored into the module's parameters.
#pragma once

#include <relo/load_info.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/module/params.hpp>

namespace relo::stages {

struct parse_args {
  static constexpr const char* name = "parse_args";
  using undo = nothing_to_undo;
  using needs = facets<facet::relocated>;
  using gives = facets<facet::parameters>;

  template <class Load>
  constexpr errc run(Load& load) const {
    if (!load.args) return errc::ok;
    const std::size_t length = elf::name{load.options.args}.size();
    const scratch_use used{load.loader.scratch()};
    return relo::parse_args(load, load.address_of(load.args), load.bytes_at(load.args, length + 1));
  }
};

}  // namespace relo::stages
