// An object broken in every way that takes one byte or one cut: never more than an error, and both
// kinds of source agree on it.
#include "bench.hpp"
#include "lying.hpp"
#include "rich.hpp"
#include "rich_static.hpp"

#include <relo/arch/x86_64.hpp>
#include <relo/small_machine.hpp>

#include <memory>

namespace {

using object = std::span<const unsigned char>;

object in_memory(std::span<const char> embedded) {
  return {reinterpret_cast<const unsigned char*>(embedded.data()), embedded.size()};
}

/// The object's first bytes, in memory that ends where they do.
std::unique_ptr<unsigned char[]> copy_of(object o, std::size_t size) {
  auto copy = std::make_unique<unsigned char[]>(size);
  std::memcpy(copy.get(), o.data(), size);
  return copy;
}

template <class Machine, class... Policies>
struct rich_bench : robust::bench<Machine, robust::guarded_memory, Policies...> {
  rich_bench() : rich_bench::bench(16'384) {}

  static constexpr relo::load_options options{.name = "rich",
                                              .args = "level=3 label=\"a label\" other"};

  robust::outcome load_rich(const unsigned char* o, std::size_t size) {
    return this->load_both({o, size}, options);
  }
};
struct one_piece : rich_bench<relo::arch::x86_64, relo::one_region, relo::symtab_exports> {
  static object whole() { return in_memory(rich_bytes); }
};
struct as_a_kernel : rich_bench<relo::arch::x86_64, relo::core_and_init, relo::ksymtab_exports> {
  static object whole() { return in_memory(rich_bytes); }
};
/// A small machine's loader, on a machine that is none.
struct small : rich_bench<relo::arch::x86_64_kernel, relo::region_per_type,
                          relo::scratch<std::uint64_t, 256>, relo::small_machine<1, 16>,
                          relo::small_modules<1, 16>, relo::ksymtab_exports> {
  static object whole() { return in_memory(rich_static_bytes); }
};
#define BENCHES one_piece, as_a_kernel, small

}  // namespace

TEST_CASE_TEMPLATE("every byte set, cleared, and each of its bits flipped", Bench, BENCHES) {
  Bench bench;
  const std::size_t size = Bench::whole().size();
  const auto object = copy_of(Bench::whole(), size);
  const robust::outcome whole = bench.load_rich(object.get(), size);
  REQUIRE_MESSAGE(whole.error == relo::errc::ok, whole.text);

  std::size_t refused = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned char was = object[i];
    const auto with = [&](int value) {
      object[i] = static_cast<unsigned char>(value);
      INFO("byte ", i, " is ", value, ", was ", was);
      if (bench.load_rich(object.get(), size).error != relo::errc::ok) ++refused;
    };
    with(0x00);
    with(0xff);
    for (int bit = 0; bit < 8; ++bit) with(was ^ 1 << bit);
    object[i] = was;
  }
  // What was broken left nothing behind.
  CHECK(bench.load_rich(object.get(), size) == whole);
  MESSAGE((10 * size), " objects, ", refused, " refused");
}

TEST_CASE_TEMPLATE("every length", Bench, BENCHES) {
  Bench bench;
  for (std::size_t size = 0; size < Bench::whole().size(); ++size) {
    INFO("cut to ", size);
    CHECK(bench.load_rich(copy_of(Bench::whole(), size).get(), size).error != relo::errc::ok);
  }
}

TEST_CASE_TEMPLATE("each read answered wrong in one bit", Bench, BENCHES) {
  Bench bench;
  bool lied = true;
  for (std::size_t nth = 0; lied; ++nth)
    for (std::size_t bit = 0; bit < 8 * 64; bit += 3) {
      INFO("read ", nth, ", bit ", bit);
      robust::lying_reader reader{{Bench::whole()}, nth, bit};
      bench.load(relo::elf::streamed{reader}, Bench::options);
      lied = reader.reads > nth;
    }
}

TEST_CASE_TEMPLATE("each field answered otherwise from one read on, and in one alone", Bench,
                   BENCHES) {
  Bench bench;
  robust::unsteady_reader honest{{Bench::whole()}};
  REQUIRE(bench.load(relo::elf::streamed{honest}, Bench::options).error == relo::errc::ok);
  std::size_t loads = 0, refused = 0;
  robust::for_each_lie(Bench::whole(), 30, [&](robust::lie what) {
    bool told = true;
    for (what.first = 1; told; ++what.first)
      for (const std::size_t last : {what.first + 1, ~std::size_t{0}}) {
        what.last = last;
        INFO("byte ", what.offset, " reads as ", what.value, " at look ", what.first, " to ", last);
        robust::unsteady_reader reader{{Bench::whole()}, what};
        ++loads;
        if (bench.load(relo::elf::streamed{reader}, Bench::options).error != relo::errc::ok)
          ++refused;
        // What is there is read a few times, not without end; and nothing of what is not.
        REQUIRE(reader.reads < 4 * honest.reads + 2 * Bench::whole().size());
        REQUIRE(reader.in_bounds);
        told = reader.looks > what.first;
      }
  });
  MESSAGE(loads, " loads, ", refused, " refused");
}
