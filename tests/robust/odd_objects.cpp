// Objects that no compiler makes, or hardly ever: numbers at their limits, tables that overlap,
// and more of everything.
#include "bench.hpp"
#include "object.hpp"
#include "toy.hpp"

namespace {

namespace elf = relo::elf;
using robust::bytes;
using toy32 = robust::toy<elf::elf32be, true>;
using toy64 = robust::toy<elf::elf64le, true>;
template <class Toy>
using object_for = robust::object<typename Toy::format>;
using object = object_for<toy64>;

template <class Addr>
struct paged_memory : robust::guarded_memory<Addr> {
  using robust::guarded_memory<Addr>::guarded_memory;
  static constexpr Addr granularity = 4096;
};

/// What becomes of an object, in one piece and as a kernel would place it.
template <class Toy>
robust::outcome load(const bytes& file, const relo::load_options& options = {.name = "odd"}) {
  // Enough for what shall load, without paging all of it for what shall not.
  const std::size_t memory = 2 * file.size() + (std::size_t{64} << 10);
  robust::bench<Toy, robust::guarded_memory, relo::one_region, relo::ksymtab_exports> small{memory};
  robust::bench<Toy, paged_memory, relo::core_and_init, relo::symtab_exports> large{memory};
  const robust::outcome outcome = small.load_both(file, options);
  CHECK(large.load_both(file, options).error == outcome.error);
  return outcome;
}
relo::errc verdict(object& o) { return load<toy64>(o.finish()).error; }

constexpr std::uint32_t code = elf::shf::alloc | elf::shf::execinstr,
                        data = elf::shf::alloc | elf::shf::write;

}  // namespace

TEST_CASE("more sections than the header can count") {
  constexpr std::uint32_t count = 66'000;
  object o{toy64::machine};
  std::vector<std::uint32_t> symbols;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t in = o.add_section(
        {.name = ".text.f", .flags = code, .contents = {static_cast<unsigned char>(i)}});
    symbols.push_back(o.add_symbol(
        {.name = "f", .section = in, .bind = elf::stb::local, .type = elf::stt::func}));
  }
  const std::uint32_t table = o.add_section({.name = ".rodata", .contents = bytes(24)});
  o.relocate(table, {{0, symbols.front(), toy64::absolute},
                     {8, symbols.back(), toy64::absolute},
                     {16, symbols[0xff00], toy64::absolute}});

  SUBCASE("loads") {
    const robust::outcome outcome = load<toy64>(o.finish());
    REQUIRE_MESSAGE(outcome.error == relo::errc::ok, outcome.text);
    const auto word = [&](std::size_t at) {
      return relo::read_int<std::uint64_t, std::endian::little>(
          &outcome.loaded[relo::align_up(count, 8) + at]);
    };
    CHECK(outcome.loaded[0x1234] == 0x34);
    CHECK(word(0) == robust::module_space);
    CHECK(word(8) == robust::module_space + count - 1);
    CHECK(word(16) == robust::module_space + 0xff00);
  }
  SUBCASE("and a symbol in one that is not there") {
    o.symbols[symbols.back()].section = table + 100;
    CHECK(verdict(o) == relo::errc::symbol_section_out_of_range);
  }
  SUBCASE("without the table of section indices") {
    o.sections[object::symtab_shndx].type = elf::sht::progbits;
    CHECK(verdict(o) == relo::errc::symbol_section_out_of_range);
  }
  SUBCASE("with too short a table of section indices") {
    o.sections[object::symtab_shndx].size = 4 * (o.symbols.size() - 1);
    CHECK(verdict(o) == relo::errc::bad_section_index_table);
  }
}

