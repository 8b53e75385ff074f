// Exceptions of loaded C++ code: its unwind tables are made known to the process.
#pragma once

#include <relo/host/enough_memory.hpp>
#include <relo/load_info.hpp>
#include <relo/pipeline.hpp>

#include <cstdint>
#include <dlfcn.h>
#include <map>
#include <vector>

extern "C" {
// libgcc: registers call frame information at `begin`, ended by a zero word. LLVM's libunwind has
// functions of these names, which take one entry, and others for a table.
void __register_frame(void* begin);
void __deregister_frame(void* begin);
[[gnu::weak]] void __unw_add_dynamic_eh_frame_section(std::uintptr_t begin);
[[gnu::weak]] void __unw_remove_dynamic_eh_frame_section(std::uintptr_t begin);
}

namespace relo::host {

namespace detail {

/// Whether libunwind unwinds here. Both libraries may be in a process, as libc++ wants one and
/// others may want libgcc; whose __register_frame() is found first is found first when something
/// is thrown, too: as long as the process lives.
inline bool libunwind_unwinds() noexcept {
  static const bool unwinds = [] {
    if (&__unw_add_dynamic_eh_frame_section == nullptr) return false;
    Dl_info found{}, its{};
    return ::dladdr(reinterpret_cast<void*>(&__register_frame), &found) != 0 &&
           ::dladdr(reinterpret_cast<void*>(&__unw_add_dynamic_eh_frame_section), &its) != 0 &&
           found.dli_fbase == its.dli_fbase;
  }();
  return unwinds;
}

/// Makes the table at `begin` known, or forgets it.
inline void register_table(void* begin) {
  if (libunwind_unwinds())
    __unw_add_dynamic_eh_frame_section(reinterpret_cast<std::uintptr_t>(begin));
  else __register_frame(begin);
}
inline void deregister_table(void* begin) noexcept {
  if (libunwind_unwinds())
    __unw_remove_dynamic_eh_frame_section(reinterpret_cast<std::uintptr_t>(begin));
  else __deregister_frame(begin);
}

}  // namespace detail

/// The unwind tables of one loader's modules. Outlives the loader, whose pipeline it edits:
///
///     relo::host::unwind_tables tables;
///     relo::loader loader{machine, memory, tables.added_to(relo::load_module)};
///
/// Exceptions may then be thrown and caught within a module, across modules and by the program.
class unwind_tables {
 public:
  unwind_tables() = default;
  unwind_tables(unwind_tables&&) = default;

  template <stage... Stages>
  constexpr auto added_to(const pipeline<Stages...>& p) noexcept {
    return added(p, [this](auto&) -> unwind_tables& { return *this; });
  }

 private:
  static constexpr std::uint32_t terminator = 4;

  /// Visits the object's loaded .eh_frame sections; more than one where a linker merged none.
  template <class Load, class F>
  static errc for_each_table(Load& load, F&& f) {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if ((s.sh_flags() & elf::shf::alloc) == 0 || s.sh_size() == 0 ||
          !(load.image.section_name(s) == ".eh_frame"))
        continue;
      if (const errc e = f(i, s); e != errc::ok) return e;
    }
    return errc::ok;
  }

  /// Lays them out with room for the zero that ends them.
  struct place {
    static constexpr const char* name = "place_unwind_tables";
    using undo = nothing_to_undo;

    template <class Load>
    errc run(Load& load) const {
      return for_each_table(load, [&](std::uint32_t i, const auto& s) {
        using addr = typename Load::addr;
        if (s.sh_size() > relo::place<addr>::max_offset - terminator)
          return load.fail(errc::section_too_large, in_section(i));
        relo::place<addr> at;
        const errc e = load.reserve(mem_type::rodata, static_cast<addr>(s.sh_size() + terminator),
                                    s.sh_addralign(), at);
        if (e != errc::ok) return load.fail(e, in_section(i));
        load.places[i] = at.encode();
        return errc::ok;
      });
    }
  };

  template <class Load>
  errc announce_all(Load& load) {
    const bool enough = enough_memory([&] {
      auto& mine = announced_[load.mod];
      (void)for_each_table(load, [&](std::uint32_t i, const auto&) {
        mine.push_back(load.bytes_at(load.place_of(i), terminator).data());
        detail::register_table(mine.back());
        return errc::ok;
      });
    });
    if (enough) return errc::ok;
    forget(*load.mod);
    return load.fail(errc::out_of_memory);
  }
  template <class Module>
  void forget(const Module& m) noexcept {
    const auto mine = announced_.find(&m);
    if (mine == announced_.end()) return;
    for (void* const begin : mine->second) detail::deregister_table(begin);
    announced_.erase(mine);
  }

  /// tables_of(loader) is where the tables of a loader's modules are noted.
  template <class TablesOf>
  struct announce {
    static constexpr const char* name = "register_unwind_tables";
    [[no_unique_address]] TablesOf tables_of;

    template <class Load>
    errc run(Load& load) const {
      return tables_of(load.loader).announce_all(load);
    }
    template <class Loader, class Module>
    void undo(Loader& loader, Module& m) const noexcept {
      tables_of(loader).forget(m);
    }
  };
  template <stage... Stages, class TablesOf>
  static constexpr auto added(const pipeline<Stages...>& p, TablesOf tables_of) noexcept {
    return p | insert_before<"layout_sections">(place{}) |
           insert_before<"do_mod_ctors">(announce<TablesOf>{tables_of});
  }
  template <stage... Stages>
  friend constexpr auto with_unwind_tables(const pipeline<Stages...>& p) noexcept;

  std::map<const void*, std::vector<void*>> announced_;
};

/// The same for loaders whose execution policy has the tables(), as run_plugins does.
template <stage... Stages>
constexpr auto with_unwind_tables(const pipeline<Stages...>& p) noexcept {
  return unwind_tables::added(
      p, [](auto& loader) -> unwind_tables& { return loader.execution().tables(); });
}

}  // namespace relo::host
