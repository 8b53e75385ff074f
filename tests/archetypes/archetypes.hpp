// The smallest policy for each role: what a loader asks of it, and nothing else. Where one grows,
// so has the contract, and its concept says so.
#pragma once

#include <relo/loader.hpp>

namespace archetypes {

using relo::errc, relo::mem_type;

/// Two relocation types of ELF32.
struct a_machine {
  using role = relo::role::machine;
  using format = relo::elf::elf32le;
  static constexpr std::uint16_t machine = 0x7079;
  static constexpr bool rela = true;
  static constexpr std::size_t got_entry = 4;
  static constexpr relo::howto howtos[] = {
      {1, "R_32", relo::word32, relo::terms::S + relo::terms::A},
      {2, "R_PC32", relo::word32, relo::terms::S + relo::terms::A - relo::terms::P},
  };
  static constexpr bool accepts(std::uint32_t) { return true; }
};
using addr = a_machine::format::addr;

/// One piece of bytes, which run somewhere else. What is allocated is never used twice.
struct memory {
  using role = relo::role::memory;
  using addr = archetypes::addr;
  static constexpr addr granularity = 1, base = 0x2000'0000;

  relo::block<addr> allocate(mem_type, addr size, addr align) {
    const addr start = relo::align_up(used, align);
    if (start > sizeof bytes || size > sizeof bytes - start) return {};
    used = start + size;
    ++blocks;
    return {std::span{bytes}.subspan(start, size), base + start};
  }
  void release(const relo::block<addr>&) noexcept { --blocks; }
  bool protect(const relo::block<addr>&, relo::permission) { return true; }

  alignas(16) unsigned char bytes[1024]{};
  addr used = 0;
  int blocks = 0;
};

struct layout {
  using role = relo::role::layout;
  static constexpr std::size_t regions = 1;
  static constexpr std::size_t region_of(mem_type) { return 0; }
};

struct classifier {
  using role = relo::role::classifier;
  template <class Name>
  mem_type classify(const Name&, std::uint64_t flags, std::uint32_t) const {
    return (flags & relo::elf::shf::alloc) != 0 ? mem_type::data : mem_type::in_image;
  }
};

/// One symbol.
struct symbols {
  using role = relo::role::symbols;
  static constexpr addr host = 0x1234'5678;
  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const noexcept {
    if (!(name == "host")) return false;
    out.address = host;
    return true;
  }
};

struct diagnostics {
  using role = relo::role::diagnostics;
  static constexpr bool keeps_location = false;
  void enter(const char*) { ++stages; }
  void report(errc e) { last = e; }
  void warn(errc) {}

  int stages = 0;
  errc last = errc::ok;
};

struct scratch {
  using role = relo::role::scratch;
  std::span<addr> take(std::size_t n) {
    const auto taken = std::span{words}.subspan(used, n < 64 - used ? n : 64 - used);
    used += taken.size();
    for (addr& word : taken) word = 0;
    return taken;
  }
  std::size_t mark() const { return used; }
  void release(std::size_t to) { used = to; }

  addr words[64]{};
  std::size_t used = 0;
};

/// Says that it ran what it did not.
struct execution {
  using role = relo::role::execution;
  static constexpr bool native = false;
  void flush(std::span<unsigned char>) noexcept {}
  int call_init(addr) noexcept { return 0; }
  void call(addr) noexcept {}
  void finalize(addr) noexcept { ++finalized; }

  int finalized = 0;
};

/// Of each module, one export: its first word, under the name "first".
struct exports {
  using role = relo::role::exports;
  static constexpr bool unique = true;
  template <class Machine>
  struct state {
    typename Machine::format::addr first = 0;
  };

  template <class Load>
  errc layout(Load&) const {
    return errc::ok;
  }
  template <class Load>
  void find_tables(Load& load) const {
    load.mod->exports.first = load.mod->memory(mem_type::data).address;
  }
  template <class Load>
  errc finish(Load&) const {
    return errc::ok;
  }
  template <std::endian, class Module, class Name, class Symbol>
  bool find(const Module& m, const Name& name, bool, Symbol& out) const noexcept {
    if (!(name == "first")) return false;
    out.address = m.exports.first;
    return true;
  }
  template <std::endian, class Module, class F>
  errc for_each(const Module&, F&& f) const {
    return f(relo::elf::name{"first"});
  }
};

struct objects {
  using role = relo::role::objects;
  static constexpr auto numbering = relo::elf::numbering::extended;
};

struct values {
  using role = relo::role::values;
  static constexpr bool all_first = true, takes_all_scratch = false;
  template <class Loader>
  using facet = relo::values_first::facet<Loader>;
};

struct stubs {
  using role = relo::role::stubs;
  static constexpr bool counted = true;
  template <class Loader, class Place>
  using facet = relo::counted_stubs::facet<Loader, Place>;
};

struct constructors {
  using role = relo::role::constructors;
  static constexpr bool sorted = false;
};

/// Two modules, of which is known what the stages want to know.
struct modules {
  using role = relo::role::modules;
  static constexpr std::size_t capacity = 2, name_size = 8;
  static constexpr bool named = true, named_by_modinfo = false, by_type = true, keep_image = false;
  template <class Addr, class>
  struct extra {};
  template <class Loader, relo::elf::source Source>
  using load_info = relo::load_info<Loader, Source>;
};

/// The stages of relo::load_module, and no pipeline.
struct pipeline {
  using role = relo::role::pipeline;
  using stages = std::remove_cvref_t<decltype(relo::load_module)>;
  template <class Facet>
  static constexpr bool gives = stages::template gives<Facet>;
  template <class Load>
  errc run(Load& load) const {
    return relo::load_module.run(load);
  }
  template <class Loader, class Module>
  void undo(Loader& loader, Module& m) const noexcept {
    relo::load_module.undo(loader, m);
  }
};

struct kernel {
  using role = relo::role::kernel;
};

struct entry_points {
  using role = relo::role::entry_points;
  static constexpr const char *init = "", *exit = "";
  static constexpr bool any = false;
};

struct definitions {
  using role = relo::role::definitions;
  static constexpr bool shared = false;
};

struct versions {
  using role = relo::role::versions;
  static constexpr bool exact = true;
};

struct a_lock {
  using role = relo::role::lock;
  void lock() { ++held; }
  void unlock() { --held; }

  int held = 0;
};

struct readers {
  using role = relo::role::readers;
  static constexpr bool any = true;
  int enter() { return ++inside; }
  void leave(int) { --inside; }
  void synchronize() {}
  template <class T>
  static T load(const T& word) noexcept {
    return word;
  }
  template <class T>
  static void store(T& word, std::type_identity_t<T> value) noexcept {
    word = value;
  }

  int inside = 0;
};

struct index {
  using role = relo::role::index;
  static constexpr bool any = true;
  struct nodes {
    bool has(std::uint32_t i) const { return i < 8; }
    relo::index_node& operator[](std::uint32_t i) { return all[i]; }
    const relo::index_node& operator[](std::uint32_t i) const { return all[i]; }
    static std::array<std::uint64_t, 2> key() { return {1, 2}; }

    relo::index_node all[8];
  };
};

}  // namespace archetypes
