// Bytes on the heap, where running out of memory is an answer and not an exception.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <utility>

namespace relo::host {

/// Owns its bytes; moved from, it is empty. As a range it is the bytes.
class buffer {
 public:
  buffer() = default;
  buffer(buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  buffer& operator=(buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~buffer() { std::free(data_); }

  /// Becomes that long: bytes at its end go, or come with values that nobody has set. False: there
  /// is no memory, and nothing has changed.
  [[nodiscard]] bool resize(std::size_t size) noexcept {
    if (size == 0) {
      std::free(std::exchange(data_, nullptr));
    } else {
      void* const p = std::realloc(data_, size);
      if (p == nullptr) return false;
      data_ = static_cast<unsigned char*>(p);
    }
    size_ = size;
    return true;
  }
  [[nodiscard]] bool assign(std::span<const unsigned char> bytes) noexcept {
    if (!resize(bytes.size())) return false;
    std::copy(bytes.begin(), bytes.end(), data_);
    return true;
  }

  unsigned char* data() noexcept { return data_; }
  unsigned char* begin() noexcept { return data_; }
  unsigned char* end() noexcept { return data_ + size_; }
  const unsigned char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const unsigned char* begin() const noexcept { return data_; }
  const unsigned char* end() const noexcept { return data_ + size_; }

  friend bool operator==(const buffer& a, std::span<const unsigned char> b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace relo::host
