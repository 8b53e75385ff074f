// What two real kernels answered, attempt by attempt, in the order of their boots: the same errno
// and the same log lines here. The record is in record/, where the modules are made, too.
//
// Not compared, by rule:
//  - what the module itself prints: a line that begins as one of its format strings does;
//  - what the machinery for warnings prints, from the line "cut here" on, and stack traces;
//  - addresses;
//  - where the kernel oopsed, the errno: here it is any error;
//  - the oops of the module's own code: nobody can know.
// Half of the attempts are not in the record. Between two steps whose numbers are apart, a module
// may have been removed, and what a kernel says but once may have been said.
#include "record.hpp"

#include <relo/host/file.hpp>
#include <relo/host/kernel_image.hpp>
#include <relo/host/module_decompress.hpp>
#include <relo/host/pkcs7.hpp>
#include <relo/host/process.hpp>
#include <relo/host/symvers.hpp>
#include <relo/linux/call/delete_module.hpp>
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/loader.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <tuple>

namespace {

namespace fs = std::filesystem;
using record::truth;
namespace kmod = relo::kmod;
using relo::errc;
using lines = std::vector<std::string>;

/// The certificates of a kernel whose image is on this machine; else none.
relo::host::certificates certificates_of(const std::string& release) {
  relo::host::certificates out;
  const char *const given = std::getenv("RELO_CACHE"), *const home = std::getenv("HOME");
  const fs::path caches = given != nullptr  ? fs::path{given}
                          : home != nullptr ? fs::path{home} / ".cache/relo"
                                            : fs::path{};
  const fs::path cache = caches / ("linux-image-" + release);
  for (const fs::path& root : {fs::path{"/"}, cache})
    if (const fs::path image = root / "boot" / ("vmlinuz-" + release); fs::exists(image)) {
      const relo::host::file file{image.c_str()};
      CHECK(out.add(relo::host::plain_kernel(file.bytes()).bytes) != 0);
      break;
    }
  return out;
}

struct attempt {
  int step = 0;
  std::string command, subject, arguments, how;
  std::optional<int> rc;    ///< none: the kernel oopsed
  std::optional<int> init;  ///< what the module's init function returned, where that was seen
  bool own = false;         ///< the oops was in the module's own code
  lines log;
};

std::vector<attempt> attempts(const fs::path& path) {
  std::ifstream in{path};
  std::vector<attempt> out;
  for (const auto& each : nlohmann::json::parse(in)) {
    attempt a;
    a.step = each.at("step");
    a.how = each.at("how");
    const std::string command = each.at("cmd");
    const std::size_t first = command.find(' '), second = command.find(' ', first + 1);
    a.command = command.substr(0, first);
    a.subject = command.substr(first + 1, second - first - 1);
    if (second != std::string::npos) a.arguments = command.substr(second + 1);
    if (!each.value("crash", false)) a.rc = each.at("rc").get<int>();
    if (each.contains("init")) a.init = each.at("init").get<int>();
    a.own = each.value("own", false);
    bool trace = false;  // what dump_stack() says
    for (const std::string line : each.at("dmesg")) {
      if (line.find("[ cut here ]") != std::string::npos) break;
      trace = trace || line.starts_with("CPU: ");
      if (!trace) a.log.push_back(line);
      if (line.find("</TASK>") != std::string::npos) trace = false;
    }
    out.push_back(a);
  }
  return out;
}

/// A line as /dev/kmsg shows it, without addresses.
std::string normal(const std::string& line) {
  std::string out;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      out += escaped;
    }
  }
  // As %px and %lx have them; as %p hides them. What is PC-relative depends on them.
  static const std::regex address{"\\bf{4,8}[0-9a-f]{8,12}\\b|\\b[0-9a-f]{16}\\b|\\(_+ptrval_+\\)"},
      relative{"(type (?:2|4|24), loc .*, val )[0-9a-f]+$"};
  return std::regex_replace(std::regex_replace(out, address, "ADDRESS"), relative, "$1DISTANCE");
}