TEST_CASE_TEMPLATE("sizes and alignments that no memory has", Toy, toy32, toy64) {
  using addr = typename Toy::addr;
  constexpr addr all = ~addr{0}, half = all / 2 + 1, most = relo::place<addr>::max_offset;
  const auto refused = [](relo::errc e) {
    return e == relo::errc::section_too_large || e == relo::errc::module_too_large ||
           e == relo::errc::out_of_memory;
  };
  for (const addr size : {all, static_cast<addr>(all - 4095), half, static_cast<addr>(half - 1),
                          static_cast<addr>(most + 1), most, static_cast<addr>(most - 4096)})
    for (const addr align : {addr{1}, addr{4096}, most + 1, half})
      for (const addr before : {addr{0}, addr{1}, most, all})
        for (const std::uint32_t flags : {code, data, elf::shf::alloc}) {
          CAPTURE(size);
          CAPTURE(align);
          CAPTURE(before);
          object_for<Toy> o{Toy::machine};
          o.add_section({.name = ".bss", .type = elf::sht::nobits, .flags = data, .size = before});
          o.add_section({.name = ".init.bss",
                         .type = elf::sht::nobits,
                         .flags = flags,
                         .align = align,
                         .size = size});
          CHECK(refused(load<Toy>(o.finish()).error));
        }
  object_for<Toy> o{Toy::machine};
  o.add_section({.name = ".data", .flags = data, .contents = {1}, .align = half});
  CHECK(refused(load<Toy>(o.finish()).error));
}

