// complete_formation: exports are unique, permissions are set, others may find the module.
#pragma once

#include <relo/linux/stage/simplify_symbols.hpp>
#include <relo/stage/complete_formation.hpp>

namespace relo::kmod::stages {

struct complete_formation : relo::stages::complete_formation {
  template <class Load>
  constexpr errc run(Load& load) const {
    const errc e = verify_exported_symbols(load);
    return e == errc::ok ? form(load) : e;
  }

 private:
  template <class Load>
  static constexpr errc verify_exported_symbols(Load& load) {
    const errc e = load.loader.exports().template for_each<Load::byte_order>(
        *load.mod, [&](const auto& exported) {
          kernel_symbol<typename Load::addr> other;
          typename Load::module_type* owner = nullptr;
          if (!find_symbol(load.loader, exported, true, other, owner)) return errc::ok;
          const char* const by = other.owner[0] == '\0' ? "kernel" : other.owner;
          load.printk(load.mod->name, ": exports duplicate symbol ", exported, " (owned by ", by,
                      ")");
          return load.fail(errc::duplicate_export, {}, exported);
        });
    // A record whose name is nowhere in the module has the kernel read what is not there.
    return e == errc::bad_section_contents ? load.fail(e) : e;
  }
};

}  // namespace relo::kmod::stages
