// simplify_symbols: every symbol gets its address. Those that have none are all named.
#pragma once

#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/record/version.hpp>
#include <relo/memory/scratch.hpp>
#include <relo/symbol/hash.hpp>

namespace relo::kmod {

/// The symbol of that name: the kernel's own, else that of the module that was loaded first of
/// those that export it; `owner` is that module, or null. Kernel: find_symbol().
template <class Loader, class Name>
constexpr bool find_symbol(Loader& loader, const Name& called, bool gpl_ok,
                           kernel_symbol<typename Loader::addr>& out,
                           typename Loader::module_type*& owner) {
  owner = nullptr;
  if (loader.host_symbols().find(called, gpl_ok, out)) return true;
  owner = loader.find_exported(called, gpl_ok, out);
  return owner != nullptr;
}

namespace stages {

struct simplify_symbols {
  static constexpr const char* name = "simplify_symbols";
  using needs = facets<facet::memory>;
  using gives = facets<facet::values>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    const std::uint32_t count = load.image.symbols();
    load.values = load.loader.scratch().take(count);
    if (load.values.size() != count) return load.out_of_scratch(0);

    const scratch_use used{load.loader.scratch()};
    modversions<Load>{load}.sort();
    const errc e = resolve_all(load);
    load.versions_by_name = {};
    load.imports = {};
    return e;
  }

 private:
  template <class Load>
  static constexpr errc resolve_all(Load& load) {
    using image = typename Load::image_type;
    using addr = typename Load::addr;
    errc result = errc::ok;
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      const std::uint32_t in = load.image.symbol_section(i, s);
      load.values[i] = s.st_value();
      errc e = errc::ok;
      if (in != image::abs && !load.image.has_name(s)) {
        e = load.fail(errc::symbol_name_out_of_range, of_symbol(i, s.st_name()));
      } else if (in == elf::shn::undef) {
        e = undefined(load, i, s, result);
      } else if (in == image::common) {
        if (!load.image.symbol_name(s).starts_with("__gnu_lto")) {
          load.printk(load.mod->name, ": please compile with -fno-common");
          e = load.fail(errc::common_symbol, of_symbol(i));
        }
      } else if (in == image::abs || in == image::livepatch) {
        continue;  // the latter is resolved when the object is there that is patched
      } else if (in >= load.image.sections()) {
        if constexpr (Load::traits::says_bad_symbol_section)
          load.printk(load.mod->name, ": Symbol ", load.image.symbol_name(s),
                      " has an invalid section index ", in & ~image::reserved, " (max ",
                      load.image.sections() - 1, ")");
        e = load.fail(errc::symbol_section_out_of_range, of_symbol(i, in));
      } else {
        load.values[i] = static_cast<addr>(base_of(load, in) + s.st_value());
        if (s.bind() != elf::stb::local) note_entry_point(load, i, s);
      }
      if (e != errc::ok) result = e;
    }
    return result;
  }

