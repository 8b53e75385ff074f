// kmodcheck --kernel 6.1 --symvers Module.symvers [--like GOOD.ko | --vermagic S] FILE.ko... | DIR
//
// Says what a kernel's insmod would say of modules, without that kernel.

#include "../print.hpp"
#include "judge.hpp"
#include "modinfo.hpp"
#include "record.hpp"
#include "section_files.hpp"

#include <relo/host/kernel_config.hpp>
#include <relo/host/kernel_image.hpp>
#include <relo/linux/errno.hpp>

#include <CLI/CLI.hpp>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace kmodcheck;
namespace fs = std::filesystem;

/// What the caller got wrong; printed as one line, with exit status 2.
struct bad_usage {
  std::string what;
};
template <class... Words>
[[noreturn]] void refuse(const Words&... words) {
  std::string text;
  ((text += fmt::format("{}", words)), ...);
  throw bad_usage{text};
}

struct options {
  std::string kernel, symvers, like, vermagic, config, modules, certs, args, place, output;
  std::vector<std::string> files;
  bool json = false, layout = false, modinfo = false, as_kernel = false;
  bool force = false, force_vermagic = false, force_modversion = false;

  unsigned flags() const noexcept {
    using namespace relo::kmod::init_flags;
    return (force || force_modversion ? ignore_modversions : 0) |
           (force || force_vermagic ? ignore_vermagic : 0);
  }
};

contents open_or_refuse(const std::string& path) {
  contents file{path.c_str()};
  if (!file.error().empty()) refuse(path, ": ", file.error());
  return file;
}

using make_kernel = std::unique_ptr<simulated_kernel>(const kernel_setup&);

/// A release as "6.1" or "6.1.0-50-amd64".
struct release {
  unsigned major = 0, minor = 0;
  auto operator<=>(const release&) const = default;
};
release parse_release(const std::string& text) {
  release r;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, r.major);
  if (major.ec == std::errc{} && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, r.minor);
    if (minor.ec == std::errc{} && r >= release{2, 6} &&
        (minor.ptr == end || std::string_view{".-+_~"}.find(*minor.ptr) != std::string_view::npos))
      return r;
  }
  refuse("--kernel ", text, ": no kernel's version, such as 6.1");
}
make_kernel* maker_of(const release& r) {
  if (r <= release{5, 11}) return make_kernel_5_11;
  if (r <= release{6, 3}) return make_kernel_6_1;
  return make_kernel_6_12;
}

/// What modules are judged by, and the memory that it refers to.
struct rules {
  make_kernel* make;
  kernel_setup setup{};
  std::string vermagic;
  relo::host::symvers exports;
  relo::host::certificates certificates;
  std::vector<bool> present;
  record places;
  bool records = false;

  /// The modules of that name do not count as loaded because Module.symvers names them.
  void leave_out(const std::unordered_set<std::string>& names) {
    for (std::size_t i = 0; i < present.size(); ++i)
      if (names.contains(exports.entries()[i].owner)) present[i] = false;
  }
  void leave_out_all() {
    for (std::size_t i = 0; i < present.size(); ++i)
      present[i] = present[i] && exports.entries()[i].owner[0] == '\0';
  }
};

/// What a module that loads there tells of a kernel.
void learn_from(const std::string& path, rules& r) {
  const contents file = open_or_refuse(path);
  const sections_of sections{file.bytes()};
  const auto magic = modinfo(sections, "vermagic");
  const auto size = sections.find(".gnu.linkonce.this_module").size();
  if (!magic || size == 0) refuse(path, ": no kernel module");
  r.vermagic = *magic;
  r.setup.config.vermagic = r.vermagic.c_str();
  r.setup.config.module_size = size;
  r.setup.compare_vermagic = true;
}

