// Loading a large object, next to the least that any loader must do: bring the sections' bytes
// to their place, and look at every relocation once.
#include "object.hpp"

#include <relo/host/process.hpp>
#include <relo/relo.hpp>
#include <relo/symbol/hashed_symbols.hpp>

#include <boost/hana/for_each.hpp>
#include <sys/mman.h>

namespace {

using addr = std::uint64_t;
using bench::kernel_text, bench::module_area;

std::span<unsigned char> map_pages(std::size_t size) {
  void* const p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? std::span<unsigned char>{}
                         : std::span{static_cast<unsigned char*>(p), size};
}

/// A memory policy: pages that nobody has touched, for each load.
class fresh_pages {
 public:
  using role = relo::role::memory;
  using addr = ::addr;
  static constexpr addr granularity = 4096;

  relo::block<addr> allocate(relo::mem_type, addr size, addr align) noexcept {
    const auto bytes = map_pages(size);
    const addr at = relo::align_up(next_, align);
    next_ = at + bytes.size();
    return {bytes, at};
  }
  void release(const relo::block<addr>& b) noexcept {
    ::munmap(b.bytes.data(), b.bytes.size());
    next_ = module_area;
  }
  bool protect(const relo::block<addr>& b, relo::permission p) noexcept {
    return ::mprotect(b.bytes.data(), b.bytes.size(),
                      p == relo::permission::rw ? PROT_READ | PROT_WRITE : PROT_READ) == 0;
  }

 private:
  addr next_ = module_area;
};

/// Memory that stays, and that every load of a benchmark is given again.
std::span<unsigned char> used_memory() {
  static std::vector<unsigned char> memory(64 << 20, 1);
  return memory;
}
struct used_buffer : relo::buffer<addr> {
  used_buffer() noexcept : relo::buffer<addr>(used_memory(), module_area) {}
};

// --- the inputs ---

constexpr std::size_t table_size = 50'000, imports = 20'000, functions = 20'000;

struct inputs {
  std::vector<std::string> names = bench::make_names(table_size + functions);
  bench::object one_text = object({.functions = functions});
  bench::object function_sections = object({.functions = functions, .function_sections = true});

  std::vector<relo::symbol_value<addr>> table;
  std::vector<relo::hashed_symbols<addr>::entry> index{
      relo::hashed_symbols<addr>::entries_for(table_size)};

  inputs() {
    for (std::size_t i = 0; i < table_size; ++i)
      table.push_back({names[i].c_str(), kernel_text + 64 * i});
    std::sort(table.begin(), table.end(),
              [](auto& a, auto& b) { return std::strcmp(a.name, b.name) < 0; });
  }
  bench::object object(const bench::shape& shape) const {
    return make_object(shape, std::span{names}.subspan(table_size),
                       std::span{names}.first(imports));
  }
};
inputs& in() {
  static inputs all;
  return all;
}

struct sorted : relo::sorted_symbols<addr> {
  sorted() : relo::sorted_symbols<addr>(in().table) {}
};
struct hashed : relo::hashed_symbols<addr> {
  hashed() : relo::hashed_symbols<addr>(in().table, in().index) {}
};

// --- what is measured ---

/// Seconds from an object to a live module.
template <class Loader>
double load(Loader& loader, const bench::object& object, benchmark::State& state) {
  const double start = bench::now();
  const auto module = loader.load(object.bytes(), {.name = "large"});
  const double seconds = bench::now() - start;
  if (!module) state.SkipWithError(loader.diagnostics().describe().c_str());
  else if (loader.unload(*module) != relo::errc::ok) state.SkipWithError("not unloaded");
  return seconds;
}

/// Seconds for its bytes and its relocations.
template <class Memory>
double floor_of(const bench::object& object) {
  std::size_t size = 0;
  for (const Elf64_Shdr& s : object.sections)
    if ((s.sh_flags & SHF_ALLOC) != 0) size += s.sh_size;

  constexpr bool fresh = std::same_as<Memory, fresh_pages>;
  const double start = bench::now();
  const auto memory = fresh ? map_pages(size) : used_memory();
  unsigned char* to = memory.data();
  addr sum = 0;
  for (const Elf64_Shdr& s : object.sections) {
    const char* const from = object.file.data() + s.sh_offset;
    if ((s.sh_flags & SHF_ALLOC) != 0) {
      std::memcpy(to, from, s.sh_size);
      to += s.sh_size;
    } else if (s.sh_type == SHT_RELA) {
      for (std::size_t i = 0; i < s.sh_size; i += sizeof(Elf64_Rela)) {
        Elf64_Rela r;
        std::memcpy(&r, from + i, sizeof r);
        sum += r.r_offset + r.r_info + static_cast<addr>(r.r_addend);
      }
    }
  }
  benchmark::DoNotOptimize(sum);
  benchmark::ClobberMemory();
  const double seconds = bench::now() - start;
  if (fresh) ::munmap(memory.data(), memory.size());
  return seconds;
}

template <class Machine, class Table, class Exports, class Memory>
void race_floor(benchmark::State& state, const bench::object& object) {
  Memory memory;
  const Table table;
  relo::loader loader{Machine{}, memory,           relo::symbols{table},
                      Exports{}, relo::dont_run{}, relo::host::heap_scratch<addr>{}};
  const auto times = bench::measure_in_turn(
      state, [&] { return load(loader, object, state); }, [&] { return floor_of<Memory>(object); });
  state.counters = {
      {"load ms", times.first * 1e3}, {"floor ms", times.second * 1e3}, {"ratio", times.ratio}};
}

template <class Machine, class Table, class Exports>
void add(const std::string& composition, bench::object inputs::* object = &inputs::one_text) {
  const auto with_memory = [&]<class Memory>(const char* kind, std::type_identity<Memory>) {
    bench::cell("load", composition, kind, [=](benchmark::State& state) {
      race_floor<Machine, Table, Exports, Memory>(state, in().*object);
    })->UseManualTime();
  };
  with_memory("fresh memory", std::type_identity<fresh_pages>{});
  with_memory("reused memory", std::type_identity<used_buffer>{});
}

// --- stage by stage ---

/// A stage that is timed: the pipeline is the list that it always is.
template <class Stage>
struct timed : Stage {
  static constexpr std::size_t number = relo::load_module.index_of(Stage::name);
  double* seconds;  // of all stages

