#include "section_files.hpp"

#include "../escaped.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace kmodcheck {

namespace {

/// An open file or directory. openat(2) with one name, and O_NOFOLLOW, leads to nowhere else.
class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int get() const noexcept { return fd_; }
  /// What closing it says: a disk may be full only then.
  bool close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// The name if it is one of a file, and may be seen; else, or if it is taken, the other. Of those,
/// which have a dash there, it is none itself.
std::string file_name(const std::string& name, const char* kind, std::size_t number,
                      std::unordered_set<std::string>& taken) {
  constexpr std::size_t longest = 200;
  const std::string stem = std::string{kind} + "-";
  const bool usable = !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
                      name.size() < longest && !name.starts_with(stem) &&
                      example::escaped(name) == name;
  if (usable && taken.insert(name).second) return name;
  return stem + std::to_string(number);
}

bool write_all(const descriptor& to, bytes_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t n = ::write(to.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

bool section_files::write(const std::string& name, std::size_t number, const memory_layout& l,
                          std::string& why) {
  const auto failed = [&](const std::string& path) {
    why = path + ": " + std::strerror(errno);
    return false;
  };
  std::error_code error;
  path_ = directory_;
  std::filesystem::create_directories(path_, error);
  if (error) errno = error.value();
  descriptor directory{error ? -1 : ::open(path_.c_str(), directory_flags)};
  if (!directory) return failed(path_);

  if (each_apart_) {
    const std::string in = file_name(name, "module", number, taken_);
    called_so_ = in == name;
    path_ += "/" + in;
    if (::mkdirat(directory.get(), in.c_str(), 0777) != 0 && errno != EEXIST) return failed(path_);
    descriptor inner{::openat(directory.get(), in.c_str(), directory_flags | O_NOFOLLOW)};
    if (!inner) return failed(path_);
    directory = std::move(inner);
  }

  std::unordered_set<std::string> taken;
  for (const auto& s : l.sections) {
    if (!s.has_contents) continue;
    const std::string file = file_name(s.name, "section", s.index, taken);
    if (::unlinkat(directory.get(), file.c_str(), 0) != 0 && errno != ENOENT)
      return failed(path_ + "/" + file);
    descriptor out{::openat(directory.get(), file.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)};
    if (!out || !write_all(out, s.contents) || !out.close()) return failed(path_ + "/" + file);
  }
  return true;
}

}  // namespace kmodcheck
