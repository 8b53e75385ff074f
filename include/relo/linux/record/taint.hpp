// What a kernel is tainted with.
#pragma once

#include <relo/diagnostics.hpp>

namespace relo::kmod {

/// Reasons why a kernel says "Tainted" and no bug report is taken; the bit numbers of
/// /proc/sys/kernel/tainted. Kernel: include/linux/panic.h.
enum class taint : unsigned char {
  proprietary_module = 0,
  forced_module = 1,
  forced_rmmod = 3,
  user = 6,
  crap = 10,  ///< the staging directory
  oot_module = 12,
  unsigned_module = 13,
  livepatch = 15,
  test = 18
};

/// A set of taints, as the kernel keeps it.
class taints {
 public:
  constexpr bool test(taint t) const noexcept {
    return (bits_ >> static_cast<unsigned>(t) & 1) != 0;
  }
  constexpr void add(taint t) noexcept { bits_ |= std::uint32_t{1} << static_cast<unsigned>(t); }
  constexpr std::uint32_t bits() const noexcept { return bits_; }
  constexpr bool operator==(const taints&) const noexcept = default;

 private:
  std::uint32_t bits_ = 0;
};

/// The letters of those taints that a module may have, in the kernel's order. Kernel:
/// module_flags_taint(), taint_flags[].
constexpr text<16> letters(const taints& t) noexcept {
  struct letter {
    taint which;
    char is;
  };
  text<16> out;
  for (const letter l : {letter{taint::proprietary_module, 'P'}, letter{taint::forced_module, 'F'},
                         letter{taint::crap, 'C'}, letter{taint::oot_module, 'O'},
                         letter{taint::unsigned_module, 'E'}, letter{taint::livepatch, 'K'},
                         letter{taint::test, 'N'}})
    if (t.test(l.which)) out << l.is;
  return out;
}

}  // namespace relo::kmod