void read_rules(const options& o, rules& r) {
  if (o.kernel.empty()) refuse("--kernel is required");
  if (o.symvers.empty()) refuse("--symvers is required");
  const release version = parse_release(o.kernel);
  r.make = maker_of(version);
  if (version > release{6, 12})
    example::complain("kmodcheck: {} is judged as 6.12, the last kernel known here\n", o.kernel);

  if (!r.exports.read(open_or_refuse(o.symvers).bytes()))
    refuse(o.symvers, ": line ", r.exports.bad_line(), " is none of a Module.symvers");
  if (r.exports.entries().empty()) refuse(o.symvers, ": empty");
  r.present.assign(r.exports.entries().size(), true);

  auto& config = r.setup.config;
  if (version >= release{6, 12}) config.compression = relo::kmod::module_compression::xz;
  if (!o.config.empty() &&
      !relo::host::read_kernel_config(open_or_refuse(o.config).bytes(), config))
    refuse(o.config, ": no kernel's configuration");
  config.as_kernel = o.as_kernel;

  if (!o.like.empty()) learn_from(o.like, r);
  if (!o.vermagic.empty()) {
    r.vermagic = o.vermagic;
    r.setup.config.vermagic = r.vermagic.c_str();
    r.setup.compare_vermagic = true;
  }
  if (!o.certs.empty()) {
    const relo::host::file file{o.certs.c_str()};
    if (file.error() != 0) refuse(o.certs, ": ", file.message());
    auto plain = relo::host::plain_kernel(file.bytes());
    if (!plain) refuse(o.certs, ": ", relo::message(plain.error));
    if (r.certificates.add(plain.bytes) == 0) refuse(o.certs, ": no certificate in there");
    r.setup.certificates = &r.certificates;
  }
  if (!o.place.empty()) {
    std::string why;
    if (!read_record(open_or_refuse(o.place).bytes(), r.places, why)) refuse(o.place, ": ", why);
    r.records = true;
  }
  r.setup.exports = &r.exports;
  r.setup.present = &r.present;
}

const char* verdict_name(const verdict& v) {
  return v.error == 0 ? "ok" : relo::kmod::errno_name(v.error);
}

bool is_directory(const std::string& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}

class reporter {
 public:
  explicit reporter(const options& o)
      : options_(&o), files_(o.output, o.files.size() != 1 || is_directory(o.files[0])) {}

  void tell(const std::string& path, const verdict& v) {
    if (v.error != 0) all_load_ = false;
    if (options_->json) {
      example::print(
          "{}\n", to_json(path, v, verdict_name(v), {!options_->place.empty(), options_->layout}));
    } else {
      example::print("{}: {}{}\n", path, verdict_name(v), why(v));
      if (options_->layout) print_layout(v.layout);
    }
    ++told_;
    if (!options_->output.empty()) write(path, v.layout);
  }
  int status() const noexcept { return all_load_ ? 0 : 1; }

 private:
  static std::string why(const verdict& v) {
    if (v.error == 0) return "";
    std::string out = ":";
    for (std::size_t i = v.cause; i < v.log.size(); ++i)
      out += (i == v.cause ? " " : "; ") + v.log[i];
    if (!v.reason.empty() && (v.cause == v.log.size() || v.needs)) out += " [" + v.reason + "]";
    return out;
  }

  static void print_layout(const memory_layout& l) {
    for (const auto& r : l.regions)
      if (r.size != 0) example::print("  {:<14} {:#018x} {:>8}\n", r.name, r.base, r.size);
    for (const auto& s : l.sections)
      example::print("  {:>4} {:<28} {:<14} {:#8x} {:>8}\n", s.index, s.name, s.region, s.offset,
                     s.size);
    for (const auto& t : l.tables)
      example::print("       {:<28} {:<14} {:#8x} {:>8}\n", t.name, t.region, t.offset, t.size);
  }

  void write(const std::string& path, const memory_layout& l) {
    std::string why;
    if (!files_.write(name_by_path(path), told_, l, why)) refuse(why);
    if (!files_.called_so())
      example::complain("kmodcheck: {}: its sections are in {}\n", path, files_.path());
  }

