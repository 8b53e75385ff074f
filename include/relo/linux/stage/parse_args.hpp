// The module's parameters: its copy of the arguments, which lives as long as the module does and is
// no part of its regions; and what they say, stored into its variables.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/policy/params.hpp>
#include <relo/memory/scratch.hpp>

namespace relo::kmod::stages {

/// Kernel: mod->args, strndup_user() in load_module().
struct copy_args {
  static constexpr const char* name = "copy_args";
  using needs = facets<facet::module>;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    const elf::name given{load.options.args};
    const std::size_t length = given.size();
    if (length == 0) return errc::ok;
    block<addr>& to = load.mod->args;
    to = kmalloc(load.loader, static_cast<addr>(length + 1));
    if (!to) return load.fail(errc::out_of_memory, about(length + 1));
    for (std::size_t i = 0; i < length; ++i) to.bytes[i] = static_cast<unsigned char>(given[i]);
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    kfree(loader, m.args);
  }
};

struct parse_args {
  static constexpr const char* name = "parse_args";
  using needs = facets<facet::relocated>;
  using undo = nothing_to_undo;
  using gives = facets<facet::parameters>;

  template <class Load>
  constexpr errc run(Load& load) const {
    const auto& args = load.mod->args;
    const scratch_use used{load.loader.scratch()};
    return kmod::parse_args(load, args.address, args.bytes);
  }
};

}  // namespace relo::kmod::stages