/// Whether a module prints lines that begin like this one: it has a string that begins with a log
/// level (KERN_SOH and a digit) and goes on like the line, up to the first conversion.
bool prints(const std::vector<unsigned char>& module, const std::string& line) {
  for (std::size_t i = 0; i + 2 < module.size(); ++i) {
    if (module[i] != 1 || module[i + 1] < '0' || module[i + 1] > '7') continue;
    std::size_t n = 0;
    const auto at = [&] { return i + 2 + n < module.size() ? module[i + 2 + n] : 0; };
    while (n < line.size() && at() == static_cast<unsigned char>(line[n]) && at() != '%') ++n;
    if (n > 0 && (at() == '%' || (n == line.size() && (at() == '\n' || at() == 0)))) return true;
  }
  return false;
}

/// What a kernel says once a boot.
bool said_once(const std::string& line) {
  for (const char* const end :
       {": loading out-of-tree module taints kernel.", "tainting kernel", ": kernel tainted.",
        "Disabling lock debugging due to kernel taint", "' taints kernel.",
        ": module license taints kernel.", ": loading test module taints kernel.",
        ": tainting kernel with TAINT_LIVEPATCH"})
    if (line.ends_with(end)) return true;
  return false;
}

/// The exports of a kernel, less those of its modules.
struct kernel_exports {
  using role = relo::role::symbols;
  relo::host::symvers table;
  template <class Name, class Symbol>
  bool find(const Name& name, bool gpl_ok, Symbol& out) const {
    const auto* const e = table.entry(name);
    return e != nullptr && e->owner[0] == '\0' && table.take(*e, gpl_ok, out);
  }
};

struct log : relo::kmod::located<> {
  lines said;
  void printk(const char* line) { said.push_back(normal(line)); }
};

/// Answers what the record says that the module's init function did.
struct recorded_init {
  using role = relo::role::execution;
  [[maybe_unused]] static constexpr bool native = false;
  int answer = 0;
  bool called = false;
  void flush(std::span<unsigned char>) const noexcept {}
  int call_init(std::uint64_t) noexcept { return called = true, answer; }
  void call(std::uint64_t) const noexcept {}
  void finalize(std::uint64_t) const noexcept {}
};

/// An init function's answer is in the record where it was not 0.
int init_of(const attempt& a) {
  if (a.init) return *a.init;
  for (const std::string& line : a.log)
    if (const std::string words = "->init suspiciously returned ";
        line.find(words) != std::string::npos)
      return std::atoi(line.c_str() + line.find(words) + words.size());
  return a.rc && *a.rc < 0 && a.how.find("init returns") != std::string::npos ? *a.rc : 0;
}

struct release {
  std::string version, kernel;
  kmod::module_compression compression;
};

/// The size of that section in a module.
std::size_t section_size(const std::vector<unsigned char>& file, const char* called) {
  kmod::image<relo::elf::elf64le, relo::elf::contiguous<unsigned char>, true> image{
      relo::elf::contiguous{std::span<const unsigned char>{file}}};
  const auto h = image.header();
  image.set_sections(h.e_shoff(), h.e_shnum());
  image.set_section_names(image.section(h.e_shstrndx()).sh_offset());
  for (std::uint32_t i = 1; i < image.sections(); ++i)
    if (image.section_name(image.section(i)) == called)
      return static_cast<std::size_t>(image.section(i).sh_size());
  return 0;
}

struct totals {
  std::size_t attempts = 0, deviations = 0, oopses = 0, lines = 0, without_key = 0, own = 0;
  std::size_t agree = 0, without_module = 0;
};

template <kmod::generation G, class Layout, class Pipeline>
class replay {
  using kernel_type = kmod::kernel<G, const relo::host::certificates&>;

 public:
  replay(const release& which, const Pipeline& pipeline)
      : pipeline_(pipeline),
        files_(record::faults_of(which.version)),
        certificates_(certificates_of(which.kernel)),
        steps_(attempts(truth("verdicts-" + which.version + ".json"))),
        vermagic_(which.kernel + " SMP preempt mod_unload modversions "),
        memory_(std::size_t{64} << 20) {
    const relo::host::file symvers{truth("Module.symvers-" + which.version + ".xz").c_str()};
    REQUIRE(exports_.table.read(relo::host::unxz(symvers.bytes()).bytes));
    settings_.vermagic = vermagic_.c_str();
    settings_.module_size = section_size(contents("hello.ko"), ".gnu.linkonce.this_module");
    settings_.compression = which.compression;
    REQUIRE(settings_.module_size != 0);
  }