  const options* options_;
  section_files files_;
  std::size_t told_ = 0;
  bool all_load_ = true;
};

/// What each module is loaded with.
class requests {
 public:
  requests(const options& o, const rules& r) : options_(&o), rules_(&r) {}

  request of(const std::string& path, bytes_view image) const {
    request out{.image = image, .args = options_->args.c_str(), .flags = options_->flags()};
    if (options_->layout) out.details = wanted::layout;
    if (rules_->records || !options_->output.empty()) out.details = wanted::contents;
    if (rules_->records) {
      auto at = rules_->places.find(name_by_path(path));
      if (at == rules_->places.end()) at = rules_->places.find("");
      if (at == rules_->places.end()) refuse(options_->place, ": no record of ", path);
      out.place = &at->second;
    }
    return out;
  }

 private:
  const options* options_;
  const rules* rules_;
};

/// Tells on a terminal how far work is that takes longer than one likes to wait.
class progress {
 public:
  explicit progress(std::size_t all) : all_(all), shown_(::isatty(STDERR_FILENO) != 0) {}
  ~progress() {
    if (told_) example::complain("\r\033[K");
  }
  void tell(std::size_t done) {
    using namespace std::chrono;
    const auto now = steady_clock::now();
    if (!shown_ || now - begin_ < seconds{2} || now - last_ < milliseconds{200}) return;
    last_ = now;
    told_ = true;
    example::complain("\r{} of {} modules", done, all_);
  }

 private:
  std::size_t all_;
  bool shown_, told_ = false;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now(), last_{};
};

verdict unreadable(const contents& file) {
  verdict v;
  v.error = file.is_damaged() ? relo::kmod::err::inval : relo::kmod::err::io;
  v.reason = file.error();
  return v;
}

/// Files that are loaded one after the other and stay. Several builds of one module each take the
/// place of the one before; a file that is given again is refused, as by the kernel.
class loaded_files {
 public:
  explicit loaded_files(simulated_kernel& k) : kernel_(&k) {}

  /// `load` answers a verdict, and which module it was if it was loaded.
  template <class Load>
  verdict next(const std::string& path, Load&& load) {
    const auto taints = kernel_->taints();
    module_id id = nullptr;
    verdict v = load(id);
    if (v.error == relo::kmod::err::exist && make_way_for(kernel_->last_name(), path)) {
      kernel_->set_taints(taints);
      v = load(id);
    }
    if (id != nullptr) all_.push_back({kernel_->last_name(), canonical(path), id});
    return v;
  }

 private:
  struct one {
    std::string module;
    fs::path path;
    module_id id;
  };
  static fs::path canonical(const std::string& path) {
    std::error_code none;
    return fs::canonical(path, none);
  }
  bool make_way_for(const std::string& module, const std::string& path) {
    const auto other = std::ranges::find_if(
        all_, [&](const one& o) { return o.module == module && o.path != canonical(path); });
    if (other == all_.end()) return false;
    const auto removed = kernel_->remove(other->id);
    std::erase_if(all_,
                  [&](const one& o) { return std::ranges::find(removed, o.id) != removed.end(); });
    return true;
  }

  simulated_kernel* kernel_;
  std::vector<one> all_;
};

