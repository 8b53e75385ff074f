// The system calls: who may ask, with which flags and for which files; who may be removed; and what
// the kernel counts meanwhile.
#include "kernel_object.hpp"

#include <relo/linux/call/delete_module.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace {

using namespace kernel_test;
using kmod::generation;
namespace init_flags = kmod::init_flags;

/// An object with an init function and, perhaps, an exit function.
bytes module_of(const std::string& name, bool exits = true) {
  kernel_object o{name};
  o.add_symbol({"init_module", o.init_text, 0, elf::stb::global, elf::stt::func});
  if (exits) o.add_symbol({"cleanup_module", o.text, 16, elf::stb::global, elf::stt::func});
  return o.finish();
}

/// Runs what a test says instead of the module's init function, and counts exits.
struct scripted {
  using role = relo::role::execution;
  [[maybe_unused]] static constexpr bool native = false;
  std::function<int()> init = [] { return 0; };
  int exits = 0;
  void flush(std::span<unsigned char>) const noexcept {}
  int call_init(std::uint64_t) const { return init(); }
  void call(std::uint64_t) noexcept { ++exits; }
  void finalize(std::uint64_t) const noexcept {}
};

/// Turns every byte around.
struct mirror {
  struct result {
    errc error;
    kernel_test::bytes bytes;
    text<40> log{};
  };
  result decompress(std::span<const unsigned char> file, kmod::module_compression by) const {
    if (by != kmod::module_compression::gzip || file[0] == 0x7f) {
      result bad{relo::kmod::error::bad_compression, {}};
      bad.log << "not a mirrored module";
      return bad;
    }
    result out{errc::ok, {file.begin(), file.end()}};
    for (auto& b : out.bytes) b = static_cast<unsigned char>(~b);
    return out;
  }
};

template <generation G>
constexpr auto& pipeline_of() {
  if constexpr (G == generation::v6_12) return kmod::load_module_6_12;
  else if constexpr (G == generation::v6_1) return kmod::load_module_6_1;
  else return kmod::load_module_5_11;
}

template <generation G>
struct running {
  static constexpr generation release = G;
  using layout = std::conditional_t<G == generation::v6_12, region_per_type, core_and_init>;
  plain_memory memory{};
  kernel_log said{};
  scripted execution{};
  kmod::kernel<G> kernel{debian()};
  relo::loader<kmod::x86_64, plain_memory&, no_symbols, kmod::prel32_exports,
               host::heap_scratch<address>, scripted&, kernel_log&, kmod::kernel<G>&,
               kmod::modules<4>, layout, const std::remove_cvref_t<decltype(pipeline_of<G>())>&>
      loader{kmod::x86_64{}, memory, no_symbols{}, kmod::prel32_exports{}, {}, execution, said,
             kernel,         {},     layout{},     pipeline_of<G>()};

  ~running() {
    while (loader.registry().first() != nullptr) loader.remove(*loader.registry().first());
    CHECK(memory.live == 0);
  }
  kmod::answer insmod(const bytes& file, unsigned flags = 0) {
    return kmod::finit_module(loader, file, "", flags, mirror{});
  }
  kmod::answer rmmod(const char* name, unsigned flags = 0) {
    return kmod::delete_module(loader, name, flags);
  }
  auto& module(const char* name) { return *loader.registry().find(elf::name{name}); }
  std::vector<std::string> statistics() const {
    std::vector<std::string> lines;
    kernel.statistics.print([&](const char* line) { lines.emplace_back(line); });
    return lines;
  }
};

using v5_11 = running<generation::v5_11>;
using v6_1 = running<generation::v6_1>;
using v6_12 = running<generation::v6_12>;
#define GENERATIONS v5_11, v6_1, v6_12

std::string line(const std::string& what, std::uint64_t n) {
  return std::string(25 - what.size(), ' ') + what + '\t' + std::to_string(n);
}

}  // namespace

TEST_CASE_TEMPLATE("who may not, may not", Kernel, GENERATIONS) {
  Kernel k;
  const bytes file = module_of("odd");
  REQUIRE(k.insmod(file));
  for (bool* const gate : {&k.kernel.settings.may_load, &k.kernel.settings.modules_disabled}) {
    *gate = !*gate;
    CHECK(kmod::init_module(k.loader, file).value == -1);
    CHECK(k.insmod(file, ~0U).value == -1);
    CHECK(k.rmmod("nobody").error == relo::kmod::error::not_permitted);
    CHECK(k.loader.diagnostics().code() == relo::kmod::error::not_permitted);
    CHECK(std::string{k.loader.diagnostics().stage()} == "delete_module");
    *gate = !*gate;
  }
  CHECK(k.rmmod("odd").value == 0);
}

