// insmod FILE.o [name=value ...] [-- FILE.o [name=value ...]]...
//
// Loads objects into this process as the kernel loads modules, shows how, and removes them again.

#include "show.hpp"

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/process.hpp>
#include <relo/relo.hpp>

#include <CLI/CLI.hpp>
#include <boost/hana/for_each.hpp>
#include <unistd.h>
#include <vector>

namespace {

constexpr auto stages = relo::load_module | relo::insert_after<"move_module">(print_sections{}) |
                        relo::insert_after<"complete_formation">(print_memory{});

struct request {
  std::string file;
  std::string args;
};

/// "dir/my-module.ko" is my_module.
std::string module_name(const std::string& file) {
  std::string name = file.substr(file.rfind('/') + 1);
  for (const std::string_view suffix : {".o", ".ko"})
    if (name.size() > suffix.size() &&
        std::string_view{name}.substr(name.size() - suffix.size()) == suffix)
      name.resize(name.size() - suffix.size());
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// name=value, so that it is one word to the module, too.
std::string quoted(const std::string& word) {
  const std::size_t value = word.find('=') + 1;
  if (value == 0 || word.find_first_of(" \t\n", value) == word.npos || word.find('"') != word.npos)
    return word;
  return word.substr(0, value) + '"' + word.substr(value) + '"';
}

int failed(const std::string& file, const std::string& why) {
  example::complain("insmod: {}: {}\n", file, why);
  return 1;
}

/// More than describe() knows, where that helps.
std::string explained(const narrator& n) {
  std::string text = n.describe().c_str();
  if (n.code() == relo::errc::init_failed)
    text += fmt::format(" ({})", std::strerror(static_cast<int>(n.at().value)));
  return text;
}

template <class Loader, class Module>
std::string users_of(const Loader& loader, const Module& used) {
  std::string users;
  for (const Module* m = loader.registry().first(); m != nullptr; m = m->next)
    if (loader.registry().uses(*m, used))
      users += fmt::format("{}{}", users.empty() ? "" : ",", m->name.c_str());
  return users;
}

/// The lines of /proc/modules: name, bytes, users, who they are, state, address.
template <class Loader>
void list_modules(const Loader& loader) {
  if (quiet) return;
  for (auto* m = loader.registry().first(); m != nullptr; m = m->next) {
    const std::string users = users_of(loader, *m);
    example::print("{} {} {} {} {} {:#018x}\n", m->name.c_str(), m->size(), m->references,
                   users.empty() ? "-" : users + ',', name_of(m->state), m->handle());
  }
}

/// Removes what can be removed, first loaded first: what is used has to wait for its users.
template <class Loader>
void remove_all(Loader& loader) {
  for (bool removed = true; removed;) {
    removed = false;
    for (auto *m = loader.registry().first(), *next = m; m != nullptr; m = next) {
      next = m->next;
      const std::string name = m->name.c_str(), users = users_of(loader, *m);
      if (!quiet) example::print("\n$ rmmod {}\n", name);
      const relo::errc e = loader.unload(*m);
      removed = removed || e == relo::errc::ok;
      if (e != relo::errc::ok && !quiet)
        example::print("rmmod: {}: {}{}{}\n", name, message(e), users.empty() ? "" : " by ", users);
    }
  }
}

int run(const std::vector<request>& requests, bool wait) {
  // Static: should a module stay, its memory is there for what it has registered to run at exit.
  static relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{},
                      memory,
                      relo::symbols{offered, offered_to_gpl},
                      relo::host::run_in_process{},
                      relo::ksymtab_exports{},
                      narrator{},
                      relo::host::heap_scratch<relo::native_addr>{},
                      stages};

  int status = 0;
  for (const auto& [path, args] : requests) {
    if (!quiet) {
      if (&path != &requests[0].file) example::print("\n");
      example::print("$ insmod {}{}{}\n", path, args.empty() ? "" : " ", args);
    }
    const relo::host::file file{path.c_str()};
    if (file.error() != 0) {
      status = failed(path, file.message());
      break;
    }
    const std::string name = module_name(path);
    const auto module = loader.load(file.bytes(), {.name = name.c_str(), .args = args.c_str()});
    if (!module) {
      status = failed(path, explained(loader.diagnostics()));
      break;
    }
    if (!quiet) example::print("\n$ cat /proc/modules\n");
    list_modules(loader);
  }
  if (status == 0 && wait) {
    example::print("\nThis is process {}; press Enter to remove the modules.\n", ::getpid());
    std::fflush(stdout);
    std::getchar();
  }
  remove_all(loader);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  // What stands behind a "--" is another module's, so CLI11 sees the first module's words only.
  std::vector<std::vector<std::string>> groups(1);
  for (const char* const word : std::vector<const char*>(argv + 1, argv + argc))
    if (std::string_view{word} == "--") groups.emplace_back();
    else groups.back().emplace_back(word);

  CLI::App app{
      "Loads relocatable objects into this process, as the kernel loads modules, shows how, and\n"
      "removes them again. Several are loaded in order, and may use each other's exports.",
      "insmod"};
  bool list_stages = false, wait = false;
  std::vector<std::string> words;
  app.add_option("FILE.o", words, "an object and its parameters; after --, the next object")
      ->option_text("[name=value ...] [-- FILE.o ...]");
  app.add_flag("-q,--quiet", quiet, "show only what the modules print, and errors");
  app.add_flag("-w,--wait", wait, "wait for Enter before the modules are removed");
  app.add_flag("--list-stages", list_stages, "list the stages of a load, and load nothing");
  app.footer("Exit status: 0, or 1 if a module could not be loaded, or 2 for bad usage.");
  try {
    std::vector<std::string> first(groups[0].rbegin(), groups[0].rend());
    app.parse(first);
    groups[0] = words;
    if (words.empty() && (groups.size() > 1 || list_stages)) groups.erase(groups.begin());
    for (const auto& group : groups)
      if (group.empty()) throw CLI::RequiredError("FILE.o");
  } catch (const CLI::ParseError& e) {
    return example::finish_usage("insmod", app, e);
  }
  if (list_stages) {
    boost::hana::for_each(stages.stages, [](const auto& s) {
      example::print("{:<27}  {}\n", s.name, purpose(s.name));
    });
    return example::finish("insmod", 0);
  }

  std::vector<request> requests;
  for (const auto& group : groups) {
    requests.push_back({group[0], ""});
    std::string& args = requests.back().args;
    for (std::size_t i = 1; i < group.size(); ++i) {
      if (i != 1) args += ' ';
      args += quoted(group[i]);
    }
  }
  return example::finish("insmod", run(requests, wait));
}
