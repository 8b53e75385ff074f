#include "tree.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

namespace kmodcheck {

namespace {

constexpr std::string_view suffixes[] = {".ko", ".ko.gz", ".ko.xz", ".ko.zst"};

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

found_modules modules_below(const std::string& directory) {
  namespace fs = std::filesystem;
  found_modules found;
  std::vector<std::string> directories{directory};
  while (!directories.empty()) {
    const std::string here = std::move(directories.back());
    directories.pop_back();
    std::error_code failed;
    fs::directory_iterator at{here, failed};
    for (; !failed && at != fs::directory_iterator{}; at.increment(failed)) {
      std::error_code none;
      const auto& path = at->path().native();
      if (fs::is_directory(at->symlink_status(none))) directories.push_back(path);
      else if (is_module(path) && !at->is_directory(none)) found.paths.push_back(path);
    }
    if (failed) found.directories.push_back({here, failed.value()});
  }
  std::ranges::sort(found.paths);
  std::ranges::sort(found.directories, {}, &found_modules::unreadable::path);
  return found;
}

std::uint32_t module_tree::number_of(std::string_view name) {
  const auto [at, is_new] =
      numbers_.try_emplace(std::string{name}, static_cast<std::uint32_t>(symbols_.size()));
  if (is_new) symbols_.push_back(&at->first);
  return at->second;
}

void module_tree::look_at(module_in_tree& m, const contents& file, std::mutex& names) {
  const sections_of sections{file.bytes()};
  m.name = module_name(sections);
  if (m.name.empty()) m.name = name_by_path(m.path);
  const std::lock_guard lock{names};
  // With the names there are those of namespaces, which no symbol has.
  sections_of::for_each_string(sections.find("__ksymtab_strings"),
                               [&](std::string_view s) { m.exports.push_back(number_of(s)); });
  sections.for_each_undefined([&](std::string_view s) { m.undefined.push_back(number_of(s)); });
  for (auto* const all : {&m.exports, &m.undefined}) all->shrink_to_fit();
}

void module_tree::add(const std::vector<std::string>& paths,
                      const std::unordered_set<std::string>& not_these) {
  std::vector<module_in_tree> found(paths.size());
  std::mutex names;
  in_parallel(paths.size(), [&](std::size_t i) {
    found[i].path = paths[i];
    look_at(found[i], contents{paths[i].c_str(), max_size_}, names);
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
std::vector<std::size_t> module_tree::exporters_of(const std::vector<std::uint32_t>& undefined,
                                                   const relo::host::symvers& kernel,
                                                   const std::vector<bool>& present,
                                                   Missing&& missing) {
  std::vector<std::size_t> out;
  ++asking_;
  for (const auto name : undefined) {
    const auto* const e = kernel.entry(relo::elf::name{symbols_[name]->c_str()});
    if (e != nullptr && present[static_cast<std::size_t>(e - kernel.entries().data())]) continue;
    if (const std::size_t by = name < exporter_.size() ? exporter_[name] : none; by != none) {
      if (std::exchange(asked_[by], asking_) != asking_) out.push_back(by);
    } else if (e != nullptr) {
      missing(*e);
    }
  }
  return out;
}

void module_tree::resolve(const relo::host::symvers& kernel, const std::vector<bool>& present) {
  const std::size_t count = modules_.size();
  exporter_.assign(symbols_.size(), none);
  std::vector<bool> shared(symbols_.size());
  std::unordered_map<std::string_view, std::size_t> namesakes;
  for (std::size_t i = 0; i < count; ++i) {
    ++namesakes[modules_[i].name];
    for (const auto name : modules_[i].exports) {
      if (exporter_[name] == none) exporter_[name] = i;
      else if (exporter_[name] != i) shared[name] = true;
    }
  }
  needed_.assign(count, false);
  ambiguous_.assign(count, false);
  asked_.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    module_in_tree& m = modules_[i];
    const auto is_shared = [&](std::uint32_t name) { return shared[name]; };
    ambiguous_[i] = namesakes[m.name] > 1 || std::ranges::any_of(m.exports, is_shared) ||
                    std::ranges::any_of(m.undefined, is_shared);
    m.missing.clear();
    std::unordered_set<std::string_view> told;
    m.needs = exporters_of(m.undefined, kernel, present, [&](const auto& e) {
      if (told.insert(e.owner).second) m.missing.emplace_back(e.owner);
    });
    std::erase(m.needs, i);
    for (const std::size_t need : m.needs) needed_[need] = true;
  }
  find_circles();
}

std::vector<std::size_t> module_tree::needs_of(bytes_view file, const relo::host::symvers& kernel,
                                               const std::vector<bool>& present) {
  std::vector<std::uint32_t> undefined;
  sections_of{file}.for_each_undefined(
      [&](std::string_view s) { undefined.push_back(number_of(s)); });
  return exporters_of(undefined, kernel, present, [](const auto&) {});
}

/// Strongly connected components (Tarjan, 1972), without recursion.
void module_tree::find_circles() {
  const std::size_t count = modules_.size();
  circle_.assign(count, none);
  circle_size_.clear();
  std::vector<std::size_t> number(count, none), lowest(count), open;
  struct step {
    std::size_t module, need;
  };
  std::vector<step> way;
  std::size_t next = 0;
  for (std::size_t start = 0; start < count; ++start) {
    if (number[start] != none) continue;
    way.push_back({start, 0});
    while (!way.empty()) {
      const std::size_t m = way.back().module;
      if (way.back().need == 0) {
        number[m] = lowest[m] = next++;
        open.push_back(m);
      }
      const auto& needs = modules_[m].needs;
      if (way.back().need < needs.size()) {
        const std::size_t n = needs[way.back().need++];
        if (number[n] == none) way.push_back({n, 0});
        else if (circle_[n] == none) lowest[m] = std::min(lowest[m], number[n]);
        continue;
      }
      way.pop_back();
      if (!way.empty()) {
        std::size_t& above = lowest[way.back().module];
        above = std::min(above, lowest[m]);
      }
      if (lowest[m] != number[m]) continue;
      circle_size_.push_back(0);
      for (std::size_t one = none; one != m; open.pop_back()) {
        one = open.back();
        circle_[one] = circle_size_.size() - 1;
        ++circle_size_.back();
      }
    }
  }
}

std::string module_tree::cycle_through(std::size_t start) const {
  const std::size_t circle = circle_[start];
  if (circle_size_[circle] == 1) return "";
  // By width: the shortest one, if it is not far to seek.
  constexpr std::size_t far = 100;
  std::unordered_map<std::size_t, std::size_t> from;
  std::vector<std::size_t> queue{start};
  const std::string& name = modules_[start].name;
  for (std::size_t at = 0, steps = 0; at < queue.size(); ++at)
    for (const std::size_t next : modules_[queue[at]].needs) {
      if (circle_[next] != circle) continue;
      if (next == start) {
        std::vector<std::size_t> way;
        for (std::size_t back = queue[at]; back != start; back = from[back]) way.push_back(back);
        std::string path = name;
        for (; !way.empty(); way.pop_back()) path += " -> " + modules_[way.back()].name;
        return path + " -> " + name;
      }
      if (++steps > far)
        return name + " -> " + modules_[queue[1]].name + " -> ... -> " + name + ", one of " +
               std::to_string(circle_size_[circle]) + " modules that need one another";
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
