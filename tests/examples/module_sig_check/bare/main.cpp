// module_sig_check alone, on a bare machine: exit status 0 if it accepts the signed object and
// refuses each that has a changed bit in one of its bytes.
#include "../../../../examples/firmware/auth/module_sig_check.hpp"

#include <relo/elf/source.hpp>

extern "C" const unsigned char object_begin[], object_end[];

namespace {

constexpr example::public_key ours{
#include "ours.inc"
};

/// What the stage asks of a load.
template <class Source>
struct load_info {
  struct {
    Source in;
    Source& source() { return in; }
  } image;
  relo::errc fail(relo::errc e) const { return e; }
};

/// An object that is not in memory, with a bit changed.
struct medium {
  std::size_t changed;

  std::size_t size() const { return static_cast<std::size_t>(object_end - object_begin); }
  bool read(std::size_t offset, std::span<unsigned char> to) const {
    relo::copy_bytes(to.data(), object_begin + offset, to.size());
    if (changed >= offset && changed - offset < to.size()) to[changed - offset] ^= 1;
    return true;
  }
};

constexpr example::module_sig_check<ours> check;

bool accepts(std::size_t changed) {
  medium m{changed};
  load_info<relo::elf::streamed<medium>> load{{relo::elf::streamed{m}}};
  return check.run(load) == relo::errc::ok;
}

}  // namespace

int main() {
  const std::span object{object_begin, object_end};
  load_info<relo::elf::contiguous<unsigned char>> load{{relo::elf::contiguous{object}}};
  if (check.run(load) != relo::errc::ok) return 1;
  if (load.image.source().size() != object.size() - 80) return 2;
  if (!accepts(object.size())) return 3;
  for (std::size_t i = 0; i < object.size(); i += 37)
    if (accepts(i)) return 4;
  return 0;
}
