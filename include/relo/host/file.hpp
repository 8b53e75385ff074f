// A file in memory, mapped read-only.
#pragma once

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <span>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace relo::host {

/// A regular file's contents, for as long as the object lives. Opens nothing it cannot map
/// whole; error() is the errno of what failed, 0 for success. An empty file is a success.
class file {
 public:
  explicit file(const char* path) noexcept {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      error_ = errno;
      return;
    }
    struct stat st{};
    if (::fstat(fd, &st) != 0) error_ = errno;
    else if (!S_ISREG(st.st_mode)) error_ = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    else if (st.st_size != 0) map(fd, static_cast<std::size_t>(st.st_size));
    ::close(fd);
  }
  file(file&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        error_(other.error_) {}
  file& operator=(file&&) = delete;
  ~file() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }

  int error() const noexcept { return error_; }
  std::span<const unsigned char> bytes() const noexcept {
    return {static_cast<const unsigned char*>(data_), size_};
  }

 private:
  void map(int fd, std::size_t size) noexcept {
    // A private copy-on-write mapping of now: a file that shrinks later still faults, so tools
    // that load files which others may truncate should copy the bytes first.
    void* const p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) {
      error_ = errno;
      return;
    }
    data_ = p;
    size_ = size;
  }

  void* data_ = nullptr;
  std::size_t size_ = 0;
  int error_ = 0;
};

}  // namespace relo::host
