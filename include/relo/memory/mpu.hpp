// Module memory that a memory protection unit knows of: blocks rounded to what it can describe,
// and described to it.
#pragma once

#include <relo/memory/memory.hpp>

#include <array>

namespace relo {

/// What becomes of a block's size and alignment; size 0: no region is that large.
template <class Addr>
struct rounded {
  Addr size = 0, align = 0;
  friend constexpr bool operator==(const rounded&, const rounded&) = default;
};

/// What a memory protection unit can describe. All static and constexpr:
///  - addr, granularity: see relo::memory;
///  - round(size): the least size not below `size` (> 0) that one region covers and nothing else
///    is in, and the alignment it takes;
///  - region: what the unit is told, in words; as it was made, a region that is off;
///  - describe(address, size, permission): the region for a block of round(size) there, for any
///    permission but none.
/// Its examples are pmsav7, pmsav8, pmp_napot and pmp_tor.
template <class R>
concept mpu_rule = requires(typename R::addr n) {
  { R::round(n) } -> std::same_as<rounded<typename R::addr>>;
  { R::describe(n, n, permission::r) } -> std::same_as<typename R::region>;
  { R::granularity } -> std::convertible_to<typename R::addr>;
};

/// A memory protection unit, or a part of one:
///  - regions: how many it has to give; they are numbered from 0;
///  - set(number, region): from here on that is what the region describes. Cannot fail.
/// Its examples are pmsa_mpu and pmp.
template <class U, class Rule>
concept mpu = requires(U u, const typename Rule::region& region) {
  { U::regions } -> std::convertible_to<std::size_t>;
  u.set(0U, region);
};

/// Another memory, whose blocks a memory protection unit describes: text read and executed,
/// constants read only, data read and written. A block has one region from protect() to
/// release(); before and after, its memory is what the unit's other regions and the default map
/// say, which must let the loader write there.
///
/// A block has one permission. So memory types that differ in theirs do not share a layout's
/// region: protect() refuses a part of a block that wants another permission than the block has.
/// It refuses permission::none, which not all units know, and a block for which there is no region
/// left; a load then ends with errc::protection_failed.
///
///     relo::mpu_memory memory{sram, relo::pmsav7{}, relo::pmsa_mpu<4, 4>{}};
///
/// Around a memory_regions, one unit's regions serve all its memories. Within one, a memory that is
/// not wrapped takes none: data, say, whose memory the program has given a region once and for all.
///
/// A memory or unit given as an lvalue is referred to, and outlives this; a temporary is kept.
template <class Memory, class Rule, class Mpu>
class mpu_memory {
  using memory_type = std::remove_cvref_t<Memory>;
  using mpu_type = std::remove_cvref_t<Mpu>;
  static_assert(memory<memory_type>, "relo: the memory behind an MPU does not model relo::memory");
  static_assert(mpu_rule<Rule>, "relo: the rule of an MPU does not model relo::mpu_rule");
  static_assert(mpu<mpu_type, Rule>, "relo: the MPU does not model relo::mpu");

 public:
  using role = role::memory;
  using addr = typename memory_type::addr;
  static_assert(std::is_same_v<addr, typename Rule::addr>,
                "relo: memory and MPU have different address types");
  static constexpr addr granularity = Rule::granularity;

  explicit constexpr mpu_memory(Memory&& memory, Rule, Mpu&& mpu)
      : memory_(static_cast<Memory&&>(memory)), mpu_(static_cast<Mpu&&>(mpu)) {}

  constexpr block<addr> allocate(mem_type type, addr size, addr align) noexcept {
    const rounded<addr> r = round(size);
    if (r.size == 0) return {};
    const block<addr> b = memory_.allocate(type, r.size, align > r.align ? align : r.align);
    if (!b) return {};
    for (slot& s : slots_)
      if (!s.memory) {
        s = {b, size, permission::none};
        return {b.bytes.first(static_cast<std::size_t>(size)), b.address};
      }
    return b;
  }

  constexpr void release(const block<addr>& b) noexcept {
    slot* const s = slot_of(b.address);
    if (s == nullptr) return memory_.release(b);
    mpu_.set(number_of(*s), typename Rule::region{});
    memory_.release(s->memory);
    s->memory = {};
  }

  constexpr bool protect(const block<addr>& b, permission p) noexcept {
    slot* const s = slot_of(b.address);
    if (s == nullptr || p == permission::none) return false;
    const bool whole = b.bytes.size() >= s->size;
    if (!whole && s->now != permission::none && s->now != p) return false;
    mpu_.set(number_of(*s), Rule::describe(s->memory.address, s->size, p));
    s->now = p;
    return true;
  }

  constexpr bool owns(addr a) noexcept
    requires requires(memory_type m) { m.owns(a); }
  {
    return memory_.owns(a);
  }

  /// See memory. What rounding takes is not in it.
  constexpr addr available(mem_type type, addr align) noexcept
    requires requires(memory_type m) { m.available(type, align); }
  {
    return memory_.available(type, align);
  }

  /// What a region of that size, as measure() tells it, takes of the memory behind.
  static constexpr rounded<addr> round(addr size) noexcept { return Rule::round(size); }
  /// Bytes of the allocated blocks that nobody asked for: what rounding costs now.
  constexpr addr rounding() const noexcept {
    addr n = 0;
    for (const slot& s : slots_)
      if (s.memory) n = static_cast<addr>(n + s.memory.bytes.size() - s.size);
    return n;
  }

 private:
  /// A block, by the number of its region.
  struct slot {
    block<addr> memory;  ///< none: the region is free
    addr size = 0;       ///< as it was asked for
    permission now = permission::none;
  };

  constexpr slot* slot_of(addr a) noexcept {
    for (slot& s : slots_)
      if (static_cast<addr>(a - s.memory.address) < s.memory.bytes.size()) return &s;
    return nullptr;
  }
  constexpr unsigned number_of(const slot& s) const noexcept {
    return static_cast<unsigned>(&s - slots_.data());
  }

  Memory memory_;
  [[no_unique_address]] Mpu mpu_;
  std::array<slot, mpu_type::regions> slots_{};
};

template <class Memory, class Rule, class Mpu>
mpu_memory(Memory&&, Rule, Mpu&&) -> mpu_memory<Memory, Rule, Mpu>;

}  // namespace relo