  template <class Load>
  relo::errc run(Load& load) const {
    const double start = bench::now();
    const relo::errc e = Stage::run(load);
    seconds[number] = bench::now() - start;
    return e;
  }
};

template <class Machine, class Table, class Exports, class Memory>
void time_stage(benchmark::State& state, const bench::object& object, std::size_t stage) {
  using pipeline = std::remove_cvref_t<decltype(relo::load_module)>;
  double seconds[pipeline::size]{};
  const auto stages =
      boost::hana::unpack(relo::load_module.stages, [&]<class... Stages>(const Stages&... s) {
        return relo::make_pipeline(timed<Stages>{s, seconds}...);
      });
  Memory memory;
  const Table table;
  relo::loader loader{Machine{}, memory,           relo::symbols{table},
                      Exports{}, relo::dont_run{}, relo::host::heap_scratch<addr>{},
                      stages};
  std::vector<double> times;
  for (auto _ : state) {
    load(loader, object, state);
    times.push_back(seconds[stage]);
    state.SetIterationTime(seconds[stage]);
  }
  state.counters = {{"ms", bench::median(times) * 1e3}};
}

template <class Machine, class Table, class Exports, class Memory = fresh_pages>
void add_stages(const char* composition, bench::object inputs::* object = &inputs::one_text) {
  boost::hana::for_each(relo::load_module.stages, [=]<class Stage>(const Stage&) {
    constexpr std::size_t stage = timed<Stage>::number;
    bench::cell("stages that take any time, ms", Stage::name, composition,
                [=](benchmark::State& state) {
                  time_stage<Machine, Table, Exports, Memory>(state, in().*object, stage);
                })
        ->UseManualTime()
        ->Iterations(5);
  });
}

}  // namespace

void bench::register_all() {
  using relo::arch::x86_64, relo::arch::x86_64_kernel, relo::ksymtab_exports, relo::symtab_exports;
  add<x86_64_kernel, hashed, ksymtab_exports>("fast: kernel, hashed, ksymtab");
  add<x86_64_kernel, sorted, ksymtab_exports>("  but sorted_symbols");
  add<x86_64_kernel, hashed, symtab_exports>("  but symtab_exports");
  add<x86_64, hashed, ksymtab_exports>("  but arch::x86_64");
  add<x86_64_kernel, hashed, ksymtab_exports>("  but a section a function",
                                              &inputs::function_sections);
  add<x86_64, sorted, symtab_exports>("slow: x86_64, sorted, symtab");

  add_stages<x86_64_kernel, hashed, ksymtab_exports>("fast");
  add_stages<x86_64_kernel, hashed, ksymtab_exports, used_buffer>("reused");
  add_stages<x86_64_kernel, hashed, ksymtab_exports>("sections", &inputs::function_sections);
  add_stages<x86_64, sorted, symtab_exports>("slow");
}
