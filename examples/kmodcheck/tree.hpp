// Modules that need one another: who exports what, and who asks for it.
#pragma once

#include "module_file.hpp"

#include <relo/host/symvers.hpp>

#include <functional>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kmodcheck {

/// A path of a module: its name and perhaps how it is compressed.
bool is_module(std::string_view path);
/// "dir/my-module.ko.xz" is my_module.
std::string name_by_path(std::string_view path);

/// What is below a directory and called like a module, sorted by path. Links to directories are not
/// followed; what cannot be read is listed apart.
struct found_modules {
  struct unreadable {
    std::string path;
    int error;  ///< errno
  };
  std::vector<std::string> paths;
  std::vector<unreadable> directories;
};
found_modules modules_below(const std::string& directory);

struct module_in_tree {
  std::string path;
  std::string name;                               ///< of struct module; if it has none, by the path
  std::vector<std::uint32_t> exports, undefined;  ///< numbers of names
  std::vector<std::size_t> needs;                 ///< modules of the tree, each once
  std::vector<std::string> missing;  ///< modules that are not there but export what it asks for
};

/// What is kept of modules is who they are and what they ask one another for; not their files.
class module_tree {
 public:
  explicit module_tree(std::size_t max_size) : max_size_(max_size) {}

  /// Reads the files, but for modules of the names that are `not_these`.
  void add(const std::vector<std::string>& paths, const std::unordered_set<std::string>& not_these);
  /// The names of modules in it.
  const std::unordered_set<std::string>& names() const noexcept { return names_; }
  /// Finds out who needs whom; what `kernel` has, is asked for first, if its entry counts.
  void resolve(const relo::host::symvers& kernel, const std::vector<bool>& present);
  /// What a file needs that is none of the tree; once that is resolved.
  std::vector<std::size_t> needs_of(bytes_view file, const relo::host::symvers& kernel,
                                    const std::vector<bool>& present);

  std::size_t size() const noexcept { return modules_.size(); }
  const module_in_tree& operator[](std::size_t i) const noexcept { return modules_[i]; }
  bool is_needed(std::size_t i) const noexcept { return needed_[i]; }
  /// Whether another module has its name, or exports what it exports or asks for: then it matters
  /// to it which modules are there beside those that it needs itself.
  bool is_ambiguous(std::size_t i) const noexcept { return ambiguous_[i]; }
  /// "a -> b -> a", or "" if module i does not need itself. A circle of very many is cut short.
  std::string cycle_through(std::size_t i) const;

 private:
  /// The number of a name.
  std::uint32_t number_of(std::string_view name);
  void look_at(module_in_tree& m, const contents& file, std::mutex& names);
  template <class Missing>
  std::vector<std::size_t> exporters_of(const std::vector<std::uint32_t>& undefined,
                                        const relo::host::symvers& kernel,
                                        const std::vector<bool>& present, Missing&& missing);
  void find_circles();

  std::size_t max_size_;
  std::vector<module_in_tree> modules_;
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> symbols_;  ///< by number
  std::vector<bool> needed_, ambiguous_;
  std::vector<std::size_t> exporter_;     ///< of a name: the first module that has it, or none
  std::vector<std::size_t> circle_;       ///< modules that need one another bear one number
  std::vector<std::size_t> circle_size_;  ///< by that number
  std::vector<std::size_t> asked_;        ///< by module, when it was last found in exporters_of()
  std::size_t asking_ = 0;

  static constexpr std::size_t none = SIZE_MAX;
};

/// Calls f(i) for every i below n, in several threads; in this one if there is little to do.
void in_parallel(std::size_t n, const std::function<void(std::size_t)>& f);

}  // namespace kmodcheck
