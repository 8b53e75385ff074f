// corpus DIRECTORY: every kernel module below it parses, is laid out and relocates as in a kernel
// for x86-64, whose symbols have stand-in addresses. Exit status 1 if one does not.
#include <relo/arch/x86_64.hpp>
#include <relo/host/file.hpp>
#include <relo/host/process.hpp>
#include <relo/loader.hpp>
#include <relo/symbol/hash.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// Where x86-64 has its modules.
constexpr std::uint64_t module_space = 0xffff'ffff'c000'0000;

/// Gives each undefined name an address in the kernel's text, always the same. It knows no other
/// name: the modules are loaded one at a time, and what they export is exported by nobody else.
struct stand_in_kernel {
  using role = relo::role::symbols;

  template <class Name, class Addr>
  bool find(const Name&, bool, relo::symbol<Addr>&) const noexcept {
    return false;
  }
  template <class Request>
  void find_batch(std::span<Request> batch, bool) const noexcept {
    constexpr std::uint64_t text = 0xffff'ffff'8100'0000, size = 0x100'0000, align = 16;
    for (Request& r : batch) {
      r.result.address = text + relo::hash_name(r.name) * align % size;
      r.found = true;
    }
  }
};

struct totals {
  std::uint64_t modules = 0, failed = 0, sections = 0, symbols = 0, relocations = 0, bytes = 0;
};

/// Counts what a load has done, before init memory goes.
struct tally {
  static constexpr const char* name = "tally";
  using undo = relo::nothing_to_undo;
  totals* sum;

  template <class Load>
  relo::errc run(Load& load) const {
    sum->sections += load.image.sections();
    sum->symbols += load.image.symbols();
    for (std::uint32_t i = 1; i < load.image.sections(); ++i) {
      const auto s = load.image.section(i);
      if (load.image.is_relocations(s) &&
          load.place_of(s.sh_info()).type != relo::mem_type::in_image)
        sum->relocations += s.sh_size() / s.sh_entsize();
    }
    sum->bytes += load.mod->size();
    return relo::errc::ok;
  }
};

/// Compressed ones, too: they shall be told of and not passed over.
bool is_module(const fs::path& file) {
  const std::string name = file.filename();
  return name.ends_with(".ko") || name.find(".ko.") != std::string::npos;
}

std::vector<fs::path> modules_below(const char* directory) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && is_module(entry.path())) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// What went wrong with a file; "" for nothing.
template <class Loader>
std::string try_module(Loader& loader, const fs::path& path) {
  if (path.extension() != ".ko")
    return "compressed, which is not supported here: decompress it first";
  const relo::host::file file{path.c_str()};
  if (file.error() != 0) return file.message();
  // The kernel takes a module's name from .modinfo; where it is missing, the file's will do.
  const std::string name = path.stem();
  const auto module = loader.load(file.bytes(), {.name = name.c_str()});
  if (!module) return loader.diagnostics().describe().c_str();
  // A module without an exit function stays in a kernel; here it makes room like any other.
  module->init = 0;
  if (const relo::errc e = loader.unload(*module); e != relo::errc::ok) return relo::message(e);
  return loader.memory().in_use() == 0 ? "" : "left memory behind";
}

int run(const char* directory) {
  const std::vector<fs::path> modules = modules_below(directory);
  const bool interactive = ::isatty(STDERR_FILENO) != 0;
  const auto clear_line = [interactive] {
    if (interactive) std::fputs("\r\033[K", stderr);
  };

  std::vector<unsigned char> storage(std::size_t{16} << 20);
  totals sum;
  relo::loader loader{relo::arch::x86_64_kernel{},
                      relo::buffer<std::uint64_t>{storage, module_space},
                      stand_in_kernel{},
                      relo::ksymtab_prel32_exports{},
                      relo::host::heap_scratch<std::uint64_t>{},
                      relo::dont_run{},
                      relo::load_module | relo::insert_after<"apply_relocations">(tally{&sum})};

  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  for (const fs::path& path : modules) {
    if (const std::string wrong = try_module(loader, path); !wrong.empty()) {
      clear_line();
      std::printf("%s: %s\n", path.c_str(), wrong.c_str());
      ++sum.failed;
    }
    if (++sum.modules % 64 == 0 && interactive)
      std::fprintf(stderr, "\r%zu of %zu modules", static_cast<std::size_t>(sum.modules),
                   modules.size());
  }
  const double took = seconds();
  clear_line();

  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%ju modules, %ju failed: %ju sections, %ju symbols, %ju relocations, %ju bytes laid out\n"
      "%.2f s, %.0f modules/s, %ld MiB at most\n",
      sum.modules, sum.failed, sum.sections, sum.symbols, sum.relocations, sum.bytes, took,
      static_cast<double>(sum.modules) / took, usage.ru_maxrss / 1024);
  if (modules.empty()) std::fprintf(stderr, "%s: no modules\n", directory);
  return sum.failed != 0 || modules.empty();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("corpus DIRECTORY: loads every kernel module below it, as for a kernel on x86-64\n",
               stderr);
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "corpus: %s\n", e.what());
    return 1;
  }
}