  totals run() {
    for (std::size_t next = 0; next < steps_.size();) next = boot(next);
    CHECK(totals_.attempts + totals_.without_key + totals_.without_module + totals_.own ==
          steps_.size());
    return totals_;
  }

 private:
  std::vector<unsigned char> contents(const std::string& name) const {
    std::ifstream in{files_[name], std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// From one start of the kernel to its end; the step after that.
  std::size_t boot(std::size_t step) {
    log log;
    recorded_init init;
    kernel_type kernel{settings_, certificates_};
    relo::loader loader{kmod::x86_64{},
                        relo::buffer<std::uint64_t>{memory_, 0xffff'ffff'c000'0000},
                        exports_,
                        kmod::prel32_exports{},
                        relo::host::heap_scratch<std::uint64_t>{},
                        init,
                        log,
                        kernel,
                        kmod::modules<16>{},
                        Layout{},
                        pipeline_};
    // Two steps of the record that follow one another leave nothing unseen between them.
    int before = step == 0 ? 0 : steps_[step - 1].step;
    bool unseen = false, more_unseen = false;
    for (; step < steps_.size(); ++step) {
      const attempt& a = steps_[step];
      CAPTURE(a.step);
      CAPTURE(a.how);
      CAPTURE(a.command);
      CAPTURE(a.subject);
      CAPTURE(a.arguments);
      more_unseen = a.step != before + 1;
      unseen = unseen || more_unseen;
      before = a.step;
      init = {init_of(a)};
      log.said.clear();
      follow(loader, a, unseen, more_unseen);
      if (!a.rc) return step + 1;
    }
    return step;
  }

  template <class Loader>
  void follow(Loader& loader, const attempt& a, bool unseen, bool more_unseen) {
    const bool removal = a.command.starts_with("rm");
    // The same holds for what is asked of a module that was not loaded for that reason.
    if (!removal) absent_ = !files_.has(a.subject);
    if (absent_) {
      ++totals_.without_module;
      return;
    }
    const auto file = removal ? std::vector<unsigned char>{} : contents(a.subject);
    if (!removal && more_unseen && a.rc != -kmod::err::exist) remove_like(loader, file);
    if (a.rc == -kmod::err::keyrejected && certificates_.size() == 0) {
      ++totals_.without_key;  // without that kernel's certificates nobody can know
      return;
    }

    if (a.own) {
      ++totals_.own;
      return;
    }

    ++totals_.attempts;
    loader.diagnostics().said.clear();
    kernel_type& kernel = loader.kernel();
    const std::tuple<kmod::taints, bool, bool, bool> before = said_once_of(kernel);
    kmod::answer got = attempt_it(loader, a, file);
    if (!a.rc) {
      ++totals_.oopses;
      CHECK(got.value < 0);
      totals_.agree += got.value < 0;
      return;
    }
    // What is refused here and not there, but if relo is to be exactly as wrong.
    if (got.error == errc::relocation_out_of_section ||
        (*a.rc == 0 &&
         (got.error == errc::relocation_overflow || got.error == errc::bad_symbol_table ||
          got.error == relo::kmod::error::bad_this_module))) {
      ++totals_.deviations;
      kernel.settings.as_kernel = true;
      said_once_of(kernel) = before;
      loader.diagnostics().said.clear();
      got = attempt_it(loader, a, file);
      kernel.settings.as_kernel = false;
    }
    CHECK_MESSAGE(got.value == *a.rc, std::string{loader.diagnostics().describe().c_str()});
    const auto speaker = removal ? loaded_[a.subject] : plain(file);
    const bool same_lines = compare(a, speaker, loader.diagnostics().said, unseen);
    totals_.agree += got.value == *a.rc && same_lines;
    if (!removal && got)
      for (auto* m = loader.registry().first(); m != nullptr; m = m->next)
        if (m->next == nullptr) loaded_[m->name.c_str()] = speaker;
  }

  /// What decides about lines that are said once a boot.
  static auto said_once_of(kernel_type& kernel) {
    return std::tie(kernel.tainted, kernel.told_unsigned, kernel.told_livepatch,
                    kernel.told_lock_debugging);
  }

  template <class Loader>
  kmod::answer attempt_it(Loader& loader, const attempt& a,
                          const std::vector<unsigned char>& file) {
    if (a.command == "rm") return kmod::delete_module(loader, a.subject.c_str());
    if (a.command == "rmf")
      return kmod::delete_module(loader, a.subject.c_str(), kmod::delete_flags::force);
    const char* const arguments = a.arguments.c_str();
    if (a.command == "insmem") return kmod::init_module(loader, file, arguments);
    REQUIRE(a.command.starts_with("ins"));
    const auto flags =
        a.command == "ins" ? 0U : static_cast<unsigned>(std::stoul(a.command.substr(4)));
    return kmod::finit_module(loader, file, arguments, flags, relo::host::module_decompress{});
  }

  static std::vector<unsigned char> plain(const std::vector<unsigned char>& file) {
    const auto out = relo::host::decompress(file, relo::host::decompression::as_kernel);
    return out ? std::vector<unsigned char>{out.bytes.begin(), out.bytes.end()} : file;
  }

  /// A module that is loaded, and of which the name is in the file, has gone in between.
  template <class Loader>
  void remove_like(Loader& loader, const std::vector<unsigned char>& file) {
    const std::string contents{file.begin(), file.end()};
    for (auto* m = loader.registry().first(); m != nullptr;) {
      auto* const next = m->next;
      const std::string name = std::string(1, '\0') + m->name.c_str() + '\0';
      if (m->state == relo::module_state::live && m->references == 0 &&
          contents.find(name) != std::string::npos)
        loader.remove(*m);
      m = next;
    }
  }

  bool compare(const attempt& a, const std::vector<unsigned char>& file, const lines& said,
               bool unseen) {
    lines expected, got;
    for (const std::string& line : a.log)
      if (!prints(file, line)) expected.push_back(normal(line));
    std::size_t next = 0;
    for (const std::string& line : said) {
      const bool same = next < expected.size() && expected[next] == line;
      next += same;
      if (same || !(unseen && said_once(line))) got.push_back(line);
    }
    totals_.lines += expected.size();
    CHECK(joined(got) == joined(expected));
    return got == expected;
  }

  static std::string joined(const lines& all) {
    std::string out;
    for (const std::string& line : all) out += line + '\n';
    return out;
  }

  const Pipeline& pipeline_;
  const record::faults& files_;
  relo::host::certificates certificates_;
  std::vector<attempt> steps_;
  std::string vermagic_;
  std::vector<unsigned char> memory_;
  kernel_exports exports_{};
  kmod::config settings_{};
  std::map<std::string, std::vector<unsigned char>> loaded_{};  ///< where modules came from
  totals totals_{};
  bool absent_ = false;  ///< the last module that was to be loaded is not here
};

template <kmod::generation G, class Layout, class Pipeline>
void check(const release& which, const Pipeline& pipeline, const Layout&) {
  const totals sum = replay<G, Layout, Pipeline>{which, pipeline}.run();
  std::printf(
      "%s: %zu of %zu attempts agree: %zu oopses, %zu deviations, %zu lines; not known "
      "here: %zu without a key, %zu without Debian's module, %zu oopses of the modules' own\n",
      which.version.c_str(), sum.agree, sum.attempts, sum.oopses, sum.deviations, sum.lines,
      sum.without_key, sum.without_module, sum.own);
  if (sum.without_key + sum.without_module != 0)
    std::printf("left out: what needs %s (./dev kernel %s)\n", which.kernel.c_str(),
                which.version == "6.1" ? "amd64" : "trixie-amd64");
  CHECK(sum.attempts > 0);
  CHECK(sum.lines > 0);
}

}  // namespace

TEST_CASE("6.1: errno and log of every attempt are the kernel's") {
  check<kmod::generation::v6_1>({"6.1", "6.1.0-50-amd64", kmod::module_compression::none},
                                kmod::load_module_6_1, relo::core_and_init{});
}

TEST_CASE("6.12: errno and log of every attempt are the kernel's") {
  check<kmod::generation::v6_12>({"6.12", "6.12.107+deb13-amd64", kmod::module_compression::xz},
                                 kmod::load_module_6_12, relo::region_per_type{});
}
