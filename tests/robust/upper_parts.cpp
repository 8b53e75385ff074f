// RISC-V's lower parts find their upper parts in few steps, wherever those are.
#include "bench.hpp"
#include "object.hpp"

#include <relo/arch/riscv.hpp>

namespace {

namespace elf = relo::elf;
using relo::errc;
using robust::bytes;

std::size_t steps = 0;

/// Memory that counts the records that are looked at beside the one at hand, or their bytes where
/// those have no size.
struct counting_records : elf::contiguous<unsigned char> {
  using elf::contiguous<unsigned char>::contiguous;
  pointer at(elf::table t, position p, std::size_t) const {
    if (t == elf::table::others) ++steps;
    return p;
  }
};
struct counting_reader : robust::checked_reader {
  bool read(std::size_t offset, std::span<unsigned char> to) {
    steps += to.size();
    return checked_reader::read(offset, to);
  }
};

using rv32_object = robust::object<elf::elf32le>;
enum class order { uppers_first, lowers_first, alternating, shuffled };

/// n times AUIPC and ADDI of `target`, a lower part naming its upper part by a label.
bytes pairs(std::uint32_t n, order o, bool crel) {
  enum : std::uint32_t { pcrel_hi20 = 23, pcrel_lo12_i = 24 };
  rv32_object out{relo::arch::rv32::machine};
  bytes code;
  for (std::uint32_t i = 0; i < 2 * n; ++i) {
    const bool upper = o == order::uppers_first   ? i < n
                       : o == order::lowers_first ? i >= n
                                                  : i % 2 == 0;
    rv32_object::put(code, upper ? 0x517U : 0x50513U);
  }
  const std::uint32_t text = out.add_section({.name = ".text",
                                              .flags = elf::shf::alloc | elf::shf::execinstr,
                                              .contents = code,
                                              .align = 4});
  const std::uint32_t target = out.add_symbol({.name = "target", .section = text});
  std::vector<rv32_object::relocation> records;
  for (std::uint32_t i = 0; i < 2 * n; ++i) {
    const bool upper = (code[4 * i] & 0x7f) == 0x17;
    if (upper) {
      records.push_back({4 * i, target, pcrel_hi20, 8 * i});
    } else {
      const std::uint32_t of = o == order::uppers_first   ? i - n
                               : o == order::lowers_first ? i + n
                                                          : i - 1;
      const std::uint32_t label =
          out.add_symbol({.name = "", .section = text, .value = 4 * of, .bind = elf::stb::local});
      records.push_back({4 * i, label, pcrel_lo12_i, 0});
    }
  }
  if (o == order::shuffled)
    for (std::size_t i = records.size(), seed = 1; i > 1; --i)
      std::swap(records[i - 1], records[(seed = (seed * 1103515245 + 12345) & 0x7fffffff) % i]);
  if (crel) out.relocate_crel(text, records, true);
  else out.relocate(text, records);
  return out.finish();
}

/// Every instruction has its half of the distance to `target` plus its addend.
void check_pairs(const std::vector<unsigned char>& code, std::uint32_t n, order o) {
  const auto word = [&](std::uint32_t i) {
    return relo::read_int<std::uint32_t, std::endian::little>(&code[4 * i]);
  };
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < 2 * n; ++i) {
    if ((word(i) & 0x7f) != 0x17) continue;
    const std::uint32_t lower = o == order::uppers_first   ? i + n
                                : o == order::lowers_first ? i - n
                                                           : i + 1;
    const std::uint32_t value =
        (word(i) & 0xfffff000) +
        static_cast<std::uint32_t>(static_cast<std::int32_t>(word(lower)) >> 20);
    wrong += value == 8 * i - 4 * i ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("a lower part finds its upper part, however far that is, in few steps") {
  constexpr std::uint32_t n = 2000;
  for (const order o :
       {order::uppers_first, order::lowers_first, order::alternating, order::shuffled})
    for (const bool crel : {false, true}) {
      CAPTURE(static_cast<int>(o));
      CAPTURE(crel);
      const bytes file = pairs(n, o, crel);
      robust::bench<relo::arch::rv32, robust::guarded_memory, relo::one_region> bench{1 << 16};

      steps = 0;
      const auto contiguous =
          bench.load(counting_records{std::span<const unsigned char>{file}}, {.name = "pairs"});
      REQUIRE_MESSAGE(contiguous.error == errc::ok, contiguous.text);
      CHECK(steps <= 40 * n);
      check_pairs(contiguous.loaded, n, o);

      counting_reader reader{{file}};
      steps = 0;
      const auto streamed = bench.load(elf::streamed{reader}, {.name = "pairs"});
      CHECK(streamed == contiguous);
      // Four times the whole, and as much as a window for each lower part.
      CHECK(steps <= 4 * file.size() + 64 * n);
    }
}

TEST_CASE("without scratch memory for an index a lower part finds its upper part") {
  constexpr std::uint32_t n = 40;
  for (const order o : {order::uppers_first, order::lowers_first, order::shuffled})
    for (const bool crel : {false, true}) {
      const bytes file = pairs(n, o, crel);
      std::vector<unsigned char> memory(1 << 12);
      relo::buffer<std::uint32_t> buffer{memory, robust::module_space};
      relo::scratch<std::uint32_t, 120> scratch;  // less than 4 words for each upper part more
      relo::loader loader{relo::arch::rv32{}, buffer, scratch, relo::dont_run{},
                          relo::one_region{}};
      const auto m = loader.load(file, {.name = "pairs"});
      REQUIRE_MESSAGE(m, std::string(loader.diagnostics().describe().c_str()));
      check_pairs(memory, n, o);
      CHECK(loader.unload(*m) == errc::ok);
    }
}
