// place RELEASE [--bytes] < MODULES: loads modules as the kernel of that release (6.1 or 6.12)
// would, one after another, each alone, and says what became of them. MODULES has lines:
//
//     at REGION ADDRESS      where a region (core, init; text, data, ...) or percpu is to be
//     symbol NAME ADDRESS    what a symbol that the module needs is
//     load PATH              loads it so; what was said is forgotten then
//
// Regions that nothing was said of have an address of their own, symbols a common one. For each
// module, lines: "region NAME ADDRESS SIZE", "limits TEXT RO RO_AFTER_INIT" (sizes, before 6.4),
// "section INDEX REGION OFFSET SIZE", and if asked for and there are any its bytes; "mod", "init",
// "percpu", "exports", "kallsyms" and "core_kallsyms" with numbers; "symbols" with the letters of
// those that stay; and then "loaded PATH" or "failed PATH: WHY".
#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <cstdio>
#include <cstring>
#include <iostream>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace {

using address = std::uint64_t;
using namespace relo;

bool with_bytes = false;
const char* vermagic = "";
std::map<std::string, address> places, symbols_given;

/// 64 MB a region, wherever the regions are said to be.
template <class Layout>
class recorded_memory {
 public:
  using role = relo::role::memory;
  using addr = address;
  static constexpr addr granularity = 4096;

  static const char* name_of_region(mem_type t) {
    if (Layout::regions != 2) return name_of(t);
    return is_init(t) ? "init" : "core";
  }
  block<addr> allocate(mem_type type, addr size, addr align) {
    const auto r = static_cast<std::size_t>(is_init(type) && Layout::regions == 2 ? 1 : 0);
    const auto slot = Layout::regions == 2 ? r : static_cast<std::size_t>(type);
    auto& bytes = memory[slot];
    if (size > room) return {};
    bytes.assign(size, 0);
    const auto given = places.find(name_of_region(type));
    const addr base = given != places.end() ? given->second : 0xffff'ffff'a000'0000 + slot * room;
    if (base % align != 0) return {};
    return {std::span{bytes}, base};
  }
  void release(const block<addr>&) noexcept {}
  bool protect(const block<addr>&, permission) { return true; }

  block<addr> allocate_percpu(addr size, addr align, unsigned cpus) {
    percpu.assign(align_up(size, align) * cpus, 0);
    const auto given = places.find("percpu");
    return {std::span{percpu}, given != places.end() ? given->second : addr{0x35000}};
  }
  void release_percpu(const block<addr>&) noexcept {}

  block<addr> kmalloc(addr size) {
    kept.emplace_back(size);
    return {std::span{kept.back()}, 0xffff'8880'0000'0000 + kept.size() * room};
  }
  void kfree(const block<addr>&) noexcept {}

 private:
  static constexpr addr room = addr{64} << 20;
  std::array<std::vector<unsigned char>, Layout::regions> memory;
  std::vector<unsigned char> percpu;
  std::list<std::vector<unsigned char>> kept;
};

struct recorded_symbols {
  using role = relo::role::symbols;

  template <class Name, class Symbol>
  bool find(const Name& name, bool, Symbol& out) const {
    std::string wanted;
    for (std::size_t i = 0; name[i] != '\0'; ++i) wanted += name[i];
    const auto found = symbols_given.find(wanted);
    if (found != symbols_given.end()) out.address = found->second;
    else if (!symbols_given.empty() || wanted == "module_layout" || !asked) return false;
    else out.address = 0xffff'ffff'8100'0000;
    return true;
  }
  /// Whether the module asks for symbols it needs; later it asks whether there are others that it
  /// exports.
  static inline bool asked = true;
};

struct log : located<> {
  void printk(const char* line) { said += std::string{line} + "\n"; }
  std::string said;
};

/// The kernel's record was taken here: everything relocated, nothing patched.
struct write_module {
  static constexpr const char* name = "write_module";
  using undo = relo::nothing_to_undo;

