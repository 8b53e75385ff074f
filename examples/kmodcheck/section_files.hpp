// Sections as files, below a directory that others may have prepared.
#pragma once

#include "simulated_kernel.hpp"

#include <string>
#include <unordered_set>

namespace kmodcheck {

/// Writes modules' sections, a file each. Nothing is written outside of the directory, nor through
/// a link that is in there: a file that is there is replaced. No module writes where another has.
class section_files {
 public:
  /// `each_apart`: each module has a directory in there.
  section_files(std::string directory, bool each_apart)
      : directory_(std::move(directory)), each_apart_(each_apart) {}

  /// The contents of the sections of the module of that name, the `number`th. A section's file is
  /// called as it is; where that is no name of a file, or is taken, section-N by its index. So is a
  /// module's directory: module-N by its number. False, and why, if something failed.
  bool write(const std::string& name, std::size_t number, const memory_layout& l, std::string& why);
  /// Where write() has put the last one.
  const std::string& path() const noexcept { return path_; }
  /// Whether that is called as the module is.
  bool called_so() const noexcept { return called_so_; }

 private:
  std::string directory_, path_;
  bool each_apart_, called_so_ = true;
  std::unordered_set<std::string> taken_;
};

}  // namespace kmodcheck
