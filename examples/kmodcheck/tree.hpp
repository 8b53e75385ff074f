// Modules that need one another: who exports what, and who asks for it.
#pragma once

#include "module_file.hpp"

#include <relo/host/symvers.hpp>

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kmodcheck {

/// A path of a module: its name and perhaps how it is compressed.
bool is_module(std::string_view path);
/// "dir/my-module.ko.xz" is my_module.
std::string name_by_path(std::string_view path);
/// All modules below a directory, sorted by path; `error` is set if it cannot be read.
std::vector<std::string> modules_below(const std::string& directory, std::string& error);

struct module_in_tree {
  std::string path;
  std::unique_ptr<contents> file;
  std::string name;  ///< of struct module; if it has none, by the path
  std::vector<std::string_view> exports, undefined;
  std::vector<std::size_t> needs;    ///< modules of the tree, each once
  std::vector<std::string> missing;  ///< modules that are not there but export what it asks for
};

class module_tree {
 public:
  /// Reads the files, but for modules of the names that are `not_these`.
  void add(const std::vector<std::string>& paths, const std::unordered_set<std::string>& not_these);
  /// The names of modules in it.
  const std::unordered_set<std::string>& names() const noexcept { return names_; }
  /// Finds out who needs whom; what `kernel` has, is asked for first, if its entry counts.
  void resolve(const relo::host::symvers& kernel, const std::vector<bool>& present);
  /// What a file needs that is none of the tree; once that is resolved.
  std::vector<std::size_t> needs_of(bytes_view file, const relo::host::symvers& kernel,
                                    const std::vector<bool>& present) const;

  std::size_t size() const noexcept { return modules_.size(); }
  const module_in_tree& operator[](std::size_t i) const noexcept { return modules_[i]; }
  bool is_needed(std::size_t i) const noexcept { return needed_[i]; }
  /// "a -> b -> a", or "" if module i does not need itself.
  std::string cycle_through(std::size_t i) const;

 private:
  template <class Missing>
  std::vector<std::size_t> exporters_of(const std::vector<std::string_view>& undefined,
                                        const relo::host::symvers& kernel,
                                        const std::vector<bool>& present, Missing&& missing) const;

  std::vector<module_in_tree> modules_;
  std::unordered_set<std::string> names_;
  std::vector<bool> needed_;
  std::unordered_map<std::string_view, std::size_t> exporters_;
};

/// Calls f(i) for every i below n, in several threads; in this one if there is little to do.
void in_parallel(std::size_t n, const std::function<void(std::size_t)>& f);

}  // namespace kmodcheck
