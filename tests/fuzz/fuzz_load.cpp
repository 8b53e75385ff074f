// A whole load from any bytes, by loaders that differ in all their policies. Nothing is run.
//
// The input: a byte that says which loader, and which source or, for a kernel, whether it is
// forced; a byte that says how long the module's arguments are, the arguments, and the object.
//
// The corpus grew from the objects that tests/robust loads: of all that the fuzzer made of them,
// the few units that together reach most.
#include "loaders.hpp"

#include <algorithm>

namespace fuzz {

/// An object whose memory ends where the object does.
struct exact {
  explicit exact(bytes object) : size(object.size()) {
    std::copy(object.begin(), object.end(), copy.get());
  }
  std::size_t size;
  std::unique_ptr<unsigned char[]> copy = std::make_unique<unsigned char[]>(size);
  relo::elf::contiguous<unsigned char> source() const {
    return relo::elf::contiguous{bytes{copy.get(), size}};
  }
};

/// The object as it is, in memory or streamed; for a kernel, forced or not.
struct unchanged {
  template <class... Policies>
  static void load(bytes object, const char* arguments, bool streamed) {
    candidate<Policies...> loader;
    if (!streamed) return loader.load(exact{object}.source(), arguments);
    robust::checked_reader reader{object};
    loader.load(relo::elf::streamed{reader}, arguments);
    require(reader.in_bounds);
  }
  template <generation G, class Layout, auto& Stages>
  static void into_kernel(bytes object, const char* arguments, bool forced) {
    load_into_kernel<G, Layout, Stages>(exact{object}.source(), arguments, forced);
  }
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fuzz;
  if (size < 2 || data[1] > size - 2) return 0;
  const std::size_t length = data[1];
  const bool streamed = data[0] % 2 != 0;
  const std::string arguments(data + 2, data + 2 + length);
  loads<unchanged>[data[0] / 2 % std::size(loads<unchanged>)](
      {data + 2 + length, size - 2 - length}, arguments.c_str(), streamed);
  return 0;
}
