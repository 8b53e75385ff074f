// SHT_CREL sections that are none: what is wrong, and at which byte.
#include "bench.hpp"
#include "object.hpp"
#include "toy.hpp"

#include <relo/small_machine.hpp>

namespace {

namespace elf = relo::elf;
using relo::errc;
using robust::bytes;
using toy64 = robust::toy<elf::elf64le, true>;
using toy32 = robust::toy<elf::elf32be, false>;

template <class Toy>
struct target {
  using object = robust::object<typename Toy::format>;
  object o{Toy::machine};
  std::uint32_t in = o.add_section({.name = ".data",
                                    .flags = elf::shf::alloc | elf::shf::write,
                                    .contents = bytes(64),
                                    .align = 8});
  std::uint32_t here = o.add_symbol({.name = "here", .section = in});

  static robust::outcome load_object(object with) {
    robust::bench<Toy, robust::guarded_memory, relo::one_region> bench{4096};
    return bench.load_both(with.finish());
  }
  robust::outcome load(const bytes& crel) const {
    object with = o;
    with.relocate_crel(in, crel);
    return load_object(with);
  }
};

constexpr const char* truncated =
    "elf_validity_check: compact relocations (SHT_CREL) end before the last of them: .crel";
constexpr const char* too_long =
    "elf_validity_check: number in compact relocations (SHT_CREL) is longer than it may be: .crel";

bytes repeated(unsigned char b, std::size_t n, unsigned char last) {
  bytes out(n, b);
  out.push_back(last);
  return out;
}
bytes joined(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// One record with addends, of 8 bytes at 0: symbol 1, R_TOY_ADDRESS.
constexpr unsigned char one_record[] = {1 << 3 | 4 | 3, 3, 1, 4};

}  // namespace

TEST_CASE_TEMPLATE("compact relocations that end too soon", Toy, toy64, toy32) {
  const target<Toy> t;
  REQUIRE(t.load(bytes(std::begin(one_record), std::end(one_record))).error == errc::ok);
  CHECK(t.load(bytes{}).text == truncated);
  CHECK(t.load({0x80}).text == truncated);
  CHECK(t.load({1 << 3}).text == std::string(truncated) + ", value 0x1");
  CHECK(t.load({1 << 3 | 4, 3}).text == std::string(truncated) + "+0x2, relocation 0");
  CHECK(t.load({1 << 3 | 4, 3, 1}).text == std::string(truncated) + "+0x3, relocation 0");
  CHECK(t.load({1 << 3 | 4, 3, 0x81}).text == std::string(truncated) + "+0x3, relocation 0");
  CHECK(t.load({1 << 3 | 4, 0x80}).text == std::string(truncated) + "+0x2, relocation 0");
  CHECK(t.load({2 << 3 | 4, 3, 1, 4}).text == std::string(truncated) + "+0x4, relocation 1");
  // Counts that no section has: of 29, 32 and 61 bits.
  CHECK(t.load({0xfc, 0xff, 0xff, 0xff, 0x0f, 0}).text ==
        std::string(truncated) + ", value 0x1fffffff");
  CHECK(t.load({0xfc, 0xff, 0xff, 0xff, 0x7f, 0}).text ==
        std::string(truncated) + ", value 0xffffffff");
  CHECK(t.load(joined(repeated(0xff, 9, 1), {0})).text ==
        std::string(truncated) + ", value 0x1fffffffffffffff");
}

TEST_CASE_TEMPLATE("compact relocations that do not end", Toy, toy64, toy32) {
  const target<Toy> t;
  bytes more(std::begin(one_record), std::end(one_record));
  CHECK(t.load(joined(more, {0})).text ==
        "elf_validity_check: bytes after the last of the compact relocations (SHT_CREL): .crel, "
        "value 0x1");
  CHECK(t.load({0}).error == errc::ok);
  CHECK(t.load({0, 0}).error == errc::crel_left_over);
}

TEST_CASE_TEMPLATE("numbers that are longer than they may be", Toy, toy64, toy32) {
  const target<Toy> t;
  constexpr std::size_t address = 8 * sizeof(typename Toy::addr);
  // The header: more than 64 bits; and in more bytes than it needs.
  CHECK(t.load(joined(repeated(0xff, 9, 2), {0})).text == too_long);
  CHECK(t.load(repeated(0x80, 12, 1)).text == too_long);
  CHECK(t.load({0x88, 0x00, 0}).text == too_long);
  CHECK(t.load({0x80, 0x80, 0x00}).text == too_long);
  const auto record = [&](const bytes& r) { return t.load(joined({1 << 3 | 4}, r)).text; };
  const auto at = [](std::size_t offset) {
    return std::string(too_long) + "+" + (relo::text<24>{}.hex(offset)).c_str() + ", relocation 0";
  };
  // The offset, of which 4 bits stand in the first byte, has those of an address.
  CHECK(record({0x80, 0}) == at(3));
  CHECK(record({0x80, 0x81, 0}) == at(4));
  CHECK(record(joined({0x80}, address == 64 ? repeated(0x80, 8, 0x10) : repeated(0x80, 4, 1))) ==
        at(address == 64 ? 11 : 7));
  CHECK(record(repeated(0x80, 12, 1)) == at(12));
  // A symbol, a type, an addend: positive and negative numbers in a byte too many; and too great.
  for (const unsigned char which : bytes{1, 2, 4}) {
    CAPTURE(int{which});
    CHECK(record({which, 0x81, 0x00}) == at(4));
    CHECK(record({which, 0xff, 0x7f}) == at(4));
    CHECK(record({which, 0x80, 0x80, 0x00}) == at(5));
    CHECK(record(joined({which}, repeated(0x80, 12, 1))) == at(12));
    CHECK(record(joined({which}, repeated(0xff, 9, 1))) == at(12));
    if (which != 4 || address == 32) {
      CHECK(record(joined({which}, repeated(0x80, 4, 0x20))) == at(7));
      CHECK(record(joined({which}, repeated(0x80, 4, 0x77))) == at(7));
    }
  }
}

TEST_CASE_TEMPLATE("sums that wrap", Toy, toy64, toy32) {
  const target<Toy> t;
  const auto refused = [&](const bytes& crel, errc e) {
    const robust::outcome out = t.load(crel);
    INFO(out.text);
    CHECK(out.error == e);
  };
  // Symbol -1; type -1; offset -1; the symbol after the last.
  refused({1 << 3 | 4, 3, 0x7f, 4}, errc::relocation_symbol_out_of_range);
  refused({1 << 3 | 4, 3, 1, 0x7f}, errc::unknown_relocation);
  bytes back{1 << 3 | 4, 0xff};
  robust::put_uleb128(back, ~typename Toy::addr{0} >> 4);
  refused(joined(back, {1, 4, 0}), errc::relocation_out_of_section);
  refused({1 << 3 | 4, 3, 2, 4}, errc::relocation_symbol_out_of_range);

  // Records in any order are written so, and applied.
  using record = typename target<Toy>::object::relocation;
  constexpr auto size = static_cast<typename Toy::addr>(sizeof(typename Toy::addr));
  for (const typename Toy::addr unit : {typename Toy::addr{8}, size, typename Toy::addr{9}}) {
    std::vector<record> records;
    for (const unsigned n : {5U, 2U, 4U, 0U, 3U, 1U})
      records.push_back({n * unit, t.here, Toy::absolute, ~typename Toy::addr{0} << n});
    auto sorted = records;
    std::sort(sorted.begin(), sorted.end(),
              [](const record& a, const record& b) { return a.offset < b.offset; });
    for (const bool addends : {true, false}) {
      const auto load = [&](const std::vector<record>& r) {
        auto with = t.o;
        with.relocate_crel(t.in, r, addends);
        return t.load_object(with);
      };
      const robust::outcome out = load(records);
      CHECK_MESSAGE(out.error == errc::ok, out.text);
      CHECK(out == load(sorted));
    }
  }
}

TEST_CASE_TEMPLATE("compact relocations of what is not there", Toy, toy64, toy32) {
  target<Toy> t;
  const bytes one(std::begin(one_record), std::end(one_record));
  const std::uint32_t section = t.o.relocate_crel(t.in, one);
  const auto with = [&](auto change) {
    auto o = t.o;
    change(o.sections[section]);
    return t.load_object(o).error;
  };
  CHECK(with([](auto&) {}) == errc::ok);
  CHECK(with([&](auto& s) { s.info = section + 1; }) == errc::bad_relocation_section);
  CHECK(with([](auto& s) { s.info = 0; }) == errc::bad_relocation_section);
  CHECK(with([](auto& s) { s.link = 2; }) == errc::bad_relocation_section);
  // Of what is not loaded they are not looked at.
  CHECK(with([](auto& s) { s.info = 3, s.contents = {0xff}; }) == errc::ok);
}

TEST_CASE_TEMPLATE("every cut and every changed byte of compact relocations", Toy, toy64, toy32) {
  target<Toy> t;
  std::vector<typename target<Toy>::object::relocation> records;
  // Longer than a window.
  for (unsigned n = 0; n < 40; ++n)
    records.push_back({n % 7 * 8, t.here, n % 3 == 0 ? Toy::absolute : Toy::abs32, n * 300});
  const bytes sound = robust::crel<typename Toy::addr>(records, true);
  REQUIRE(sound.size() > 128);
  REQUIRE(t.load(sound).error == errc::ok);
  for (std::size_t n = 0; n < sound.size(); ++n)
    CHECK(t.load(bytes(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(n))).error ==
          errc::crel_truncated);
  for (std::size_t n = 0; n < sound.size(); ++n)
    for (const unsigned bit : {0U, 1U, 2U, 3U, 6U, 7U}) {
      bytes changed = sound;
      changed[n] ^= static_cast<unsigned char>(1U << bit);
      (void)t.load(changed);  // one outcome, and what the bench requires of any
    }
}

TEST_CASE("compact relocations that are others when they are read again") {
  target<toy64> t;
  std::vector<target<toy64>::object::relocation> records;
  for (unsigned n = 0; n < 60; ++n)
    records.push_back({n % 8 * 8, t.here, toy64::absolute, n * 300});
  t.o.relocate_crel(t.in, records, true);
  const bytes file = t.o.finish();
  robust::bench<toy64, robust::guarded_memory, relo::one_region> bench{4096};
  std::size_t read_failed = 0;
  for (const std::size_t bit : {0U, 7U, 9U, 15U, 128U, 263U})
    for (std::size_t nth = 0;; ++nth) {
      robust::lying_reader reader{{file}, nth, bit};
      const robust::outcome out = bench.load(relo::elf::streamed{reader}, {.name = "lying"});
      CHECK((out.error == errc::ok || !out.text.empty()));
      if (out.error == errc::read_failed) ++read_failed;
      if (reader.reads <= nth) break;
    }
  CHECK(read_failed > 0);
}

TEST_CASE("small loaders read compact relocations if they are told to, and else refuse them") {
  using small = relo::only<toy32, "R_TOY_ADDRESS", "R_TOY_NONE">;
  target<toy32> t;
  t.o.relocate_crel(t.in, {{8, t.here, toy32::absolute, 0}, {16, t.here, toy32::absolute, 5}},
                    true);
  const bytes file = t.o.finish();
  const auto load_from = [&](auto machine, const auto& source, std::string& text) {
    std::vector<unsigned char> memory(4096);
    relo::buffer<std::uint32_t> buffer{memory, robust::module_space};
    relo::scratch<std::uint32_t, 64> scratch;
    relo::loader loader{machine,
                        buffer,
                        scratch,
                        relo::dont_run{},
                        relo::one_region{},
                        relo::small_machine<1>{},
                        relo::load_small_module};
    const auto m = loader.load(source);
    text = m ? "" : loader.diagnostics().describe().c_str();
    return memory;
  };
  const auto load = [&](auto machine) {
    std::string text, of_streamed;
    robust::checked_reader reader{file};
    const auto memory = load_from(machine, elf::contiguous{std::span{file}}, text);
    CHECK(load_from(machine, elf::streamed{reader}, of_streamed) == memory);
    CHECK(of_streamed == text);
    const bool loaded = text.empty();
    const auto word = [&](std::size_t at) {
      return relo::read_int<std::uint32_t, std::endian::big>(&memory[at]);
    };
    CHECK(word(8) == (loaded ? robust::module_space : 0));
    CHECK(word(16) == (loaded ? robust::module_space + 5 : 0));
    return text;
  };
  CHECK(load(relo::with_crel<small>{}) == "");
  CHECK(load(small{}) ==
        "apply_relocations: relocations of a kind that is not supported for this machine: "
        "section 6, SHT_CREL");
}
