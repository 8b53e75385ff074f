// relocate MODULE < WHERE: loads a kernel module where a kernel had it, and writes to standard
// output what its sections then held. WHERE has a line for each region, "core ADDRESS SIZE", "init
// ADDRESS SIZE" and "percpu ADDRESS SIZE", and one for each symbol the module needs, "NAME
// ADDRESS". Each section is written as a line, "INDEX REGION OFFSET SIZE", and, unless it is
// SHT_NOBITS, its bytes.
#include <relo/arch/x86_64.hpp>
#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/loader.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

using address = std::uint64_t;

/// The two regions of a module in a kernel before 6.4.
class recorded_memory {
 public:
  using role = relo::role::memory;
  using addr = address;
  static constexpr addr granularity = 4096;

  struct region {
    addr base = 0;
    std::vector<unsigned char> bytes{};
  };
  region core, init, percpu;

  relo::block<addr> allocate(relo::mem_type type, addr size, addr align) {
    region& r = relo::is_init(type) ? init : core;
    if (size > r.bytes.size() || r.base % align != 0) return {};
    return {std::span{r.bytes}.first(size), r.base};
  }
  void release(const relo::block<addr>&) noexcept {}
  bool protect(const relo::block<addr>&, relo::permission) { return true; }
};

struct recorded_symbols {
  std::map<std::string, address> addresses;

  template <class Name>
  bool find(const Name& name, bool, relo::symbol<address>& out) const {
    std::string wanted;
    for (std::size_t i = 0; name[i] != '\0'; ++i) wanted += name[i];
    const auto found = addresses.find(wanted);
    if (found == addresses.end()) return false;
    out.address = found->second;
    return true;
  }
};

/// Per-CPU data is no part of a module's memory: it has a place of its own, and its initial
/// contents, which the kernel copies from the file, are not relocated.
constexpr const char* percpu_section = ".data..percpu";

struct kernel_sections : relo::by_flags_and_name {
  template <class Name>
  constexpr relo::mem_type classify(const Name& name, std::uint64_t flags,
                                    std::uint32_t type) const {
    return name == percpu_section ? relo::mem_type::in_image
                                  : relo::by_flags_and_name::classify(name, flags, type);
  }
};

struct place_percpu_symbols {
  static constexpr const char* name = "place_percpu_symbols";

  template <class Load>
  relo::errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.symbols(); ++i) {
      const auto s = load.image.symbol(i);
      const std::uint32_t in = load.image.symbol_section(i, s);
      if (in < load.image.sections() &&
          load.image.section_name(load.image.section(in)) == percpu_section)
        load.values[i] = load.loader.memory().percpu.base + s.st_value();
    }
    return relo::errc::ok;
  }
};

/// Placed where the kernel's record was taken: everything relocated, nothing patched or sorted.
struct write_sections {
  static constexpr const char* name = "write_sections";

  template <class Load>
  relo::errc run(Load& load) const {
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto at = load.place_of(i);
      if (at.type == relo::mem_type::in_image) continue;
      const auto s = load.image.section(i);
      const bool init = relo::is_init(at.type);
      const auto& memory = load.loader.memory();
      const address offset = load.address_of(at) - (init ? memory.init.base : memory.core.base);
      std::cout << i << (init ? " init " : " core ") << offset << ' ' << s.sh_size() << '\n';
      if (s.sh_type() == relo::elf::sht::nobits) continue;
      const auto bytes = load.bytes_at(at, s.sh_size());
      std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                      static_cast<std::streamsize>(bytes.size()));
    }
    return relo::errc::ok;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("relocate MODULE < WHERE\n", stderr), 2;
  const relo::host::file file{argv[1]};

  recorded_memory memory;
  recorded_symbols kernel;
  std::string name;
  for (address at = 0; std::cin >> name >> std::hex >> at;) {
    recorded_memory::region* const region = name == "core"     ? &memory.core
                                            : name == "init"   ? &memory.init
                                            : name == "percpu" ? &memory.percpu
                                                               : nullptr;
    if (region == nullptr) {
      kernel.addresses[name] = at;
      continue;
    }
    std::size_t size = 0;
    std::cin >> size;
    *region = {at, std::vector<unsigned char>(size)};
  }

  relo::loader loader{relo::arch::x86_64_kernel{},
                      memory,
                      relo::symbols{kernel},
                      kernel_sections{},
                      relo::ksymtab_prel32_exports{},
                      relo::host::heap_scratch<address>{},
                      relo::dont_run{},
                      relo::load_module | relo::drop<"parse_args"> |
                          relo::insert_after<"simplify_symbols">(place_percpu_symbols{}) |
                          relo::insert_after<"apply_relocations">(write_sections{})};
  if (loader.load(file.bytes(), {.name = "module"})) return 0;
  std::cerr << loader.diagnostics().describe().c_str() << '\n';
  return 1;
}
