// Kernel modules as a test wants them, and a loader that takes them as a kernel on x86-64 would.
#pragma once

#include "../robust/object.hpp"

#include <relo/host/process.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <memory>

namespace kernel_test {

using namespace relo;
using address = std::uint64_t;
using format = kmod::x86_64::format;
using robust::bytes;

constexpr const char* vermagic = "6.1.0 SMP mod_unload modversions ";

/// An object of its own, with all that a kernel asks for. Sections and symbols are added to it.
struct kernel_object : robust::object<format> {
  std::uint32_t text, init_text, this_module;

  explicit kernel_object(const std::string& name = "odd", std::size_t module_size = 896)
      : object(elf::em::x86_64) {
    add({".modinfo", elf::sht::progbits, elf::shf::alloc,
         of(std::string{"license=GPL"} + '\0' + "intree=Y" + '\0' + "retpoline=Y" + '\0' +
            "vermagic=" + vermagic + '\0' + "name=" + name + '\0')});
    text = add({".text", elf::sht::progbits, code, bytes(64, 0x90), 16});
    init_text = add({".init.text", elf::sht::progbits, code, bytes(32, 0x90), 16});
    bytes mod(module_size);
    std::copy(name.begin(), name.end(), mod.begin() + 24);
    this_module = add({".gnu.linkonce.this_module", elf::sht::progbits, data, mod, 64});
  }

  static constexpr address code = elf::shf::alloc | elf::shf::execinstr,
                           data = elf::shf::alloc | elf::shf::write, constant = elf::shf::alloc;

  std::uint32_t add(section s) { return add_section(std::move(s)); }
  std::uint32_t add(const char* name, address flags, bytes contents, address align = 1) {
    return add_section({name, elf::sht::progbits, flags, std::move(contents), align});
  }

  static bytes of(const std::string& s) { return {s.begin(), s.end()}; }
  /// Words in the order of the machine.
  template <class T>
  static bytes words(std::initializer_list<T> all) {
    bytes out;
    for (const T v : all) put(out, v);
    return out;
  }
};

/// Pages, as many as are asked for, from an address of which each region is told by its place.
class plain_memory {
 public:
  using role = relo::role::memory;
  using addr = address;
  static constexpr addr granularity = 4096;

  block<addr> allocate(mem_type, addr size, addr align) {
    if (size > (addr{1} << 26)) return {};
    next_ = align_up(next_, align > granularity ? align : granularity);
    const block<addr> b{{new unsigned char[size](), static_cast<std::size_t>(size)}, next_};
    next_ += size;
    ++live;
    return b;
  }
  void release(const block<addr>& b) noexcept {
    delete[] b.bytes.data();
    --live;
  }
  bool protect(const block<addr>&, permission) { return true; }

  int live = 0;

 private:
  addr next_ = 0xffff'ffff'c000'0000;
};

struct no_symbols {
  using role = relo::role::symbols;
  template <class Name, class Symbol>
  bool find(const Name&, bool, Symbol&) const {
    return false;
  }
};

struct kernel_log : located<> {
  void printk(const char* line) { lines.push_back(line); }
  std::vector<std::string> lines;
  bool said(const std::string& line) const {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
};

inline kmod::config debian(unsigned cpus = 1) {
  kmod::config c;
  c.vermagic = vermagic;
  c.cpus = cpus;
  c.module_sig = false;
  return c;
}

/// A kernel and the modules it has.
template <kmod::generation G, class Memory = plain_memory>
class machine_with {
  static constexpr auto& stages() {
    if constexpr (G == kmod::generation::v6_12) return kmod::load_module_6_12;
    else return kmod::load_module_6_1;
  }
  using layout = std::conditional_t<G == kmod::generation::v6_12, region_per_type, core_and_init>;
  using pipeline = std::remove_cvref_t<decltype(stages())>;

 public:
  Memory memory;
  kernel_log said;
  kmod::kernel<G> kernel;
  relo::loader<kmod::x86_64, Memory&, no_symbols, kmod::prel32_exports, host::heap_scratch<address>,
               dont_run, kernel_log&, kmod::kernel<G>&, kmod::modules<4>, layout, pipeline>
      loader;
  using loader_type = decltype(loader);
  using module_type = typename loader_type::module_type;

  explicit machine_with(const kmod::config& c = debian())
      : kernel{c},
        loader{kmod::x86_64{}, memory, no_symbols{}, kmod::prel32_exports{}, {}, dont_run{}, said,
               kernel,         {},     layout{},     pipeline{stages()}} {}
  ~machine_with() {
    while (loader.registry().first() != nullptr) loader.remove(*loader.registry().first());
  }

  errc load(kernel_object& o) { return load(o.finish()); }
  errc load(const bytes& file) {
    // On the heap, and no larger: so a byte too far is one that AddressSanitizer sees.
    const auto copy = std::make_unique<unsigned char[]>(file.size());
    std::copy(file.begin(), file.end(), copy.get());
    const auto result = loader.load(std::span<const unsigned char>{copy.get(), file.size()});
    last = result ? &*result : nullptr;
    return result.error();
  }
  module_type* last = nullptr;
};

using linux_6_1 = machine_with<kmod::generation::v6_1>;
using linux_6_12 = machine_with<kmod::generation::v6_12>;
#define KERNELS kernel_test::linux_6_1, kernel_test::linux_6_12

}  // namespace kernel_test
