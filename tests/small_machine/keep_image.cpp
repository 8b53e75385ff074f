// Objects that stay where they are: what nobody writes is used there, and names are found there.
#include "small.hpp"

#include <relo/elf/in_place_or_streamed.hpp>

#include <algorithm>
#include <vector>

namespace {

using namespace small;

/// An image, aligned as its tables want it, and what follows it in memory.
struct in_memory {
  std::vector<unsigned char> bytes;
  std::size_t size;
  relo::in_place<unsigned char, word> source() const {
    return relo::in_place<unsigned char, word>{std::span{bytes}.first(size)};
  }
  addr address_of(const char* text) const {
    const auto* const end = text + elf::name{text}.size() + 1;
    return relo::address_of(&*std::search(bytes.begin(), bytes.end(), text, end));
  }
};

/// An object that exports its text's fifth byte under a name: that in its .rodata, or, where that
/// is not 0, whatever is at an address.
object exporting(addr name) {
  object o{toy::machine};
  const auto text = o.add_section({.name = ".text",
                                   .flags = elf::shf::alloc | elf::shf::execinstr,
                                   .contents = {'f', 'i', 'r', 's', 't', '!', 0, 0}});
  const auto strings = o.add_section({.name = ".rodata", .contents = {'f', 'i', 'v', 'e', 0}});
  o.add_section({.name = ".data",
                 .flags = elf::shf::alloc | elf::shf::write,
                 .contents = std::vector<unsigned char>(24)});
  const auto five = o.add_symbol({.name = "five", .section = text, .value = 4});
  const auto n = name == 0 ? o.add_symbol({.name = "", .section = strings})
                           : o.add_symbol({.name = "", .section = object::abs, .value = name});
  const auto table = o.add_section(
      {.name = "__ksymtab", .contents = std::vector<unsigned char>(3 * word), .align = word});
  o.relocate(table, {{0, five, toy::absolute}, {word, n, toy::absolute}});
  o.add_section({.name = ".comment", .flags = 0});
  return o;
}

/// Names its export by what is `offset` after its end, where `after` stands.
in_memory naming_beyond(std::vector<unsigned char> after, std::ptrdiff_t offset) {
  in_memory out{exporting(1).finish(), 0};
  out.size = out.bytes.size();
  out.bytes.insert(out.bytes.end(), after.begin(), after.end());
  const addr end = relo::address_of(out.bytes.data() + out.size);
  const auto again = exporting(static_cast<addr>(end + static_cast<addr>(offset))).finish();
  std::copy(again.begin(), again.end(), out.bytes.begin());
  return out;
}

/// Its branches reach 32 KiB.
struct near_branches : robust::toy<format, true> {
  static constexpr std::uint32_t branch = 7;
  static constexpr std::size_t veneer_size = 8 + word, veneer_align = 8;
  static void write_veneer(unsigned char* to, addr, addr target) noexcept {
    to[0] = 0xff;
    relo::write_int<std::endian::little>(to + 8, target);
  }
  static bool is_veneer_for(const unsigned char* code, addr target) noexcept {
    return relo::read_int<addr, std::endian::little>(code + 8) == target;
  }
  static constexpr auto howtos = [] {
    using namespace relo::terms;
    return std::array<relo::howto, 1>{
        {{branch, "R_TOY_BRANCH16", relo::word16, L + A - P, relo::overflow::signed_}}};
  }();
};

template <class Machine = toy>
struct fixture {
  using arena = relo::static_arena<1024>;
  arena memory;
  relo::loader<Machine, arena&, relo::one_region, relo::dont_run, relo::ksymtab_exports,
               relo::small_machine<2, 16, true>, stages>
      loader{Machine{},
             memory,
             relo::one_region{},
             relo::dont_run{},
             relo::ksymtab_exports{},
             relo::small_machine<2, 16, true>{},
             stages{relo::load_small_named_module}};
};

}  // namespace

TEST_CASE("text, constants and names stay in the image") {
  const in_memory image{exporting(0).finish(), exporting(0).finish().size()};
  fixture<> f;
  const auto m = f.loader.load(image.source(), {.name = "m"});
  REQUIRE(m);
  CHECK(f.memory.in_use() == 24 + 3 * word);
  relo::symbol<addr> s;
  REQUIRE(f.loader.find_exported(elf::name{"five"}, true, s) == &*m);
  CHECK(s.address == image.address_of("first!") + 4);
  CHECK(m->name_at(image.address_of("five")) ==
        relo::pointer_to<unsigned char*>(image.address_of("five")));
  CHECK(m->bytes_at(image.address_of("five"), 1).empty());
  CHECK(f.loader.unload(*m) == errc::ok);
  CHECK(f.memory.in_use() == 0);

  // The same from elsewhere is copied.
  const auto copied = f.loader.load(image.bytes, {.name = "m"});
  REQUIRE(copied);
  CHECK(f.memory.in_use() >= 24 + 3 * word + 8 + 5);
  CHECK(copied->name_at(image.address_of("five")) == nullptr);
}

