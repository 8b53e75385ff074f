// A load that the compiler performs: the result equals what GNU ld made of the same object, and
// a broken object is an error value. Undefined behaviour on the way would not compile.
#include <relo/relo.hpp>

#include <doctest/doctest.h>

#include "linked_data.hpp"
#include "linked_rodata.hpp"
#include "linked_text.hpp"
#include "object.hpp"

namespace {

using addr = std::uint64_t;

/// Memory types at the addresses of layout.ld.
class fixed_places {
 public:
  using role = relo::role::memory;
  using addr = ::addr;
  static constexpr addr granularity = 1;

  constexpr relo::block<addr> allocate(relo::mem_type t, addr size, addr) noexcept {
    place& p = t == relo::mem_type::text ? text : t == relo::mem_type::rodata ? rodata : data;
    if (size > p.bytes.size()) return {};
    return {std::span{p.bytes}.first(static_cast<std::size_t>(size)), p.address};
  }
  constexpr void release(const relo::block<addr>&) noexcept {}
  constexpr bool protect(const relo::block<addr>&, relo::permission) noexcept { return true; }

  struct place {
    addr address;
    std::array<unsigned char, 16384> bytes{};
  };
  place text{.address = 0x40000000}, rodata{.address = 0x40020000}, data{.address = 0x40040000};
};

constexpr relo::symbol_values imports{std::array<relo::symbol_value<addr>, 2>{
    {{"imported_variable", 0x41000100}, {"imported", 0x41000000}}}};

template <std::size_t N>
constexpr bool begins_with(const fixed_places::place& p, std::span<const char, N> expected) {
  for (std::size_t i = 0; i < N; ++i)
    if (p.bytes[i] != static_cast<unsigned char>(expected[i])) return false;
  return true;
}

struct outcome {
  relo::errc error;
  bool as_linked;
};

template <relo::byte_like Byte>
constexpr outcome load(std::span<const Byte> bytes) {
  fixed_places memory;
  relo::loader loader{relo::arch::x86_64_kernel{}, memory,
                      relo::symbols{imports},      relo::region_per_type{},
                      relo::ksymtab_exports{},     relo::dont_run{},
                      relo::scratch<addr, 256>{},  relo::modules<1>{}};
  const auto loaded = loader.load(bytes, {.name = "embedded"});
  if (!loaded) return {loaded.error(), false};
  const bool same = begins_with(memory.text, linked_text_bytes) &&
                    begins_with(memory.rodata, linked_rodata_bytes) &&
                    begins_with(memory.data, linked_data_bytes);
  return {relo::errc::ok, same};
}

template <std::size_t N>
constexpr auto broken(const char (&object)[N], std::size_t at, char value) {
  std::array<char, N> copy{};
  for (std::size_t i = 0; i < N; ++i) copy[i] = object[i];
  copy[at] = value;
  return copy;
}

/// With everything that a loader is made of by default: GOT, veneers, a table of all symbols.
constexpr bool finds_functions_far_from_what_they_call() {
  std::array<unsigned char, 65536> bytes{};
  relo::buffer<addr> memory{bytes, 0x40000000};
  constexpr relo::symbol_values far{std::array<relo::symbol_value<addr>, 2>{
      {{"imported_variable", 0x40020000}, {"imported", 0x7fff00000000}}}};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{far}, relo::dont_run{},
                      relo::scratch<addr, 512>{}};
  const auto loaded = loader.load(object_bytes);
  relo::symbol<addr> found, missing;
  return loaded && loader.find_exported(relo::elf::name{"function_10"}, true, found) == &*loaded &&
         !loader.find_exported(relo::elf::name{"function_99"}, true, missing) &&
         found.address >= 0x40000000 && found.address % 16 == 0 &&
         loader.unload(*loaded) == relo::errc::ok && memory.in_use() == 0;
}
static_assert(finds_functions_far_from_what_they_call());

constexpr outcome whole = load(std::span<const char>{object_bytes});
static_assert(whole.error == relo::errc::ok);
static_assert(whole.as_linked);

constexpr auto wrong_machine = broken(object, 18, 0x28);
static_assert(load(std::span<const char>{wrong_machine}).error == relo::errc::wrong_machine);
static_assert(load(std::span<const char>{object_bytes}.first(1000)).error ==
              relo::errc::section_table_out_of_file);

}  // namespace

TEST_CASE("the same load at run time") {
  const outcome o = load(std::span<const char>{object_bytes});
  CHECK(o.error == relo::errc::ok);
  CHECK(o.as_linked);
  CHECK(object_bytes.size() > 18000);
}

TEST_CASE_TEMPLATE("bytes of any kind", Byte, unsigned char, std::byte) {
  const auto bytes = std::as_bytes(std::span{object_bytes});
  const outcome o = load(std::span{reinterpret_cast<const Byte*>(bytes.data()), bytes.size()});
  CHECK(o.error == relo::errc::ok);
  CHECK(o.as_linked);
}
