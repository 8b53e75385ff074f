// A whole load from a file that reads differently from one moment to the next.
//
// The input: a byte that says which loader; a byte that says how many lies; each lie: where in the
// file (two bytes), of how many bytes (one), from which look at them on and for how many looks
// (one each), and what they read as (eight); then the object.
//
// The corpus: objects of fuzz_load, and lies about fields of their headers.
#include "../robust/lying.hpp"
#include "loaders.hpp"

namespace fuzz {

/// A medium that tells several lies.
struct liar : robust::checked_reader {
  std::vector<robust::lie> lies{};
  std::vector<std::size_t> looks = std::vector<std::size_t>(lies.size());

  bool read(std::size_t offset, std::span<unsigned char> to) {
    if (!checked_reader::read(offset, to)) return false;
    for (std::size_t i = 0; i < lies.size(); ++i) {
      const robust::lie& is = lies[i];
      if (offset >= is.offset + is.size || is.offset >= offset + to.size()) continue;
      if (looks[i] >= is.first && looks[i] < is.last) is.tell(offset, to);
      ++looks[i];
    }
    return true;
  }
};

/// The object among lies. A kernel's copy of the file is memory, which somebody changes once.
struct among_lies {
  template <class... Policies>
  static void load(bytes object, const std::vector<robust::lie>& lies) {
    candidate<Policies...> loader;
    liar reader{{object}, lies};
    loader.load(relo::elf::streamed{reader}, "n=1");
    require(reader.in_bounds);
  }
  template <generation G, class Layout, auto& Stages>
  static void into_kernel(bytes object, const std::vector<robust::lie>& lies) {
    robust::lie one = lies.empty() ? robust::lie{} : lies.front();
    if (one.offset > object.size() || one.size > object.size() - one.offset) one.size = 0;
    load_into_kernel<G, Layout, Stages>(robust::unsteady_memory{object, one}, "n=1", false);
  }
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t length = 13, most = 16;
  if (size < 2) return 0;
  const std::size_t which = data[0] % std::size(fuzz::loads<fuzz::among_lies>),
                    count = data[1] % (most + 1);
  data += 2, size -= 2;
  if (size < count * length) return 0;
  std::vector<robust::lie> lies;
  for (std::size_t i = 0; i < count; ++i, data += length, size -= length) {
    const auto word = [&](std::size_t at, std::size_t bytes) {
      std::uint64_t v = 0;
      while (bytes-- > 0) v = v << 8 | data[at + bytes];
      return v;
    };
    const std::size_t first = data[3];
    lies.push_back({static_cast<std::size_t>(word(0, 2)), data[2] % std::size_t{9}, word(5, 8),
                    first, first + data[4]});
  }
  fuzz::loads<fuzz::among_lies>[which]({data, size}, lies);
  return 0;
}
