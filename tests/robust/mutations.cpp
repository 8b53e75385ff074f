// An object broken in every way that takes one byte or one cut: never more than an error, and both
// kinds of source agree on it.
#include "bench.hpp"
#include "rich.hpp"

#include <relo/arch/x86_64.hpp>

#include <memory>

namespace {

/// The object's first bytes, in memory that ends where they do.
std::unique_ptr<unsigned char[]> copy_of_rich(std::size_t size) {
  auto copy = std::make_unique<unsigned char[]>(size);
  std::memcpy(copy.get(), rich, size);
  return copy;
}

template <class... Policies>
struct rich_bench : robust::bench<relo::arch::x86_64, robust::guarded_memory, Policies...> {
  rich_bench() : rich_bench::bench(16'384) {}

  static constexpr relo::load_options options{.args = "level=3 label=\"a label\" other"};

  robust::outcome load_rich(const unsigned char* object, std::size_t size) {
    return this->load_both({object, size}, options);
  }
};
using one_piece = rich_bench<relo::one_region, relo::symtab_exports>;
using as_a_kernel = rich_bench<relo::core_and_init, relo::ksymtab_exports>;

}  // namespace

TEST_CASE_TEMPLATE("every byte set, cleared, and each of its bits flipped", Bench, one_piece,
                   as_a_kernel) {
  Bench bench;
  const std::size_t size = rich_bytes.size();
  const auto object = copy_of_rich(size);
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
  MESSAGE(10 * size, " objects, ", refused, " refused");
}

TEST_CASE_TEMPLATE("every length", Bench, one_piece, as_a_kernel) {
  Bench bench;
  for (std::size_t size = 0; size < rich_bytes.size(); ++size) {
    INFO("cut to ", size);
    CHECK(bench.load_rich(copy_of_rich(size).get(), size).error != relo::errc::ok);
  }
}

TEST_CASE_TEMPLATE("each read answered wrong in one bit", Bench, one_piece, as_a_kernel) {
  Bench bench;
  const std::span object{reinterpret_cast<const unsigned char*>(rich), rich_bytes.size()};
  bool lied = true;
  for (std::size_t nth = 0; lied; ++nth)
    for (std::size_t bit = 0; bit < 8 * 64; bit += 3) {
      INFO("read ", nth, ", bit ", bit);
      robust::lying_reader reader{{object}, nth, bit};
      bench.load(relo::elf::streamed{reader}, Bench::options);
      lied = reader.reads > nth;
    }
}
