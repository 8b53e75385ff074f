// Storage for module memory within the program's own.
#pragma once

#include <relo/base/native.hpp>

namespace relo {

namespace detail {

/// All zeros until it is used, and therefore in .bss.
template <std::size_t Size, std::size_t Align>
class own_bytes {
 public:
  using addr = native_addr;
  static constexpr std::size_t size = Size;
  own_bytes() = default;
  own_bytes(const own_bytes&) = delete;
  own_bytes& operator=(const own_bytes&) = delete;
  std::span<unsigned char> bytes() noexcept { return bytes_; }
  addr address() const noexcept { return address_of(bytes_); }

 private:
  alignas(Align) unsigned char bytes_[Size]{};
};

}  // namespace detail

}  // namespace relo
