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
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
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
  std::size_t max_size = std::size_t{256} << 20;
  bool json = false, layout = false, modinfo = false, as_kernel = false;
  bool force = false, force_vermagic = false, force_modversion = false;

  unsigned flags() const noexcept {
    using namespace relo::kmod::init_flags;
    return (force || force_modversion ? ignore_modversions : 0) |
           (force || force_vermagic ? ignore_vermagic : 0);
  }
};

contents open_or_refuse(const std::string& path, std::size_t max_size) {
  contents file{path.c_str(), max_size};
  if (file.error() != 0) refuse(path, ": ", file.message());
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
void learn_from(const std::string& path, std::size_t max_size, rules& r) {
  const contents file = open_or_refuse(path, max_size);
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
  if (o.symvers.empty() && o.place.empty()) refuse("--symvers is required");
  const release version = parse_release(o.kernel);
  r.make = maker_of(version);
  if (version > release{6, 12})
    example::complain("kmodcheck: {} is judged as 6.12, the last kernel known here\n", o.kernel);

  if (!o.symvers.empty()) {
    if (!r.exports.read(open_or_refuse(o.symvers, o.max_size).bytes()))
      refuse(o.symvers, ": line ", r.exports.bad_line(), " is none of a Module.symvers");
    if (r.exports.entries().empty()) refuse(o.symvers, ": empty");
  }
  r.present.assign(r.exports.entries().size(), true);

  auto& config = r.setup.config;
  if (version >= release{6, 12}) config.compression = relo::kmod::module_compression::xz;
  if (!o.config.empty() &&
      !relo::host::read_kernel_config(open_or_refuse(o.config, o.max_size).bytes(), config))
    refuse(o.config, ": no kernel's configuration");
  config.as_kernel = o.as_kernel;

  if (!o.like.empty()) learn_from(o.like, o.max_size, r);
  if (!o.vermagic.empty()) {
    r.vermagic = o.vermagic;
    r.setup.config.vermagic = r.vermagic.c_str();
    r.setup.compare_vermagic = true;
  }
  if (!o.certs.empty()) {
    const relo::host::file file{o.certs.c_str(), o.max_size};
    if (file.error() != 0) refuse(o.certs, ": ", file.message());
    auto plain = relo::host::plain_kernel(file.bytes(), o.max_size);
    if (!plain) refuse(o.certs, ": ", relo::kmod::words::message(plain.error));
    if (r.certificates.add(plain.bytes) == 0) refuse(o.certs, ": no certificate in there");
    r.setup.certificates = &r.certificates;
  }
  if (!o.place.empty()) {
    std::string why;
    if (!read_record(open_or_refuse(o.place, o.max_size).bytes(), r.places, why))
      refuse(o.place, ": ", why);
    r.records = true;
  }
  r.setup.exports = &r.exports;
  r.setup.present = &r.present;
}

const char* verdict_name(const verdict& v) { return v.error == 0 ? "ok" : error_name(v.error); }

bool is_directory(const std::string& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}

class reporter {
 public:
  explicit reporter(const options& o)
      : options_(&o), files_(o.output, o.files.size() != 1 || is_directory(o.files[0])) {}

  /// False: there is nobody to tell.
  bool tell(const std::string& path, const verdict& v) {
    if (v.error != 0) all_load_ = false;
    if (options_->json) {
      example::print(
          "{}\n", to_json(path, v, verdict_name(v), {!options_->place.empty(), options_->layout}));
    } else {
      example::print("{}: {}{}{}\n", path, verdict_name(v), why(v),
                     v.vermagic.empty() ? "" : " (vermagic was not compared: " + v.vermagic + ")");
      if (options_->layout) print_layout(v.layout);
    }
    ++told_;
    if (!options_->output.empty()) write(path, v.layout);
    return !example::output_failed();
  }
  /// A directory of modules that could not be read, or not to its end.
  bool tell(const found_modules::unreadable& directory) {
    verdict v;
    v.error = directory.error;
    v.reason = std::strerror(directory.error);
    return tell(directory.path, v);
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

  /// One that is judged.
  request of(const std::string& path) const {
    request out{.image = {}, .args = options_->args.c_str(), .flags = options_->flags()};
    if (options_->layout) out.details = wanted::layout;
    if (rules_->records || !options_->output.empty()) out.details = wanted::contents;
    if (rules_->records) {
      out.place = record_of(path);
      if (out.place == nullptr) refuse(options_->place, ": no record of ", path);
    }
    return out;
  }
  /// One that another needs.
  request as_needed(const std::string& path) const {
    return {.image = {}, .flags = options_->flags(), .place = record_of(path)};
  }
  /// Whether there is no difference.
  bool are_usual() const noexcept {
    return options_->args.empty() && !options_->layout && options_->output.empty() &&
           !rules_->records;
  }

  /// Modules of a directory that the kernel did not have are nowhere.
  void leave_out_unrecorded(std::vector<std::string>& paths) const {
    const std::size_t all = paths.size();
    std::erase_if(paths, [&](const auto& p) { return record_of(p) == nullptr; });
    if (paths.empty()) refuse(options_->place, ": no record of any module in there");
    if (paths.size() != all)
      example::complain("kmodcheck: {} modules of {} have no record in {}, left out\n",
                        all - paths.size(), all, options_->place);
  }

 private:
  const placement* record_of(const std::string& path) const {
    if (!rules_->records) return nullptr;
    auto at = rules_->places.find(name_by_path(path));
    if (at == rules_->places.end()) at = rules_->places.find("");
    return at == rules_->places.end() ? nullptr : &at->second;
  }

  const options* options_;
  const rules* rules_;
};

std::vector<const char*> paths_of(const std::vector<std::string>& all) {
  std::vector<const char*> out;
  for (const auto& path : all) out.push_back(path.c_str());
  return out;
}

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

/// Files that are loaded one after the other and stay. Several builds of one module each take the
/// place of the one before; a file that is given again is refused, as by the kernel.
class loaded_files {
 public:
  loaded_files(simulated_kernel& k, loaded_modules& there) : kernel_(&k), there_(&there) {}

  /// `load` answers a verdict, and under which number of loaded modules if it was loaded.
  template <class Load>
  verdict next(const std::string& path, Load&& load) {
    const auto taints = kernel_->taints();
    std::size_t number = 0;
    verdict v = load(number);
    if (v.error == relo::kmod::err::exist && make_way_for(kernel_->last_name(), path)) {
      kernel_->set_taints(taints);
      v = load(number);
    }
    if (v.error == 0) all_.push_back({kernel_->last_name(), canonical(path), number, v.uses});
    return v;
  }

 private:
  struct one {
    std::string module;
    fs::path path;
    std::size_t number;
    std::vector<std::size_t> uses;
  };
  static fs::path canonical(const std::string& path) {
    std::error_code none;
    return fs::canonical(path, none);
  }
  bool make_way_for(const std::string& module, const std::string& path) {
    const auto other = std::ranges::find_if(
        all_, [&](const one& o) { return o.module == module && o.path != canonical(path); });
    if (other == all_.end()) return false;
    // With those that use it, and those that use them: who uses a module was loaded after it.
    std::unordered_set<std::size_t> going{other->number};
    for (const one& o : all_)
      if (std::ranges::any_of(o.uses, [&](std::size_t u) { return going.contains(u); }))
        going.insert(o.number);
    for (const std::size_t number : going) there_->hide(number);
    std::erase_if(all_, [&](const one& o) { return going.contains(o.number); });
    return true;
  }

  simulated_kernel* kernel_;
  loaded_modules* there_;
  std::vector<one> all_;
};

/// The modules of --modules, in the place of those that Module.symvers names.
std::vector<std::string> other_modules(const options& o, rules& r, reporter& report) {
  if (o.modules.empty()) return {};
  const auto found = modules_below(o.modules);
  for (const auto& d : found.directories) {
    if (d.path == o.modules) refuse(d.path, ": ", std::strerror(d.error));
    report.tell(d);
  }
  if (o.like.empty() && o.vermagic.empty() && !found.paths.empty())
    learn_from(found.paths[0], o.max_size, r);
  return found.paths;
}

/// Files, which insmod is given one after the other.
int judge_files(const options& o, rules& r) {
  reporter report{o};
  std::unordered_set<std::string> names;
  for (const auto& path : o.files) {
    const contents file{path.c_str(), o.max_size};
    const bool is_read = file.error() == 0 || file.error() == EINVAL || file.error() == EFBIG;
    if (!is_read && !o.json) refuse(path, ": ", file.message());
    names.emplace(module_name(sections_of{file.bytes()}));
  }
  names.erase("");

  // Of the kernel's modules those that the files need.
  module_tree tree{o.max_size};
  if (!o.modules.empty()) {
    tree.add(other_modules(o, r, report), names);
    r.leave_out_all();
    tree.resolve(r.exports, r.present);
  } else if (!r.records) {
    r.leave_out(names);
  }

  const auto kernel = r.make(r.setup);
  const requests ask{o, r};
  judge judge{tree, *kernel, o.max_size,
              [&](std::size_t i) { return ask.as_needed(tree[i].path); }};
  progress progress{o.files.size()};
  loaded_files loaded{*kernel, judge.there()};
  read_ahead files{paths_of(o.files), o.max_size};
  for (std::size_t i = 0; i < o.files.size(); ++i) {
    progress.tell(i);
    const auto& path = o.files[i];
    const contents file = files.next();
    const bool told = file.error() != 0 ? report.tell(path, unreadable(file)) : [&] {
      request how = ask.of(path);
      how.image = file.bytes();
      const auto needs = tree.size() == 0 ? std::vector<std::size_t>{}
                                          : tree.needs_of(file.bytes(), r.exports, r.present);
      return report.tell(path, loaded.next(path, [&](std::size_t& number) {
        return judge.next(needs, how, number);
      }));
    }();
    if (!told) break;
  }
  return report.status();
}

/// A directory: each of its modules, with those that it needs.
int judge_tree(const options& o, rules& r) {
  reporter report{o};
  found_modules found = modules_below(o.files[0]);
  auto& paths = found.paths;
  for (const auto& d : found.directories) {
    if (d.path == o.files[0]) refuse(d.path, ": ", std::strerror(d.error));
    report.tell(d);
  }
  if (paths.empty() && found.directories.empty()) refuse(o.files[0], ": no modules in there");
  const requests ask{o, r};
  if (r.records) ask.leave_out_unrecorded(paths);

  module_tree tree{o.max_size};
  tree.add(paths, {});
  r.leave_out(tree.names());
  if (!o.modules.empty()) {
    tree.add(other_modules(o, r, report), tree.names());
    r.leave_out_all();
  }
  tree.resolve(r.exports, r.present);

  const auto kernel = r.make(r.setup);
  judge judge{tree, *kernel, o.max_size,
              [&](std::size_t i) { return ask.as_needed(tree[i].path); }};
  progress progress{paths.size()};
  judge.each_alone(
      paths.size(), ask.are_usual(), [&](std::size_t i) { return ask.of(paths[i]); },
      [&](std::size_t i, const verdict& v) {
        progress.tell(i);
        return report.tell(paths[i], v);
      });
  return report.status();
}

int print_all_modinfo(const options& o) {
  int status = 0;
  std::vector<std::string> paths;
  for (const auto& path : o.files) {
    if (!is_directory(path)) {
      paths.push_back(path);
      continue;
    }
    auto found = modules_below(path);
    std::ranges::move(found.paths, std::back_inserter(paths));
    for (const auto& d : found.directories) {
      example::complain("kmodcheck: {}: {}\n", d.path, std::strerror(d.error));
      status = 1;
    }
  }
  for (const auto& path : paths) {
    std::string out, why;
    const bool whole = print_modinfo(path, o.max_size, out, why);
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
  app.add_option("--max-size", o.max_size,
                 "refuse a file that is larger, or would be when decompressed; 256M unless told")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false));
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