TEST_CASE_TEMPLATE("flags and files", Kernel, GENERATIONS) {
  Kernel k;
  const bytes file = module_of("odd");
  constexpr bool old = Kernel::release == generation::v5_11;
  CHECK(k.insmod(file, 8).value == -22);
  CHECK(k.insmod(file, 1U << 31).error == relo::kmod::error::bad_flags);
  CHECK(k.insmod({}).value == -22);
  CHECK(kmod::init_module(k.loader, bytes(63)).value == -8);
  CHECK(k.said.lines.empty());
  CHECK(k.insmod(bytes(63)).value == -8);  // of which the kernel speaks, since 5.12
  CHECK(k.said.lines.size() == (old ? 0 : 1));
  k.said.lines.clear();

  CHECK(k.insmod(file, init_flags::compressed_file).value == (old ? -22 : -95));
  k.kernel.settings.compression = kmod::module_compression::gzip;
  CHECK(k.insmod(file, init_flags::compressed_file).value == -22);
  CHECK(k.said.lines.size() == (old ? 0 : 1));
  if (old) return;
  CHECK(k.said.said("not a mirrored module"));
  bytes mirrored = file;
  for (auto& b : mirrored) b = static_cast<unsigned char>(~b);
  CHECK(k.insmod(mirrored, init_flags::compressed_file).value == 0);
  CHECK(kmod::finit_module(k.loader, mirrored, "", init_flags::compressed_file).error ==
        relo::kmod::error::compression_not_supported);  // by nobody
}

TEST_CASE_TEMPLATE("what an init function answers is answered", Kernel, GENERATIONS) {
  Kernel k;
  const bytes file = module_of("odd");
  k.execution.init = [] { return -19; };
  const kmod::answer failed = k.insmod(file);
  CHECK(failed.value == -19);
  CHECK(failed.error == errc::init_failed);
  CHECK(k.loader.registry().first() == nullptr);
  CHECK(k.memory.live == 0);
  CHECK(k.execution.exits == 0);

  k.execution.init = [] { return 7; };
  k.said.lines.clear();
  CHECK(k.insmod(file).value == 0);
  CHECK(k.said.lines ==
        std::vector<std::string>{"do_init_module: 'odd'->init suspiciously returned 7, it should "
                                 "follow 0/-E convention",
                                 "do_init_module: loading module anyway..."});
  CHECK(k.module("odd").state == module_state::live);
}

TEST_CASE_TEMPLATE("a name is taken while its module loads and goes", Kernel, GENERATIONS) {
  Kernel k;
  const bytes file = module_of("odd");
  kmod::answer inner, removal;
  k.execution.init = [&] {
    inner = k.insmod(file);
    removal = k.rmmod("odd");
    return 0;
  };
  CHECK(k.insmod(file).value == 0);
  CHECK(inner.value == -16);
  CHECK(removal.value == -16);
  k.execution.init = [] { return 0; };
  CHECK(k.insmod(file).value == -17);
}

TEST_CASE_TEMPLATE("removal is refused", Kernel, GENERATIONS) {
  Kernel k;
  CHECK(k.rmmod("").value == -2);
  CHECK(k.rmmod("odd").value == -2);
  REQUIRE(k.insmod(module_of(std::string(55, 'x'))));
  CHECK(k.rmmod(std::string(56, 'x').c_str()).value == -2);
  CHECK(k.rmmod(std::string(55, 'x').c_str()).value == 0);

  REQUIRE(k.insmod(module_of("stays", false)));
  CHECK(k.rmmod("stays").value == -16);
  CHECK(k.kernel.tainted.bits() == 0);
  k.kernel.settings.force_unload = false;
  CHECK(k.rmmod("stays", kmod::delete_flags::force).error == errc::no_exit);
  k.kernel.settings.force_unload = true;
  k.said.lines.clear();
  CHECK(k.rmmod("stays", kmod::delete_flags::force).value == 0);
  CHECK(k.kernel.tainted.test(kmod::taint::forced_rmmod));
  CHECK(k.said.lines == std::vector<std::string>{"Disabling lock debugging due to kernel taint"});

  REQUIRE(k.insmod(module_of("used")));
  REQUIRE(k.insmod(module_of("user")));
  k.loader.registry().use(k.module("user"), k.module("used"));
  const int before = k.execution.exits;
  CHECK(k.rmmod("used", kmod::delete_flags::force).value == -11);
  CHECK(k.rmmod("user").value == 0);
  k.loader.hold(k.module("used"));
  CHECK(k.rmmod("used").value == -11);
  CHECK(k.execution.exits == before + 1);
  CHECK(k.rmmod("used", kmod::delete_flags::force).value == 0);
  CHECK(k.execution.exits == before + 2);
  CHECK(k.loader.registry().first() == nullptr);
}

