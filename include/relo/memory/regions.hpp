// Several memories as one: by what is stored, and by where there is room.
#pragma once

#include <relo/memory/memory.hpp>

namespace relo {

/// A memory that knows its own: owns(address) says whether an address is in it, allocated or not.
template <class M>
concept bounded_memory = memory<M> && requires(M m, typename M::addr a) {
  { m.owns(a) } -> std::same_as<bool>;
};

namespace detail {

template <class M>
concept tells_available = requires(M m) { m.available(mem_type::text, 1); };

/// A list of memories, which ends in the empty one.
template <class...>
struct memories {
  constexpr bool owns(auto) const noexcept { return false; }
};
template <class First, class... Rest>
struct memories<First, Rest...> {
  First first;
  [[no_unique_address]] memories<Rest...> rest;

  explicit constexpr memories(First&& f, Rest&&... r)
      : first(static_cast<First&&>(f)), rest(static_cast<Rest&&>(r)...) {}

  template <class Addr>
  constexpr block<Addr> allocate(mem_type type, Addr size, Addr align) {
    const block<Addr> b = first.allocate(type, size, align);
    if constexpr (sizeof...(Rest) == 0) return b;
    else return b ? b : rest.allocate(type, size, align);
  }
  constexpr bool owns(auto address) noexcept { return first.owns(address) || rest.owns(address); }
  template <class Addr>
  constexpr Addr available(mem_type type, Addr align) {
    const Addr n = first.available(type, align);
    if constexpr (sizeof...(Rest) == 0) return n;
    else {
      const Addr other = rest.available(type, align);
      return n > other ? n : other;
    }
  }
  /// f(m) for the memory that owns the address. The last is not asked.
  template <class Addr, class F>
  constexpr auto at(Addr address, F f) {
    if constexpr (sizeof...(Rest) == 0) return f(first);
    else return first.owns(address) ? f(first) : rest.at(address, f);
  }
};

/// What is alike whichever memory allocates.
template <class First, class... Rest>
class several_memories {
 public:
  using role = role::memory;
  using addr = typename std::remove_cvref_t<First>::addr;
  static_assert((bounded_memory<std::remove_cvref_t<First>> && ... &&
                 bounded_memory<std::remove_cvref_t<Rest>>),
                "relo: a memory among several does not model relo::bounded_memory");
  static_assert((std::is_same_v<addr, typename std::remove_cvref_t<Rest>::addr> && ...),
                "relo: memories among several have different address types");
  static constexpr addr granularity = [] {
    addr most = std::remove_cvref_t<First>::granularity;
    for (const addr g : {most, addr{std::remove_cvref_t<Rest>::granularity}...})
      if (g > most) most = g;
    return most;
  }();

  explicit constexpr several_memories(First&& first, Rest&&... rest)
      : memories_(static_cast<First&&>(first), static_cast<Rest&&>(rest)...) {}

  constexpr void release(const block<addr>& b) noexcept {
    memories_.at(b.address, [&](auto& m) { m.release(b); });
  }
  constexpr bool protect(const block<addr>& b, permission p) {
    return memories_.at(b.address, [&](auto& m) { return m.protect(b, p); });
  }
  constexpr bool owns(addr a) noexcept { return memories_.owns(a); }

 protected:
  memories<First, Rest...> memories_;
};

}  // namespace detail

/// Memories in the order in which they are asked: who has room first, gives it. So a fast, small
/// memory that is full is followed by a slow, large one:
///
///     relo::memory_chain code{itcm, sram};
///
/// A memory given as an lvalue is referred to, and outlives the chain; a temporary is kept.
template <class... Memories>
class memory_chain : public detail::several_memories<Memories...> {
 public:
  using typename detail::several_memories<Memories...>::addr;
  using detail::several_memories<Memories...>::several_memories;

  constexpr block<addr> allocate(mem_type type, addr size, addr align) {
    return this->memories_.allocate(type, size, align);
  }
  /// See memory.
  constexpr addr available(mem_type type, addr align)
    requires(detail::tells_available<Memories> && ...)
  {
    return this->memories_.available(type, align);
  }
};

template <class... Memories>
memory_chain(Memories&&...) -> memory_chain<Memories...>;

/// A memory each for what is executed, for what is only read and for what is written: tightly
/// coupled memories, SRAM, external RAM. Two of them may be the same, and each a memory_chain.
/// Goes with a layout that keeps these apart: code_rodata_data or region_per_type.
///
///     relo::memory_regions memory{relo::memory_chain{itcm, sram}, sram, dtcm};
///
/// A memory given as an lvalue is referred to, and outlives the regions; a temporary is kept.
template <class Code, class Rodata, class Data>
class memory_regions : public detail::several_memories<Code, Rodata, Data> {
 public:
  using typename detail::several_memories<Code, Rodata, Data>::addr;
  using detail::several_memories<Code, Rodata, Data>::several_memories;

  constexpr block<addr> allocate(mem_type type, addr size, addr align) {
    return in(type, [&](auto& m) { return m.allocate(type, size, align); });
  }
  /// See memory.
  constexpr addr available(mem_type type, addr align)
    requires(detail::tells_available<Code> && detail::tells_available<Rodata> &&
             detail::tells_available<Data>)
  {
    return in(type, [&](auto& m) { return m.available(type, align); });
  }

 private:
  /// f(m) for the memory of that type.
  template <class F>
  constexpr auto in(mem_type type, F f) {
    auto& [code, rodata_and_data] = this->memories_;
    const permission p = permission_of(type, false);
    if (p == permission::rx) return f(code);
    if (p == permission::r) return f(rodata_and_data.first);
    return f(rodata_and_data.rest.first);
  }
};

template <class Code, class Rodata, class Data>
memory_regions(Code&&, Rodata&&, Data&&) -> memory_regions<Code, Rodata, Data>;

}  // namespace relo
