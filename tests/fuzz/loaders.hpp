// Loaders that differ in all their policies, and what must hold of each load from any bytes.
#pragma once

#include "../robust/guarded.hpp"
#include "../robust/toy.hpp"

#include <relo/arch/x86_64.hpp>
#include <relo/host/process.hpp>
#include <relo/linux/call/delete_module.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fuzz {

using bytes = std::span<const unsigned char>;

/// What must hold does, or the input is one to keep.
inline void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// Each block is a piece of the heap of its own, so that the sanitizer knows where it ends.
template <class Addr>
class heap_memory {
 public:
  using role = relo::role::memory;
  using addr = Addr;
  static constexpr Addr granularity = 16;

  relo::block<Addr> allocate(relo::mem_type, Addr size, Addr align) {
    require(size > 0 && (align & (align - 1)) == 0);
    constexpr Addr most = 1 << 20, end = module_space + (1 << 28);
    const Addr address = relo::align_up(next_, align);
    if (size > most || address < next_ || address > end) return {};
    next_ = address + size;
    blocks_.push_back(std::make_unique<unsigned char[]>(size));
    return {{blocks_.back().get(), size}, address};
  }
  void release(const relo::block<Addr>& b) noexcept {
    require(std::erase_if(blocks_, [&](const auto& p) { return p.get() == b.bytes.data(); }) == 1);
  }
  bool protect(const relo::block<Addr>& b, relo::permission) {
    require(b.address % granularity == 0 && b.bytes.size() % granularity == 0);
    return true;
  }
  bool empty() const { return blocks_.empty(); }

 private:
  static constexpr Addr module_space = 0x2000'0000;
  Addr next_ = module_space;
  std::vector<std::unique_ptr<unsigned char[]>> blocks_;
};

/// What the corpus' objects refer to.
struct some_symbols {
  using role = relo::role::symbols;
  template <class Name, class Addr>
  bool find(const Name& name, bool gpl_ok, relo::symbol<Addr>& out) const {
    bool known = gpl_ok && name == "host_value";
    for (const char* one : {"host_add", "first_function", "init_result", "note", "__cxa_atexit"})
      known = known || name == one;
    if (known) out.address = 0x2800'0000;
    return known;
  }
};

template <class Machine, class Layout, class Exports, class Diagnostics>
class candidate {
  using addr = typename Machine::format::addr;
  using scratch = relo::host::heap_scratch<addr>;

  heap_memory<addr> memory_;
  const some_symbols table_{};
  const relo::symbols<some_symbols> symbols_{table_};
  relo::loader<Machine, heap_memory<addr>&, const relo::symbols<some_symbols>&, Layout, Exports,
               Diagnostics, scratch, relo::dont_run, relo::modules<2>>
      loader_{{}, memory_, symbols_, {}, {}, {}, {}, {}, {}};

 public:
  template <class Source>
  void load(const Source& source, const char* arguments) {
    // Twice, for the second load finds the first module there.
    for (int i = 0; i < 2; ++i) {
      const auto m = loader_.load(source, {.args = arguments});
      if (m) look_up_exports(*m);
      else if (i == 0) require(memory_.empty() && loader_.registry().first() == nullptr);
    }
    while (auto* m = loader_.registry().first()) {
      // The second module may use the first; one without an exit function is there to stay.
      if (m->references != 0) m = m->next;
      if (m->exit == 0) m->init = 0;
      require(loader_.unload(*m) == relo::errc::ok);
    }
    require(memory_.empty());
  }

 private:
  /// Not all need be found: a table whose names lie in itself changes them when it is sorted.
  template <class Module>
  void look_up_exports(const Module& m) {
    require(m.state == relo::module_state::live && m.references == 0);
    (void)loader_.exports().template for_each<Machine::format::byte_order>(
        m, [&](const auto& name) {
          relo::symbol<addr> found;
          loader_.find_in(m, name, true, found);
          return relo::errc::ok;
        });
  }
};

/// A kernel that has everything a module may ask for, and whose log is written in full.
template <relo::kmod::generation G>
struct any_kernel : relo::kmod::kernel<G> {
  any_kernel() {
    this->settings.vermagic = "6.1.0 SMP mod_unload modversions ";
    this->settings.missing_crc_refused = false;
    this->settings.constructors = true;
  }
};
struct whole_log : relo::located<> {
  void printk(const char* line) { require(line[0] != '\0'); }
};
struct kernel_symbols {
  using role = relo::role::symbols;
  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const {
    // Not what modules export, or none could.
    if (name[0] != 'm' && name[0] != 'h' && !name.starts_with("param_")) return false;
    out.address = 0x2800'0000 + static_cast<unsigned char>(name[name.size() - 1]) * 64U;
    return true;
  }
};

template <relo::kmod::generation G, class Layout, auto& Stages, class Source>
void load_into_kernel(const Source& source, const char* arguments, bool forced) {
  using namespace relo::kmod;
  heap_memory<std::uint64_t> memory;
  relo::loader loader{relo::kmod::x86_64{},
                      memory,
                      kernel_symbols{},
                      Layout{},
                      prel32_exports{},
                      whole_log{},
                      relo::host::heap_scratch<std::uint64_t>{},
                      relo::dont_run{},
                      any_kernel<G>{},
                      relo::kmod::modules<2>{},
                      std::remove_cvref_t<decltype(Stages)>{}};
  const auto m = loader.load(source, {.args = arguments, .flags = forced ? 3U : 0U});
  if (m) require(loader.unload(*m) == relo::errc::ok || m->exit == 0);
  if (auto* const stays = loader.registry().first()) {
    stays->init = 0;
    require(loader.unload(*stays) == relo::errc::ok);
  }
  require(memory.empty() && loader.registry().first() == nullptr);
}

using big_endian = robust::toy<relo::elf::elf32be, true>;
using no_addends = robust::toy<relo::elf::elf64be, false>;
using relo::one_region, relo::core_and_init, relo::region_per_type;
using relo::symtab_exports, relo::ksymtab_exports, relo::ksymtab_prel32_exports;
using relo::arch::x86_64, relo::arch::x86_64_kernel;
using located = relo::located<>;
using relo::kmod::generation;

/// All loaders, by what each is given: Way::load<its policies...>, or
/// Way::into_kernel<generation, layout, stages>. An input says which by its number here.
template <class Way>
constexpr decltype(&Way::template load<x86_64, one_region, symtab_exports, located>) loads[] = {
    Way::template load<x86_64, one_region, symtab_exports, located>,
    Way::template load<x86_64, core_and_init, ksymtab_exports, relo::code_only>,
    Way::template load<x86_64, region_per_type, ksymtab_prel32_exports, located>,
    Way::template load<x86_64_kernel, core_and_init, symtab_exports, relo::code_only>,
    Way::template load<big_endian, region_per_type, symtab_exports, located>,
    Way::template load<no_addends, core_and_init, ksymtab_exports, located>,
    Way::template into_kernel<generation::v5_11, core_and_init, relo::kmod::load_module_5_11>,
    Way::template into_kernel<generation::v6_1, core_and_init, relo::kmod::load_module_6_1>,
    Way::template into_kernel<generation::v6_12, region_per_type, relo::kmod::load_module_6_12>,
};

}  // namespace fuzz