TEST_CASE_TEMPLATE("the last one that went is remembered", Kernel, GENERATIONS) {
  Kernel k;
  k.kernel.settings.module_sig = true;  // and it is not signed
  REQUIRE(k.insmod(module_of("odd")));
  CHECK(std::string{kmod::module_flags(k.module("odd"), true).c_str()} == "(E)");
  REQUIRE(k.rmmod("odd"));
  CHECK(std::string{k.kernel.last_unloaded.name.c_str()} == "odd");
  CHECK(std::string{k.kernel.last_unloaded.taints.c_str()} == "(E)");
}

TEST_CASE("statistics, as the kernel prints them") {
  v6_12 k;
  const std::vector<std::string> none = k.statistics();
  REQUIRE(none.size() == 12);
  CHECK(none[0] == line("Mods ever loaded", 0));
  CHECK(none[11] == line("Virtual mem wasted bytes", 0));

  const bytes file = module_of("odd"), other = module_of("other");
  REQUIRE(k.insmod(file));
  std::uint64_t size = 0, text_size = 0;
  // Text and data at least, a page each, and init memory, which is gone by now.
  for (const auto& m : k.module("odd").mem) size += align_up(m.bytes.size(), std::size_t{4096});
  text_size = k.kernel.statistics.total_text_size;
  CHECK(text_size == 2 * 4096);
  CHECK(k.kernel.statistics.total_mod_size > size);
  CHECK(k.kernel.statistics.total_mod_size % 4096 == 0);

  CHECK(k.insmod({}).value == -22);
  CHECK(kmod::init_module(k.loader, bytes(10)).value == -8);
  CHECK(k.insmod(file).value == -17);
  CHECK(k.insmod(file).value == -17);
  k.execution.init = [] { return -1; };  // counted nowhere
  CHECK(k.insmod(other).value == -1);
  k.kernel.settings.compression = kmod::module_compression::gzip;
  CHECK(k.insmod(file, init_flags::compressed_file).value == -22);
  kernel_object common{"common"};
  common.add_symbol({"shared", 0x8000'0000U | 0xfff2, 8});
  const bytes late = common.finish();
  CHECK(k.insmod(late).value == -8);

  const auto& s = k.kernel.statistics;
  CHECK(s.modcount == 1);
  CHECK(s.failed_kreads == 2);
  CHECK(s.invalid_kread_bytes == 10);
  CHECK(s.failed_becoming == 2);
  CHECK(s.invalid_becoming_bytes == 2 * file.size());
  CHECK(s.failed_decompress == 1);
  CHECK(s.invalid_decompress_bytes == file.size());
  CHECK(s.failed_load_modules == 1);
  CHECK(s.invalid_mod_bytes == 2 * late.size());

  const std::vector<std::string> all = k.statistics();
  REQUIRE(all.size() == 21);
  CHECK(all[5] == line("Total module size", s.total_mod_size));
  CHECK(all[11] == line("Virtual mem wasted bytes", 10 + 3 * file.size() + 2 * late.size()));
  CHECK(all[12] == line("Average mod size", s.total_mod_size));
  CHECK(all[14] == line("Avg fail kread bytes", 5));
  CHECK(all[17] == line("Average fail load bytes", 2 * late.size()));
  CHECK(all[18] == "Duplicate failed modules:");
  CHECK(all[19] == "              Module-name\t How-many-times\t                   Reason");
  CHECK(all[20] == "                      odd\t              2\t                 Becoming");
}

TEST_CASE("statistics know the modules that came last first, and as many as there is room for") {
  kmod::module_statistics<2> s;
  CHECK(s.add_duplicate("a", kmod::duplicate::load));
  CHECK(s.add_duplicate("b", kmod::duplicate::becoming));
  CHECK(!s.add_duplicate("c", kmod::duplicate::load));
  CHECK(s.add_duplicate("b", kmod::duplicate::load));
  std::vector<std::string> lines;
  s.print([&](const char* l) { lines.emplace_back(l); });
  REQUIRE(lines.size() == 16);
  CHECK(lines[14].ends_with("b\t              2\t          Becoming & Load"));
  CHECK(lines[15].ends_with("a\t              1\t                     Load"));
}
