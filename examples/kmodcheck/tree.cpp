#include "tree.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

namespace kmodcheck {

namespace {

constexpr std::string_view suffixes[] = {".ko", ".ko.gz", ".ko.xz", ".ko.zst"};

void look_at(module_in_tree& m) {
  m.file = std::make_unique<contents>(m.path.c_str());
  const sections_of sections{m.file->bytes()};
  m.name = module_name(sections);
  if (m.name.empty()) m.name = name_by_path(m.path);
  // With the names there are those of namespaces, which no symbol has.
  sections_of::for_each_string(sections.find("__ksymtab_strings"),
                               [&](std::string_view s) { m.exports.push_back(s); });
  sections.for_each_undefined([&](std::string_view s) { m.undefined.push_back(s); });
}

}  // namespace

bool is_module(std::string_view path) {
  return std::ranges::any_of(suffixes, [&](auto s) { return path.ends_with(s); });
}

std::string name_by_path(std::string_view path) {
  if (const auto slash = path.rfind('/'); slash != path.npos) path.remove_prefix(slash + 1);
  for (const auto s : suffixes)
    if (path.ends_with(s)) {
      path.remove_suffix(s.size());
      break;
    }
  std::string name{path};
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<std::string> modules_below(const std::string& directory, std::string& error) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::error_code failed;
  fs::recursive_directory_iterator at{directory, failed};
  for (; !failed && at != fs::recursive_directory_iterator{}; at.increment(failed)) {
    std::error_code none;
    if (is_module(at->path().native()) && at->is_regular_file(none))
      found.push_back(at->path().native());
  }
  if (failed) error = failed.message();
  std::ranges::sort(found);
  return found;
}

void module_tree::add(const std::vector<std::string>& paths,
                      const std::unordered_set<std::string>& not_these) {
  std::vector<module_in_tree> found(paths.size());
  in_parallel(paths.size(), [&](std::size_t i) {
    found[i].path = paths[i];
    look_at(found[i]);
  });
  const std::unordered_set<std::string> left_out = not_these;
  for (auto& m : found)
    if (!left_out.contains(m.name)) {
      names_.insert(m.name);
      modules_.push_back(std::move(m));
    }
}

/// Calls missing(entry) for what only a module exports that is not there.
template <class Missing>
std::vector<std::size_t> module_tree::exporters_of(const std::vector<std::string_view>& undefined,
                                                   const relo::host::symvers& kernel,
                                                   const std::vector<bool>& present,
                                                   Missing&& missing) const {
  std::vector<std::size_t> out;
  for (const auto& name : undefined) {
    const auto* const e = kernel.entry(relo::elf::name{name.data()});
    if (e != nullptr && present[static_cast<std::size_t>(e - kernel.entries().data())]) continue;
    if (const auto by = exporters_.find(name); by != exporters_.end()) {
      if (std::ranges::find(out, by->second) == out.end()) out.push_back(by->second);
    } else if (e != nullptr) {
      missing(*e);
    }
  }
  return out;
}

void module_tree::resolve(const relo::host::symvers& kernel, const std::vector<bool>& present) {
  exporters_.clear();
  for (std::size_t i = 0; i < modules_.size(); ++i)
    for (const auto& name : modules_[i].exports) exporters_.try_emplace(name, i);
  needed_.assign(modules_.size(), false);
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    module_in_tree& m = modules_[i];
    m.missing.clear();
    m.needs = exporters_of(m.undefined, kernel, present, [&](const auto& e) {
      if (std::ranges::find(m.missing, e.owner) == m.missing.end()) m.missing.emplace_back(e.owner);
    });
    std::erase(m.needs, i);
    for (const std::size_t need : m.needs) needed_[need] = true;
  }
}

std::vector<std::size_t> module_tree::needs_of(bytes_view file, const relo::host::symvers& kernel,
                                               const std::vector<bool>& present) const {
  std::vector<std::string_view> undefined;
  sections_of{file}.for_each_undefined([&](std::string_view s) { undefined.push_back(s); });
  return exporters_of(undefined, kernel, present, [](const auto&) {});
}

std::string module_tree::cycle_through(std::size_t start) const {
  // By width: the shortest one.
  std::unordered_map<std::size_t, std::size_t> from;
  std::vector<std::size_t> queue{start};
  for (std::size_t at = 0; at < queue.size(); ++at)
    for (const std::size_t next : modules_[queue[at]].needs) {
      if (next == start) {
        std::string path = modules_[start].name;
        for (std::size_t back = queue[at]; back != start; back = from[back])
          path = modules_[back].name + " -> " + path;
        return modules_[start].name + " -> " + path;
      }
      if (from.try_emplace(next, queue[at]).second) queue.push_back(next);
    }
  return "";
}

void in_parallel(std::size_t n, const std::function<void(std::size_t)>& f) {
  constexpr std::size_t little = 32, at_once = 8;
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t wanted = std::min(n / little + 1, most);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(at_once)) < n;)
      for (std::size_t end = std::min(n, i + at_once); i < end; ++i) f(i);
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < wanted; ++t) others.emplace_back(work);
  work();
  for (auto& t : others) t.join();
}

}  // namespace kmodcheck
