// What was recorded of real kernels: files in record/, after those of $RELO_TRUTH if it names a
// directory.
#pragma once

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace record {

namespace fs = std::filesystem;

/// Ends the program: there is nothing to compare with.
[[noreturn]] inline void skip(const std::string& why) {
  std::printf("skipped: %s\n", why.c_str());
  std::exit(77);
}

/// Where a file of the record is; an empty path if it is nowhere.
inline fs::path found(const std::string& file) {
  const char* const given = std::getenv("RELO_TRUTH");
  for (const fs::path& room :
       {fs::path{given != nullptr ? given : ""}, fs::path{RELO_TEST_DIR} / "linux/record"})
    if (!room.empty() && fs::exists(room / file)) return room / file;
  return {};
}

inline fs::path truth(const std::string& file) {
  const fs::path path = found(file);
  if (path.empty()) skip("no record of a kernel: " + file + " (RELO_TRUTH)");
  return path;
}

/// The modules of a record's attempts, for as long as this lives: those that came with the record,
/// or else made anew, by record/faults.py.
class faults {
 public:
  explicit faults(const std::string& version) {
    std::string name = (fs::temp_directory_path() / "relo-record-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    room_ = name;
    const fs::path archive = found("faults-" + version + ".tar.xz");
    const std::string make = RELO_TEST_DIR "/linux/record/faults.py";
    std::fflush(stdout);
    const int status =
        std::system((archive.empty() ? "python3 '" + make + "' " + version + " '" + name + "'"
                                     : "tar -xJf '" + archive.string() + "' -C '" + name + "'")
                        .c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) std::exit(77);
    REQUIRE(status == 0);
    for (const auto& entry : fs::recursive_directory_iterator(room_))
      if (entry.is_regular_file()) files_[entry.path().filename().string()] = entry.path();
  }
  faults(const faults&) = delete;
  faults& operator=(const faults&) = delete;
  ~faults() { fs::remove_all(room_); }

  /// Whether it is there: what Debian's module is needed for is not, where that is missing.
  bool has(const std::string& name) const { return files_.count(name) == 1; }

  const fs::path& operator[](const std::string& name) const {
    REQUIRE(has(name));
    return files_.at(name);
  }

 private:
  fs::path room_;
  std::map<std::string, fs::path> files_;
};

/// Those of "6.1" or "6.12", made once for the whole program.
inline const faults& faults_of(std::string_view version) {
  static std::map<std::string, faults> all;
  const std::string name{version};
  return all.try_emplace(name, name).first->second;
}

}  // namespace record
