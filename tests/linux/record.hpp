// What was recorded of real kernels: files in record/, after those of $RELO_TRUTH if it names a
// directory.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

namespace record {

namespace fs = std::filesystem;

/// Ends the program: there is nothing to compare with.
[[noreturn]] inline void skip(const std::string& why) {
  std::printf("skipped: %s\n", why.c_str());
  std::exit(77);
}

inline fs::path truth(const std::string& file) {
  const char* const given = std::getenv("RELO_TRUTH");
  const fs::path tests{RELO_TEST_DIR};
  for (const fs::path& room : {fs::path{given != nullptr ? given : ""}, tests / "linux/record",
                               tests.parent_path().parent_path() / "shared/truth"})
    if (!room.empty() && fs::exists(room / file)) return room / file;
  skip("no record of a kernel: " + file + " (RELO_TRUTH)");
}

/// The files of an archive, unpacked for as long as this lives.
class unpacked {
 public:
  explicit unpacked(const fs::path& archive) {
    std::string name = (fs::temp_directory_path() / "relo-record-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    room_ = name;
    const std::string command = "tar -xJf '" + archive.string() + "' -C '" + name + "'";
    REQUIRE(std::system(command.c_str()) == 0);
    for (const auto& entry : fs::recursive_directory_iterator(room_))
      if (entry.is_regular_file()) files_[entry.path().filename().string()] = entry.path();
  }
  unpacked(const unpacked&) = delete;
  unpacked& operator=(const unpacked&) = delete;
  ~unpacked() { fs::remove_all(room_); }

  const fs::path& operator[](const std::string& name) const {
    REQUIRE(files_.count(name) == 1);
    return files_.at(name);
  }

 private:
  fs::path room_;
  std::map<std::string, fs::path> files_;
};

}  // namespace record
