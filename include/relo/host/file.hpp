// A file's contents: a copy of its own, or, for who asks, the file itself, mapped.
#pragma once

#include <relo/host/buffer.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace relo::host {

namespace detail {

/// A regular file, open for reading. Anything else is not waited for: neither for a writer of a
/// FIFO, nor for what a terminal or /dev/zero may say.
class regular_file {
 public:
  regular_file(const char* path, std::size_t limit) noexcept {
    do fd_ = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    while (fd_ < 0 && errno == EINTR);
    struct stat st{};
    if (fd_ < 0)
      error_ = errno == ENXIO ? EINVAL : errno;  // a socket, or a device that is not there
    else if (::fstat(fd_, &st) != 0) error_ = errno;
    else if (S_ISDIR(st.st_mode)) error_ = EISDIR;
    else if (!S_ISREG(st.st_mode)) error_ = EINVAL;
    else if (static_cast<std::uintmax_t>(st.st_size) > limit) error_ = EFBIG;
    else size_ = static_cast<std::size_t>(st.st_size);
  }
  regular_file(const regular_file&) = delete;
  regular_file& operator=(const regular_file&) = delete;
  ~regular_file() {
    if (fd_ >= 0) ::close(fd_);
  }

  int error() const noexcept { return error_; }
  int descriptor() const noexcept { return fd_; }
  std::size_t size() const noexcept { return size_; }

 private:
  int fd_ = -1, error_ = 0;
  std::size_t size_ = 0;
};

/// Reads what is left of a file, which must be just `size` bytes. 0, or an errno: EIO if there are
/// fewer or more.
inline int read_whole(int fd, std::size_t size, buffer& out) noexcept {
  if (!out.resize(size)) return ENOMEM;
  for (std::size_t at = 0;;) {
    // Where all is there, one byte more is asked for.
    unsigned char behind = 0;
    const bool whole = at == size;
    const ::ssize_t n = ::read(fd, whole ? &behind : out.data() + at, whole ? 1 : size - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (whole || n == 0) return whole && n == 0 ? 0 : EIO;
    at += static_cast<std::size_t>(n);
  }
}

/// What is to be told of an error of file's and mapped_file's.
inline const char* file_error_message(int error) noexcept {
  switch (error) {
    case EINVAL: return "Not a regular file";
    case EIO: return "Not as long as it says: does somebody write to it?";
    default: return std::strerror(error);
  }
}

}  // namespace detail

/// A copy of a regular file's contents, made before anyone looks at them: whoever writes to the
/// file, or cuts it, later, changes nothing here. So what was verified is what is used.
///
/// error() is an errno, and 0 for success; there are no bytes with an error. As of Linux'
/// kernel_read_file(): EISDIR; EINVAL for what is neither a file nor a directory, which is not
/// waited for; EFBIG for more than `limit` bytes; EIO for a file that does not end where it says
/// it does, because it was written to meanwhile, or is one of those in /proc and /sys that do not
/// know. Or what open(2), fstat(2) and read(2) say, or ENOMEM. An empty file is a success.
class file {
 public:
  static constexpr std::size_t no_limit = SIZE_MAX;

  explicit file(const char* path, std::size_t limit = no_limit) noexcept {
    const detail::regular_file from{path, limit};
    error_ = from.error();
    if (error_ == 0) error_ = detail::read_whole(from.descriptor(), from.size(), bytes_);
    if (error_ != 0) (void)bytes_.resize(0);
  }

  int error() const noexcept { return error_; }
  /// Words for error(), which is not 0.
  const char* message() const noexcept { return detail::file_error_message(error_); }
  std::span<const unsigned char> bytes() const noexcept { return bytes_; }

 private:
  buffer bytes_;
  int error_ = 0;
};

/// The same, mapped and not copied: for files that nobody else writes to. What others write there
/// may be seen at any time, also after it was verified; and where they cut the file, reading it is
/// SIGBUS.
class mapped_file {
 public:
  explicit mapped_file(const char* path, std::size_t limit = file::no_limit) noexcept {
    const detail::regular_file from{path, limit};
    error_ = from.error();
    if (error_ != 0 || from.size() == 0) return;
    void* const p = ::mmap(nullptr, from.size(), PROT_READ, MAP_PRIVATE, from.descriptor(), 0);
    if (p == MAP_FAILED) {
      error_ = errno;
      return;
    }
    data_ = p;
    size_ = from.size();
  }
  mapped_file(mapped_file&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        error_(other.error_) {}
  mapped_file& operator=(mapped_file&&) = delete;
  ~mapped_file() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }

  int error() const noexcept { return error_; }
  const char* message() const noexcept { return detail::file_error_message(error_); }
  std::span<const unsigned char> bytes() const noexcept {
    return {static_cast<const unsigned char*>(data_), size_};
  }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
  int error_ = 0;
};

}  // namespace relo::host