  template <class Load>
  errc run(Load& load) const {
    using layout = typename Load::loader_type::layout;
    using memory = recorded_memory<layout>;
    const auto& mod = *load.mod;
    const auto print = [](auto... numbers) { ((std::cout << ' ' << numbers), ...) << '\n'; };
    std::cout << std::dec;
    for (std::size_t r = 0; r < layout::regions; ++r) {
      const mem_type first = layout::first_of(r);
      const bool init = is_init(first);
      const address base = mod.regions[r].address;
      address end = 0;
      const auto up_to = [&](mem_type t) {
        if (layout::regions == 2) end += align_up(mod.memory(t).bytes.size(), memory::granularity);
        return end;
      };
      std::cout << "region " << memory::name_of_region(first);
      print(base, mod.regions[r].bytes.size());
      std::cout << "limits";
      const address text = up_to(init ? mem_type::init_text : mem_type::text),
                    ro = up_to(init ? mem_type::init_rodata : mem_type::rodata);
      print(text, ro, init ? ro : up_to(mem_type::ro_after_init));
    }
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto at = load.place_of(i);
      if (at.type == mem_type::in_image) continue;
      const auto s = load.image.section(i);
      const address base = mod.regions[layout::region_of(at.type)].address;
      std::cout << "section " << i << ' ' << memory::name_of_region(at.type);
      print(load.address_of(at) - base, s.sh_size());
      if (!with_bytes || s.sh_type() == elf::sht::nobits) continue;
      const auto bytes = load.bytes_at(at, s.sh_size());
      std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                      static_cast<std::streamsize>(bytes.size()));
    }
    const auto tables = [&](const char* of, const kmod::mod_kallsyms<address>& t) {
      std::cout << of;
      print(t.symtab.address, t.symtab.size / 24, t.strtab.address, t.typetab.address);
    };
    std::cout << "mod";
    print(load.address_of(load.place_of(load.index.mod)),
          load.image.section(load.index.mod).sh_size());
    std::cout << "init";
    print(mod.init);
    std::cout << "percpu";
    print(mod.percpu.address, mod.percpu.size);
    std::cout << "exports";
    print(mod.exports.tables[0].symbols.size / 12, mod.exports.tables[1].symbols.size / 12,
          mod.parameters.size / 40);
    tables("kallsyms", mod.kallsyms.all);
    tables("core_kallsyms", mod.kallsyms.core);
    std::cout << "symbols ";
    const auto letters = mod.bytes_of(mod.kallsyms.core.typetab);
    std::cout.write(reinterpret_cast<const char*>(letters.data()),
                    static_cast<std::streamsize>(letters.size()))
        << '\n';
    recorded_symbols::asked = false;
    return errc::ok;
  }
};

template <kmod::generation G, class Layout, class Pipeline>
void run(const Pipeline& list) {
  kmod::config config;
  config.vermagic = vermagic;
  config.cpus = 4;
  config.module_sig = false;
  recorded_memory<Layout> memory;
  std::string word, path;
  while (std::cin >> word) {
    if (word == "at" || word == "symbol") {
      std::string name;
      std::cin >> name;
      std::cin >> std::hex >> (word == "at" ? places : symbols_given)[name];
      continue;
    }
    std::getline(std::cin >> std::ws, path);
    const host::file file{path.c_str()};
    recorded_symbols::asked = true;
    loader loader{kmod::x86_64{},
                  memory,
                  recorded_symbols{},
                  kmod::prel32_exports{},
                  host::heap_scratch<address>{},
                  dont_run{},
                  log{},
                  kmod::kernel<G>{config},
                  kmod::modules<1>{},
                  Layout{},
                  list | insert_after<"post_relocation">(write_module{})};
    if (loader.load(file.bytes())) {
      std::cout << "loaded " << path << std::endl;
    } else {
      std::cout << "failed " << path << ": " << loader.diagnostics().describe().c_str()
                << std::endl;
      std::cerr << loader.diagnostics().said;
    }
    places.clear();
    symbols_given.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  with_bytes = argc == 3 && std::strcmp(argv[2], "--bytes") == 0;
  if (argc == 2 || with_bytes) {
    if (std::strcmp(argv[1], "6.1") == 0) {
      vermagic = "6.1.0-50-amd64 SMP preempt mod_unload modversions ";
      run<kmod::generation::v6_1, core_and_init>(kmod::load_module_6_1);
      return 0;
    }
    if (std::strcmp(argv[1], "6.12") == 0) {
      vermagic = "6.12.107+deb13-amd64 SMP preempt mod_unload modversions ";
      run<kmod::generation::v6_12, region_per_type>(kmod::load_module_6_12);
      return 0;
    }
  }
  std::fputs("place 6.1|6.12 [--bytes] < MODULES\n", stderr);
  return 2;
}
