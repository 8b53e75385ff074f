// Per-CPU data: each processor has its copy of a module's .data..percpu.
#pragma once

#include <relo/linux/policy/load_info.hpp>

namespace relo::kmod {

/// A memory may have a place of its own for per-CPU data:
///  - allocate_percpu(size, align, cpus): a zeroed piece for each CPU, one after another, each at
///    the next multiple of `align`; the block's address is the first one's. No bytes: none.
///  - release_percpu(block): takes it back, whole.
/// In other memories per-CPU data is data as any other.
template <class M>
concept percpu_memory =
    requires(M m, typename M::addr n, unsigned cpus, const block<typename M::addr>& b) {
      { m.allocate_percpu(n, n, cpus) } -> std::same_as<block<typename M::addr>>;
      { m.release_percpu(b) } noexcept;
    };

/// A module's per-CPU data as a CPU has it; none of what has not all of it.
template <class Module>
constexpr std::span<unsigned char> percpu_bytes(const Module& m, unsigned cpu) noexcept {
  const auto all = m.percpu_areas.bytes;
  const std::size_t at = std::size_t{cpu} * m.percpu_stride, size = m.percpu.size;
  return at <= all.size() && size <= all.size() - at ? all.subspan(at, size)
                                                     : std::span<unsigned char>{};
}

/// The module that has per-CPU data at an address, any CPU's; `canonical` is the address of the
/// first CPU's. Null: nobody has. Kernel: __is_module_percpu_address().
template <class Loader>
constexpr typename Loader::module_type* percpu_address(const Loader& loader,
                                                       typename Loader::addr address,
                                                       typename Loader::addr& canonical) noexcept {
  using addr = typename Loader::addr;
  const auto& registry = loader.registry();
  for (auto* m = registry.first(); m != nullptr; m = registry.next(*m)) {
    if (registry.state(*m) == module_state::unformed) continue;
    const addr size = m->percpu.size, from = m->percpu_areas.address;
    if (size == 0 || address < from || address - from >= m->percpu_areas.bytes.size()) continue;
    const addr offset = static_cast<addr>((address - from) % m->percpu_stride);
    if (offset >= size) continue;
    canonical = static_cast<addr>(from + offset);
    return m;
  }
  return nullptr;
}

namespace stages {

/// Room for per-CPU data, which is no part of the module's regions.
struct percpu_modalloc {
  static constexpr const char* name = "percpu_modalloc";
  using needs = facets<facet::places>;
  using undo = nothing_to_undo;

  template <class Load>
  constexpr errc run(Load& load) const {
    using addr = typename Load::addr;
    auto& mod = *load.mod;
    if (load.index.pcpu == 0) return errc::ok;
    const auto s = load.image.section(load.index.pcpu);
    const addr size = s.sh_size();
    if (size == 0) return errc::ok;
    addr align = s.sh_addralign();
    if (align > page) {
      load.printk(mod.name, ": per-cpu alignment ", dec{static_cast<std::int64_t>(align)}, " > ",
                  page);
      align = page;
    }
    // The kernel's allocator of per-CPU memory knows powers of two only, from 4 on.
    if (align < 4) align = 4;
    auto& used = load.kernel().percpu_used;
    const config& settings = load.settings();
    if ((align & (align - 1)) == 0 && settings.cpus != 0 && used <= settings.percpu_reserve &&
        size <= settings.percpu_reserve - used) {
      mod.percpu_areas = allocate(load.loader.memory(), size, align, settings.cpus);
      if (mod.percpu_areas) {
        mod.percpu = {mod.percpu_areas.address, size};
        mod.percpu_stride = align_up(size, align);
        used += static_cast<std::size_t>(size);
        return errc::ok;
      }
    }
    load.printk(mod.name, ": Could not allocate ", size, " bytes percpu data");
    return load.fail(errc::out_of_memory, in_section(load.index.pcpu, size));
  }

 private:
  static constexpr unsigned page = 4096;  // PAGE_SIZE

  template <class Memory, class Addr>
  static constexpr block<Addr> allocate(Memory& memory, Addr size, Addr align, unsigned cpus) {
    if constexpr (percpu_memory<Memory>) {
      return memory.allocate_percpu(size, align, cpus);
    } else {
      const Addr stride = align_up(size, align);
      if (stride < size || stride > static_cast<Addr>(-1) / cpus) return {};
      block<Addr> b = memory.allocate(mem_type::data, static_cast<Addr>(stride * cpus), align);
      return b;
    }
  }
};

/// What percpu_modalloc took is given back only when nobody finds the module any more. Kernel:
/// module_deallocate(), percpu_modfree().
struct percpu_modfree {
  static constexpr const char* name = "percpu_modfree";
  using needs = facets<facet::memory>;

  template <class Load>
  constexpr errc run(Load&) const noexcept {
    return errc::ok;
  }

  template <class Loader, class Module>
  constexpr void undo(Loader& loader, Module& m) const noexcept {
    if (!m.percpu_areas) return;
    if constexpr (percpu_memory<typename Loader::memory_type>)
      loader.memory().release_percpu(m.percpu_areas);
    else loader.memory().release(m.percpu_areas);
    loader.kernel().percpu_used -= static_cast<std::size_t>(m.percpu.size);
    m.percpu_areas = {};
    m.percpu = {};
  }
};

}  // namespace stages
}  // namespace relo::kmod