TEST_CASE("memory that ends where the address space does") {
  robust::guarded_memory<std::uint32_t> memory{4096, 0xffff'f000};
  const auto low = memory.allocate(relo::mem_type::text, 4000, 16),
             high = memory.allocate(relo::mem_type::data, 96, 32);
  CHECK(low.address == 0xffff'f000);
  CHECK(high.address == 0xffff'ffa0);
  CHECK_FALSE(memory.allocate(relo::mem_type::data, 1, 1));
  memory.release(low);
  CHECK(memory.allocate(relo::mem_type::data, 1, 4096));
  CHECK_FALSE(memory.allocate(relo::mem_type::data, 1, 4096));
}

TEST_CASE("contents that overlap") {
  object o{toy64::machine};
  const std::uint32_t first =
      o.add_section({.name = ".data", .flags = data, .contents = bytes(16), .align = 8});
  const std::uint32_t here = o.add_symbol({.name = "here", .section = first});
  o.relocate(first, {{0, here, toy64::absolute}});

  SUBCASE("one section within another") {
    // Each has a copy of its own, so a relocation of one leaves the other alone.
    const std::uint32_t second = o.add_section(
        {.name = ".data.too", .flags = data, .contents = {}, .align = 8, .size = 8, .offset = 64});
    o.relocate(second, {{0, here, toy64::absolute, 4}});
    const robust::outcome outcome = load<toy64>(o.finish());
    REQUIRE_MESSAGE(outcome.error == relo::errc::ok, outcome.text);
    CHECK(relo::read_int<std::uint64_t, std::endian::little>(&outcome.loaded[0]) ==
          robust::module_space);
    CHECK(relo::read_int<std::uint64_t, std::endian::little>(&outcome.loaded[16]) ==
          robust::module_space + 4);
  }
  SUBCASE("a section that is the file's header") {
    o.add_section({.name = ".data.header", .flags = data, .size = 64, .offset = 1});
    CHECK(verdict(o) == relo::errc::ok);
  }
  SUBCASE("relocations that relocate themselves") {
    o.sections.back().flags = data;
    o.sections.back().info = static_cast<std::uint32_t>(o.sections.size() - 1);
    CHECK(verdict(o) == relo::errc::ok);
  }
  SUBCASE("relocations of the symbol table, which is not loaded") {
    o.relocate(object::symtab, {{0, here, 99}, {1000, 1000, toy64::absolute}});
    CHECK(verdict(o) == relo::errc::ok);
  }
  SUBCASE("and of the symbol table, which is") {
    o.sections[object::symtab].flags = data;
    o.relocate(object::symtab, {{8, here, toy64::absolute}});
    CHECK(verdict(o) == relo::errc::ok);
  }
  SUBCASE("and of a section that does not exist") {
    o.sections.back().info = static_cast<std::uint32_t>(o.sections.size());
    CHECK(verdict(o) == relo::errc::bad_relocation_section);
  }
}

TEST_CASE("places of relocations") {
  object o{toy64::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  const std::uint32_t here = o.add_symbol({.name = "here", .section = in});
  const auto relocated = [&](std::vector<object::relocation> records) {
    object with = o;
    with.relocate(in, records);
    return verdict(with);
  };
  for (const std::uint64_t last : {std::uint64_t{0}, std::uint64_t{4}})
    CHECK(relocated({{last, here, toy64::abs32}}) == relo::errc::ok);
  for (const std::uint64_t beyond : {std::uint64_t{5}, std::uint64_t{8}, std::uint64_t{9},
                                     ~std::uint64_t{0}, ~std::uint64_t{3}, std::uint64_t{1} << 63})
    CHECK(relocated({{beyond, here, toy64::abs32}}) == relo::errc::relocation_out_of_section);
  for (const std::uint32_t symbol : {here + 1, 0xffff'ffffU}) {
    CHECK(relocated({{0, symbol, toy64::abs32}}) == relo::errc::relocation_symbol_out_of_range);
    CHECK(relocated({{0, symbol, toy64::got_pc32}}) == relo::errc::relocation_symbol_out_of_range);
  }
  CHECK(relocated({{0, here, 99}}) == relo::errc::unknown_relocation);
  CHECK(relocated(std::vector<object::relocation>(200'000, {0, here, toy64::absolute})) ==
        relo::errc::ok);
}

TEST_CASE("a parameter that lies in the arguments themselves") {
  // The arguments are the last of a module's data, and their NUL the last byte.
  const std::string args = "p=-1 p=-2";
  object o{toy64::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  const std::uint32_t name = o.add_section({.name = ".rodata", .contents = {'p', 0}});
  const std::uint32_t param = o.add_section({.name = "__param", .contents = bytes(40), .align = 8});
  const std::uint32_t there = o.add_symbol({.name = "there", .section = in, .value = 8});
  const std::uint32_t called = o.add_symbol({.name = "called", .section = name});
  const std::uint32_t integer = o.add_symbol({.name = "param_ops_int"});
  for (std::size_t at = 0; at < args.size(); ++at) {
    object with = o;
    with.relocate(param, {{0, called, toy64::absolute},
                          {16, integer, toy64::absolute},
                          {32, there, toy64::absolute, at}});
    const relo::errc e = load<toy64>(with.finish(), {.name = "odd", .args = args.c_str()}).error;
    CHECK((e == relo::errc::ok || e == relo::errc::bad_parameter ||
           e == relo::errc::bad_section_contents));
  }
}

TEST_CASE("tables that grow while they are read") {
  // Neither is left early: there is no licence, and the records are of no consequence.
  object o{toy64::machine};
  o.add_section({.name = ".modinfo", .contents = {'n', 'a', 'm', 'e', '=', 'o', 'd', 'd', 0}});
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  o.relocate(in, {{0, 0, toy64::none}});
  const bytes file = o.finish();
  robust::bench<toy64, robust::guarded_memory> bench{4096};
  bool lied = true;
  for (std::size_t nth = 0; lied; ++nth)
    for (std::size_t bit = 0; bit < 8 * 64; ++bit) {
      robust::lying_reader reader{{file}, nth, bit};
      bench.load(relo::elf::streamed{reader}, {});
      lied = reader.reads > nth;
    }
}

// What is searched or sorted is so in reasonable time. Reasonable is a minute for the whole
// program, sanitized; what is quadratic takes hours.

TEST_CASE("constructors and destructors of thousands of priorities") {
  object o{toy64::machine};
  for (int priority = 32'000; priority > 0; --priority)
    for (const char* kind : {".init_array.", ".fini_array."})
      o.add_section({.name = kind + std::to_string(priority),
                     .flags = data,
                     .contents = bytes(8),
                     .align = 8});
  CHECK(verdict(o) == relo::errc::ok);
}

TEST_CASE("tens of thousands of exports whose names differ late") {
  const std::string prefix(50, 'x');
  object o{toy64::machine};
  const std::uint32_t in = o.add_section({.name = ".data", .flags = data, .contents = bytes(8)});
  for (int i = 0; i < 20'000; ++i)
    o.add_symbol({.name = prefix + std::to_string(i * 7919 % 20'000), .section = in});
  CHECK(verdict(o) == relo::errc::ok);
}