  /// What is not loaded is, to the kernel, in its copy of the file: too far for addresses of 32
  /// bits where there are 64. Here that is where x86-64 has its vmalloc() area.
  template <class Load>
  static constexpr typename Load::addr base_of(Load& load, std::uint32_t section) {
    using addr = typename Load::addr;
    if (section == load.index.pcpu && section != 0) return load.mod->percpu.address;
    if (!load.is_loaded(section)) {
      const addr offset = load.image.section(section).sh_offset();
      return sizeof(addr) == sizeof(std::uint64_t)
                 ? static_cast<addr>(0xffff'c900'0000'0000 + offset)
                 : offset;
    }
    return load.address_of(load.place_of(section));
  }

  template <class Load, class Symbol>
  static constexpr errc undefined(Load& load, std::uint32_t i, const Symbol& s, errc before) {
    const hashed_name called{load.image.symbol_name(s)};
    kernel_symbol<typename Load::addr> found;
    const errc e = resolve_symbol(load, called, found);
    if (e == errc::ok) {
      load.values[i] = found.address;
      if (const param_type type = param_type_of_ops(called); type != param_type::unknown)
        load.param_ops[static_cast<std::size_t>(type)] = found.address;
      return e;
    }
    if (e == errc::unknown_symbol &&
        (s.bind() == elf::stb::weak || ignored<typename Load::machine>(called)))
      return errc::ok;
    if (e == errc::module_going)
      load.printk(load.mod->name, ": gave up waiting for init of module ", found.owner, ".");
    load.printk(load.mod->name, ": Unknown symbol ", called, " (err ", dec{-errno_of(e)}, ")");
    return load.fail_also(before, e, of_symbol(i));
  }

  /// Assemblers leave it in x86-64 objects that do not use it. Kernel: ignore_undef_symbol().
  template <class Machine, class Name>
  static constexpr bool ignored(const Name& called) noexcept {
    return (Machine::machine == elf::em::x86_64 || Machine::machine == elf::em::i386) &&
           called == "_GLOBAL_OFFSET_TABLE_";
  }

  template <class Load, class Name, class Symbol>
  static constexpr errc resolve_symbol(Load& load, const Name& called, Symbol& found) {
    auto& mod = *load.mod;
    typename Load::module_type* owner = nullptr;
    const bool gpl_ok = !mod.tainted.test(taint::proprietary_module);
    if (!find_symbol(load.loader, called, gpl_ok, found, owner)) return errc::unknown_symbol;
    warn_about(load, called, found, gpl_ok);
    if (found.kind == export_kind::gpl) mod.using_gplonly_symbols = true;
    if (!inherit_taint(load, called, found, owner)) return errc::unknown_symbol;
    if (!check_version(load, called, found)) return error::symbol_version;
    if (!namespace_is_imported(load, called, found)) return error::namespace_not_imported;
    return ref_module(load, owner);
  }

  /// Up to 5.11, of symbols that are to go. Kernel: check_exported_symbol().
  template <class Load, class Name, class Symbol>
  static constexpr void warn_about(Load& load, const Name& called, const Symbol& found,
                                   bool gpl_ok) {
    if (!gpl_ok && found.kind == export_kind::gpl_future)
      load.printk("Symbol ", called,
                  " is being used by a non-GPL module, which will not be allowed in the future");
    if (!found.unused) return;
    load.printk("Symbol ", called, " is marked as UNUSED, however this module is using it.");
    load.printk("This symbol will go away in the future.");
    load.printk("Please evaluate if this is the right api to use and if it really is, submit a "
                "report to the linux kernel mailing list together with submitting your code for "
                "inclusion.");
  }

  template <class Load, class Name, class Symbol, class Module>
  static constexpr bool inherit_taint(Load& load, const Name& called, const Symbol& found,
                                      const Module* owner) {
    if (!(owner == nullptr ? found.proprietary : owner->tainted.test(taint::proprietary_module)))
      return true;
    auto& mod = *load.mod;
    if (mod.using_gplonly_symbols) {
      load.printk(mod.name, ": module using GPL-only symbols uses symbols ", called,
                  " from proprietary module ", found.owner, ".");
      return false;
    }
    if (!mod.tainted.test(taint::proprietary_module)) {
      load.printk(mod.name, ": module uses symbols ", called, " from proprietary module ",
                  found.owner, ", inheriting taint.");
      mod.tainted.add(taint::proprietary_module);
    }
    return true;
  }

  /// Kernel: verify_namespace_is_imported().
  template <class Load, class Name, class Symbol>
  static constexpr bool namespace_is_imported(Load& load, const Name& called, const Symbol& found) {
    if (found.name_space[0] == '\0' || is_imported(load, found.name_space)) return true;
    load.printk(load.mod->name, ": module uses symbol (", called, ") from namespace ",
                found.name_space, ", but does not import it.");
    return load.settings().missing_namespace_imports;
  }

  /// Thousands of symbols may be in namespaces: those that are imported are found by halves.
  template <class Load>
  static constexpr bool is_imported(Load& load, const char* name_space) {
    using addr = typename Load::addr;
    auto& imports = load.imports;
    auto& by_name = imports.by_name;
    const auto name_of = [&](addr at) { return load.image.name_at(at, 0); };
    const auto any = [&](auto f) { return load.for_each_modinfo_at("import_ns", f); };
    if (!imports.known) {
      any([&](addr) { return ++imports.count, false; });
      by_name = load.take_words(imports.count);
      std::size_t n = 0;
      any([&](addr at) { return n == by_name.size() || (by_name[n++] = at, false); });
      sort_numbers(by_name, [&](addr a, addr b) { return name_of(a).compare(name_of(b)) < 0; });
      imports.known = true;
    }
    if (by_name.size() != imports.count)
      return any([&](addr at) { return name_of(at) == name_space; });
    const std::size_t i =
        count_before(by_name, [&](addr at) { return name_of(at).compare(name_space) < 0; });
    return i < by_name.size() && name_of(by_name[i]) == name_space;
  }

  /// Kernel: ref_module(), strong_try_module_get().
  template <class Load, class Module>
  static constexpr errc ref_module(Load& load, Module* owner) {
    if (owner == nullptr) return errc::ok;
    if (owner->state == module_state::coming) return errc::module_going;
    if (owner->state != module_state::live) return errc::unknown_symbol;
    load.loader.registry().use(*load.mod, *owner);
    return errc::ok;
  }

  template <class Load, class Symbol>
  static constexpr void note_entry_point(Load& load, std::uint32_t i, const Symbol& s) {
    const auto called = load.image.symbol_name(s);
    if (called == "init_module") load.mod->init = load.values[i];
    if (called == "cleanup_module") load.mod->exit = load.values[i];
  }
};

}  // namespace stages
}  // namespace relo::kmod