TEST_CASE("one source for what stays in memory and for what is read") {
  struct medium {
    std::span<const unsigned char> bytes;
    std::size_t size() const { return bytes.size(); }
    bool read(std::size_t offset, std::span<unsigned char> to) const {
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
      return true;
    }
  };
  using source = relo::in_place_or_streamed<medium>;
  const in_memory image{exporting(0).finish(), exporting(0).finish().size()};
  elf::windows<64> windows;
  fixture<> f;
  for (int turn = 0; turn < 2; ++turn) {
    const auto m = f.loader.load(source{image.bytes, windows}, {.name = "m"});
    REQUIRE(m);
    CHECK(f.memory.in_use() == 24 + 3 * word);
    CHECK(m->name_at(image.address_of("five")) != nullptr);
    relo::symbol<addr> s;
    REQUIRE(f.loader.find_exported(elf::name{"five"}, true, s) == &*m);
    CHECK(s.address == image.address_of("first!") + 4);
    CHECK(f.loader.unload(*m) == errc::ok);

    medium chip{image.bytes};
    const auto read = f.loader.load(source{chip, windows}, {.name = "m"});
    REQUIRE(read);
    CHECK(f.memory.in_use() >= 24 + 3 * word + 8 + 5);
    REQUIRE(f.loader.find_exported(elf::name{"five"}, true, s) == &*read);
    CHECK(read->at(s.address, 1) != nullptr);
    CHECK(f.loader.unload(*read) == errc::ok);
  }
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE("a name is within the image, and so is its end") {
  const auto error = [](const in_memory& image) {
    fixture<> f;
    const errc e = f.loader.load(image.source(), {.name = "m"}).error();
    CHECK((e == errc::ok || f.memory.in_use() == 0));
    return e;
  };
  const std::vector<unsigned char> after{'a', 'f', 't', 'e', 'r', 0};
  CHECK(error(naming_beyond(after, 0)) == errc::bad_section_contents);
  CHECK(error(naming_beyond(after, 1)) == errc::bad_section_contents);
  CHECK(error(naming_beyond(after, -100'000)) == errc::bad_section_contents);

  // The file's last byte is of the sh_entsize of .comment, which may be anything.
  CHECK(error(naming_beyond(after, -1)) == errc::ok);
  in_memory unterminated = naming_beyond(after, -1);
  REQUIRE(unterminated.bytes[unterminated.size - 1] == 0);
  unterminated.bytes[unterminated.size - 1] = 'x';
  CHECK(error(unterminated) == errc::bad_section_contents);
}

TEST_CASE("functions that stay are called through veneers") {
  constexpr std::size_t functions = 3, called_twice = 1;
  object o{near_branches::machine};
  const auto code = elf::shf::alloc | elf::shf::execinstr;
  const auto calls = o.add_section(
      {.name = ".text", .flags = code, .contents = std::vector<unsigned char>(2 * functions + 2)});
  std::vector<object::relocation> records;
  for (unsigned char i = 0; i < functions; ++i) {
    const auto text =
        o.add_section({.name = ".text.f", .flags = code, .contents = {'l', 'e', 'a', 'f', i, 0}});
    const auto f = o.add_symbol({.name = "f", .section = text, .type = elf::stt::func});
    records.push_back({static_cast<addr>(2 * i), f, near_branches::branch});
    if (i == called_twice) records.push_back({2 * functions, f, near_branches::branch});
  }
  o.relocate(calls, records);
  const in_memory image{o.finish(), o.finish().size()};
  // On the stack, and the image on the heap.
  fixture<near_branches> f;
  const auto m = f.loader.load(image.source(), {.name = "m"});
  REQUIRE(m);
  const auto target_of = [&](std::size_t call) {
    const addr at = m->regions[0].address + 2 * call;
    const auto distance =
        static_cast<std::int16_t>(relo::read_int<std::uint16_t, std::endian::little>(m->at(at, 2)));
    const unsigned char* const veneer =
        m->at(at + static_cast<addr>(std::ptrdiff_t{distance}), near_branches::veneer_size);
    REQUIRE(veneer != nullptr);
    return relo::read_int<addr, std::endian::little>(veneer + 8);
  };
  for (unsigned char i = 0; i < functions; ++i) {
    const unsigned char* const there = relo::pointer_to<const unsigned char*>(target_of(i));
    CHECK(there > image.bytes.data());
    CHECK(there < image.bytes.data() + image.size);
    CHECK(there[0] == 'l');
    CHECK(there[4] == i);
  }
  CHECK(target_of(functions) == target_of(called_twice));
}
