// What a loader asks of memory.
#pragma once

#include <relo/base/bytes.hpp>
#include <relo/base/role.hpp>
#include <relo/layout/mem_type.hpp>

#include <array>

namespace relo {

/// A piece of module memory: where it is written, and where it runs. No bytes: none.
template <class Addr>
struct block {
  using addr = Addr;
  std::span<unsigned char> bytes;
  Addr address;

  // Written out: g++ 12 loses track of value-initialized elements of an array in constant
  // evaluation once one of them was assigned to.
  constexpr block() noexcept : bytes{}, address{0} {}
  constexpr block(std::span<unsigned char> b, Addr a) noexcept : bytes(b), address(a) {}

  constexpr explicit operator bool() const noexcept { return !bytes.empty(); }
};

/// What a load asks of memory, by region of the layout, as it will be asked for.
template <class Addr, std::size_t Regions>
struct requirements {
  struct region {
    Addr size = 0, align = 1;
    mem_type first = mem_type::in_image;  ///< the first memory type in it; in_image: it is not used
    /// Of how many bytes memory could give one block now; the most that an Addr holds if it does
    /// not say. Several regions may come out of the same.
    Addr available = static_cast<Addr>(~Addr{0});
  };
  std::array<region, Regions> regions{};
  std::size_t scratch = 0;  ///< words, for as long as the load takes
  /// How many there are now; the most that fit if the policy does not say, as one that grows.
  std::size_t scratch_available = ~std::size_t{0};
};

/// Where modules are put. What a memory allocates belongs to the loader until it is released.
///  - addr is the target's address type.
///  - granularity is the number of bytes that permissions can be set on, or 1 if there are no
///    permissions.
///  - allocate(type, size, align) gives a block of at least `size` bytes, which is not 0. They are
///    writable and zero, and the block's address is a multiple of `align`. `type` is the first
///    memory type that will be in it. If there is no such block, it gives an empty one.
///  - release(block) takes back a whole block that allocate() gave. It cannot fail.
///  - protect(block, permission) sets the permissions of a part of an allocated block, whose
///    address and size are multiples of granularity. It returns false if it cannot.
/// A memory may have this, and then no more veneers are made than are needed:
///  - grow(block, n) adds n bytes, of any value, to the end of the block that was allocated last.
///    If there is no room it returns false, and the block is as it was.
/// A memory may have this, and then errors and measure() say how much there was:
///  - available(type, align) is the size of the largest block that allocate() would give now.
/// A memory with a heap beneath it may say by the types scratch_by_default and index_by_default
/// which policies a loader has that is given none.
template <class M>
concept memory = requires(M m, mem_type t, typename M::addr n, const block<typename M::addr>& b) {
  { m.allocate(t, n, n) } -> std::same_as<block<typename M::addr>>;
  { m.release(b) } noexcept;
  { m.protect(b, permission::r) } -> std::same_as<bool>;
  { M::granularity } -> std::convertible_to<typename M::addr>;
};

namespace detail {

/// Whether an address is in the storage.
template <class Storage>
constexpr bool has(Storage& storage, typename Storage::addr a) noexcept {
  return static_cast<typename Storage::addr>(a - storage.address()) < storage.bytes().size();
}

}  // namespace detail

}  // namespace relo