/// Files, which insmod is given one after the other.
int judge_files(const options& o, rules& r) {
  std::vector<contents> files;
  std::unordered_set<std::string> names;
  for (const auto& path : o.files) {
    files.emplace_back(path.c_str());
    if (!files.back().error().empty() && !files.back().is_damaged())
      refuse(path, ": ", files.back().error());
    names.emplace(module_name(sections_of{files.back().bytes()}));
  }
  names.erase("");

  // Of the kernel's modules those that the files need.
  module_tree tree;
  std::vector<std::vector<std::size_t>> needs(files.size());
  if (!o.modules.empty()) {
    std::string error;
    const auto paths = modules_below(o.modules, error);
    if (!error.empty()) refuse(o.modules, ": ", error);
    tree.add(paths, names);
    if (o.like.empty() && o.vermagic.empty() && tree.size() != 0) learn_from(tree[0].path, r);
    r.leave_out_all();
    tree.resolve(r.exports, r.present);
    for (std::size_t i = 0; i < files.size(); ++i)
      needs[i] = tree.needs_of(files[i].bytes(), r.exports, r.present);
  } else if (!r.records) {
    r.leave_out(names);
  }

  const auto kernel = r.make(r.setup);
  judge judge{tree, *kernel, o.flags()};
  const requests ask{o, r};
  reporter report{o};
  progress progress{files.size()};
  loaded_files loaded{*kernel};
  for (std::size_t i = 0; i < files.size(); ++i) {
    progress.tell(i);
    if (!files[i].error().empty()) {
      report.tell(o.files[i], unreadable(files[i]));
      continue;
    }
    const request how = ask.of(o.files[i], files[i].bytes());
    report.tell(o.files[i], loaded.next(o.files[i], [&](module_id& id) {
      return judge.next(needs[i], how, id);
    }));
  }
  return report.status();
}

/// A directory: each of its modules, with those that it needs.
int judge_tree(const options& o, rules& r) {
  std::string error;
  const auto paths = modules_below(o.files[0], error);
  if (!error.empty()) refuse(o.files[0], ": ", error);
  if (paths.empty()) refuse(o.files[0], ": no modules in there");
  module_tree tree;
  tree.add(paths, {});
  r.leave_out(tree.names());
  if (!o.modules.empty()) {
    const auto others = modules_below(o.modules, error);
    if (!error.empty()) refuse(o.modules, ": ", error);
    if (o.like.empty() && o.vermagic.empty() && !others.empty()) learn_from(others[0], r);
    tree.add(others, tree.names());
    r.leave_out_all();
  }
  tree.resolve(r.exports, r.present);

  const requests ask{o, r};
  std::vector<verdict> verdicts(paths.size());
  std::atomic<std::size_t> next{0}, done{0};
  const auto work = [&] {
    const auto kernel = r.make(r.setup);
    judge judge{tree, *kernel, o.flags()};
    for (std::size_t i; (i = next.fetch_add(1)) < paths.size(); ++done) {
      const contents& file = *tree[i].file;
      verdicts[i] =
          file.error().empty() ? judge.alone(i, ask.of(paths[i], file.bytes())) : unreadable(file);
    }
  };
  if (r.records)
    for (std::size_t i = 0; i < paths.size(); ++i) ask.of(paths[i], {});
  std::vector<std::thread> workers;
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t t = 1; t < std::min(most, paths.size() / 32 + 1); ++t)
    workers.emplace_back(work);
  if (::isatty(STDERR_FILENO) != 0) {
    workers.emplace_back(work);
    progress progress{paths.size()};
    for (; done < paths.size(); std::this_thread::sleep_for(std::chrono::milliseconds{5}))
      progress.tell(done);
  } else {
    work();
  }
  for (auto& w : workers) w.join();

  reporter report{o};
  for (std::size_t i = 0; i < paths.size(); ++i) report.tell(paths[i], verdicts[i]);
  return report.status();
}

int print_all_modinfo(const options& o) {
  std::vector<std::string> paths;
  for (const auto& path : o.files) {
    std::string error;
    if (!is_directory(path)) paths.push_back(path);
    else
      for (auto& found : modules_below(path, error)) paths.push_back(std::move(found));
    if (!error.empty()) refuse(path, ": ", error);
  }
  int status = 0;
  for (const auto& path : paths) {
    std::string out, why;
    const bool whole = print_modinfo(path, out, why);
    example::print(example::own{out});
    if (example::output_failed()) break;
    if (!whole) {
      example::complain("kmodcheck: {}: {}\n", path, why);
      status = 1;
    }
  }
  return status;
}

