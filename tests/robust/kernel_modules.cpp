// A kernel module broken in every way that takes one byte or one cut, for each kernel: never more
// than an error, whatever that kernel would have done.
#include "bench.hpp"
#include "kernel_module.hpp"
#include "lying.hpp"

#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>

#include <memory>

namespace {

using namespace relo::kmod;

constexpr std::span<const char> whole = kernel_module_bytes;

struct symbols_of_a_kernel {
  using role = relo::role::symbols;

  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const {
    struct one {
      const char* name;
      std::uint32_t crc;
    };
    std::uint64_t address = robust::host_function;
    for (const one& s :
         {one{"module_layout", 0x11111111}, one{"host_add", 0x22222222}, one{"param_ops_int", 0},
          one{"param_ops_uint", 0}, one{"param_ops_charp", 0}, one{"param_ops_string", 0},
          one{"param_array_ops", 0}}) {
      address += 64;
      if (!(name == s.name)) continue;
      out.address = address;
      if constexpr (requires { out.crc; }) out.has_crc = s.crc != 0, out.crc = s.crc;
      return true;
    }
    return false;
  }
};

/// Its log must be built whatever it says.
struct log : relo::kmod::located<> {
  std::size_t bytes = 0;
  void printk(const char* line) { bytes += std::strlen(line); }
};

template <generation G>
struct configured : kernel<G> {
  configured() {
    this->settings.vermagic = "6.1.0 SMP mod_unload modversions ";
    this->settings.module_size = 896;
    this->settings.cpus = 2;
  }
};

template <class Bench>
struct kernel_bench : Bench {
  kernel_bench() : Bench(65'536) {}
  static constexpr relo::load_options options{
      .args = "level=-3 label=\"a label\" numbers=1,2,3 words=seven other -- rest"};

  robust::outcome load_module(const unsigned char* object, std::size_t size) {
    return this->load(relo::elf::contiguous{std::span{object, size}}, options);
  }
};

/// Kernels protect pages; the lists' memory is a page's multiple.
template <class Addr>
struct pages : robust::guarded_memory<Addr> {
  using robust::guarded_memory<Addr>::guarded_memory;
  static constexpr Addr granularity = 4096;
  bool protect(const relo::block<Addr>&, relo::permission) { return true; }
};

template <generation G, class Layout, auto& Stages>
using bench = kernel_bench<
    robust::bench<x86_64, pages, symbols_of_a_kernel, prel32_exports, log, configured<G>,
                  modules<1>, Layout, std::remove_cvref_t<decltype(Stages)>>>;

struct linux_5_11 : bench<generation::v5_11, relo::core_and_init, load_module_5_11> {};
struct linux_6_1 : bench<generation::v6_1, relo::core_and_init, load_module_6_1> {};
struct linux_6_12 : bench<generation::v6_12, relo::region_per_type, load_module_6_12> {};
#define KERNELS linux_5_11, linux_6_1, linux_6_12

/// The module's first bytes, in memory that ends where they do.
std::unique_ptr<unsigned char[]> copy_of(std::size_t size) {
  auto copy = std::make_unique<unsigned char[]>(size);
  std::memcpy(copy.get(), whole.data(), size);
  return copy;
}

}  // namespace

TEST_CASE_TEMPLATE("every byte set, cleared, and each of its bits flipped", Kernel, KERNELS) {
  Kernel kernel;
  const auto object = copy_of(whole.size());
  const robust::outcome sound = kernel.load_module(object.get(), whole.size());
  REQUIRE_MESSAGE(sound.error == relo::errc::ok, sound.text);

  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const unsigned char was = object[i];
    const auto with = [&](int value) {
      object[i] = static_cast<unsigned char>(value);
      INFO("byte ", i, " is ", value, ", was ", was);
      if (kernel.load_module(object.get(), whole.size()).error != relo::errc::ok) ++refused;
    };
    with(0x00);
    with(0xff);
    for (int bit = 0; bit < 8; ++bit) with(was ^ 1 << bit);
    object[i] = was;
  }
  CHECK(kernel.load_module(object.get(), whole.size()).loaded == sound.loaded);
  MESSAGE((10 * whole.size()), " modules, ", refused, " refused");
}

TEST_CASE_TEMPLATE("every length", Kernel, KERNELS) {
  Kernel kernel;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut to ", size);
    CHECK(kernel.load_module(copy_of(size).get(), size).error != relo::errc::ok);
  }
}

TEST_CASE_TEMPLATE("each field another from one look on, and in one alone", Kernel, KERNELS) {
  Kernel kernel;
  const std::span file{reinterpret_cast<const unsigned char*>(whole.data()), whole.size()};
  const robust::unsteady_memory honest{file, {}};
  REQUIRE(kernel.load(honest, Kernel::options).error == relo::errc::ok);
  std::size_t loads = 0, refused = 0, step = 0;
  robust::for_each_lie(file, 12, [&](robust::lie what) {
    // At moments spread over the load, others for each lie.
    for (what.first = step++ % 7; what.first < honest.looks(); what.first += honest.looks() / 8)
      for (const std::size_t last : {what.first + 1 + step % 3, ~std::size_t{0}}) {
        what.last = last;
        INFO("byte ", what.offset, " is ", what.value, " at look ", what.first, " to ", last);
        const robust::unsteady_memory memory{file, what};
        ++loads;
        if (kernel.load(memory, Kernel::options).error != relo::errc::ok) ++refused;
        REQUIRE(memory.looks() < 4 * honest.looks() + 16 * whole.size());
      }
  });
  MESSAGE(loads, " loads, ", refused, " refused");
}
