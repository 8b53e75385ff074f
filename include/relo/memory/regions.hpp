// Several memories as one: by what is stored, and by where there is room.
#pragma once

#include <relo/memory/memory.hpp>

namespace relo {

/// A memory that knows its own: owns(address) says whether an address is in it, allocated or not.
template <class M>
concept bounded_memory = memory<M> && requires(M m, typename M::addr a) {
  { m.owns(a) } -> std::same_as<bool>;
};

/// Memories in the order in which they are asked: who has room first, gives it. So a fast, small
/// memory that is full is followed by a slow, large one:
///
///     relo::memory_chain code{itcm, sram};
///
/// A memory given as an lvalue is referred to, and outlives the chain; a temporary is kept.
template <class... Memories>
class memory_chain;

template <class... Memories>
memory_chain(Memories&&...) -> memory_chain<Memories...>;

template <class Memory>
class memory_chain<Memory> {
 protected:
  using memory_type = std::remove_cvref_t<Memory>;
  static_assert(bounded_memory<memory_type>,
                "relo: a memory among several must model relo::bounded_memory");
  Memory first_;

 public:
  using role = role::memory;
  using addr = typename memory_type::addr;
  static constexpr addr granularity = memory_type::granularity;

  explicit constexpr memory_chain(Memory&& m) : first_(static_cast<Memory&&>(m)) {}

  constexpr block<addr> allocate(mem_type type, addr size, addr align) noexcept {
    return first_.allocate(type, size, align);
  }
  constexpr void release(const block<addr>& b) noexcept { first_.release(b); }
  constexpr bool protect(const block<addr>& b, permission p) noexcept {
    return first_.protect(b, p);
  }
  constexpr bool owns(addr a) noexcept { return first_.owns(a); }
};

template <class First, class... Rest>
class memory_chain<First, Rest...> : memory_chain<First> {
 protected:
  using memory_chain<First>::first_;
  memory_chain<Rest...> rest_;
  static_assert(
      std::is_same_v<typename memory_chain<First>::addr, typename memory_chain<Rest...>::addr>,
      "relo: memories among several have different address types");

 public:
  using role = role::memory;
  using addr = typename memory_chain<First>::addr;
  static constexpr addr granularity =
      memory_chain<First>::granularity > memory_chain<Rest...>::granularity
          ? memory_chain<First>::granularity
          : memory_chain<Rest...>::granularity;

  explicit constexpr memory_chain(First&& first, Rest&&... rest)
      : memory_chain<First>(static_cast<First&&>(first)), rest_(static_cast<Rest&&>(rest)...) {}

  constexpr block<addr> allocate(mem_type type, addr size, addr align) noexcept {
    const block<addr> b = first_.allocate(type, size, align);
    return b ? b : rest_.allocate(type, size, align);
  }
  constexpr void release(const block<addr>& b) noexcept {
    if (first_.owns(b.address)) first_.release(b);
    else rest_.release(b);
  }
  constexpr bool protect(const block<addr>& b, permission p) noexcept {
    return first_.owns(b.address) ? first_.protect(b, p) : rest_.protect(b, p);
  }
  constexpr bool owns(addr a) noexcept { return first_.owns(a) || rest_.owns(a); }

  template <class, class, class>
  friend class memory_regions;
};

/// A memory each for what is executed, for what is only read and for what is written: tightly
/// coupled memories, SRAM, external RAM. Two of them may be the same, and each a memory_chain.
/// Goes with a layout that keeps these apart: code_rodata_data or region_per_type.
///
///     relo::memory_regions memory{relo::memory_chain{itcm, sram}, sram, dtcm};
///
/// A memory given as an lvalue is referred to, and outlives the regions; a temporary is kept.
template <class Code, class Rodata, class Data>
class memory_regions : public memory_chain<Code, Rodata, Data> {
  using chain = memory_chain<Code, Rodata, Data>;

 public:
  using typename chain::addr;

  explicit constexpr memory_regions(Code&& code, Rodata&& rodata, Data&& data)
      : chain(static_cast<Code&&>(code), static_cast<Rodata&&>(rodata), static_cast<Data&&>(data)) {
  }

  constexpr block<addr> allocate(mem_type type, addr size, addr align) noexcept {
    const permission p = permission_of(type, false);
    if (p == permission::rx) return this->first_.allocate(type, size, align);
    if (p == permission::r) return this->rest_.first_.allocate(type, size, align);
    return this->rest_.rest_.first_.allocate(type, size, align);
  }
};

template <class Code, class Rodata, class Data>
memory_regions(Code&&, Rodata&&, Data&&) -> memory_regions<Code, Rodata, Data>;

}  // namespace relo