int run(const options& o) {
  if (o.files.empty()) refuse("FILE.ko or a directory is required");
  if (o.modinfo) return print_all_modinfo(o);
  if (!o.like.empty() && !o.vermagic.empty()) refuse("--like excludes --vermagic");
  const bool directory = std::ranges::any_of(o.files, is_directory);
  if (directory && o.files.size() != 1) refuse("one directory, or files");

  rules r;
  read_rules(o, r);
  return directory ? judge_tree(o, r) : judge_files(o, r);
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{
      "Says for each module what a kernel's insmod would: ok, or an errno and the line that the\n"
      "kernel would log. No code of the modules runs.\n"
      "Files are loaded in order into one kernel, as by insmod, and stay; another file of the "
      "same\n"
      "module takes its place. Of a directory each module is loaded alone, after those that it\n"
      "needs.",
      "kmodcheck"};
  app.add_option("FILE.ko", o.files,
                 "modules, perhaps compressed by gzip, xz or zstd; or a directory of them")
      ->option_text("... | DIR");
  app.add_option("--kernel", o.kernel, "the kernel's version, such as 6.1")->type_name("VERSION");
  app.add_option("--symvers", o.symvers,
                 "its Module.symvers; modules that it names count as loaded, but for those that "
                 "are judged, and unless --modules")
      ->type_name("FILE");
  app.add_option("--like", o.like,
                 "a module that loads there: its vermagic and size of struct module are the "
                 "kernel's")
      ->type_name("GOOD.ko");
  app.add_option("--vermagic", o.vermagic,
                 "the kernel's vermagic; if neither is given, it is not compared")
      ->type_name("S");
  app.add_option("--config", o.config, "the kernel's configuration; else Debian's choices")
      ->type_name("FILE");
  app.add_option("--modules", o.modules,
                 "that kernel's modules: what is needed of them is loaded first, and not judged")
      ->type_name("DIR");
  app.add_option("--certs", o.certs,
                 "certificates, PEM or DER, or a kernel that has them; else what is a signature "
                 "counts as a good one")
      ->type_name("FILE");
  app.add_option("--args", o.args, "the modules' parameters, such as 'a=1 b'")->type_name("ARGS");
  app.add_flag("--force", o.force, "as --force-vermagic and --force-modversion");
  app.add_flag("--force-vermagic", o.force_vermagic, "have the kernel overlook vermagic");
  app.add_flag("--force-modversion", o.force_modversion, "have the kernel overlook CRCs");
  app.add_flag("--as-kernel", o.as_kernel,
               "accept what the kernel does, even where that damages it");
  app.add_flag("--json", o.json,
               "a line a module: {\"file\":..,\"verdict\":\"ok\"|\"ENOEXEC\"..,\"log\":[..]}");
  app.add_flag("--layout", o.layout, "print regions, sections and symbol tables with offsets");
  app.add_option("--place", o.place,
                 "a record of where a kernel had the modules; with --json, sections with their "
                 "SHA-256 are told")
      ->type_name("RECORD.json");
  app.add_option("-o", o.output, "write the relocated sections, a file each")->type_name("DIR");
  app.add_flag("--modinfo", o.modinfo, "print what modinfo(8) does, and judge nothing");
  app.footer("Exit status: 0 if all load, 1 if some do not, 2 for bad usage.");
  try {
    app.parse(argc, argv);
    return example::finish("kmodcheck", run(o));
  } catch (const CLI::CallForHelp& e) {
    return example::finish_usage("kmodcheck", app, e);
  } catch (const CLI::ParseError& e) {
    example::complain("kmodcheck: {}\n", e.what());
  } catch (const bad_usage& e) {
    example::complain("kmodcheck: {}\n", e.what);
  }
  return example::finish("kmodcheck", 2);
}
