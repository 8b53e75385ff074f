// Parameters of kernel modules: what is said of values, and tables that are not what they should
// be. What kernels stored is in params_record.cpp.
#include <relo/linux/policy/load_info.hpp>
#include <relo/linux/policy/params.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using relo::errc;
using relo::param_type, relo::param_types;
using relo::elf::name;
using namespace relo::kmod;

// ---- tables, in a module that is nothing else ----

struct no_symbols {
  struct symbol_record {
    constexpr std::uint32_t st_shndx() const { return 0; }
  };
  constexpr std::uint32_t symbols() const { return 2; }
  constexpr symbol_record symbol(std::uint32_t) const { return {}; }
};

constexpr std::uint64_t base = 0xffff'ffff'c000'0000, ops_base = 0xffff'ffff'8100'0000,
                        theirs = 0xffff'ffff'8200'0000;

/// As much of a load as parameters need: a kernel's, of the release. Module memory is data, all of
/// it.
template <generation G, std::size_t Size = 512>
struct toy_load {
  using addr = std::uint64_t;
  static constexpr std::endian byte_order = std::endian::little;
  static constexpr generation release = G;
  using traits = release_traits<G>;

  struct module {
    std::array<unsigned char, Size> memory{};
    relo::text<8> name{};
    relo::extent<addr> parameters{base, 0};
    bool async_probe_requested = false;

    constexpr std::span<unsigned char> bytes_at(addr at, addr size) {
      return relo::bytes_in(std::array{relo::block<addr>{memory, base}}, at, size);
    }
    constexpr std::span<unsigned char> data_at(addr at, addr size) { return bytes_at(at, size); }
    constexpr std::span<unsigned char> bytes_of(const relo::extent<addr>& e) {
      return bytes_at(e.address, e.size);
    }
    constexpr const unsigned char* name_at(addr at) {
      return relo::name_in<addr>(memory, base, at);
    }
  } m{};
  module* mod = nullptr;
  relo::kmod::kernel<G> state{};
  relo::text<400> log{}, warned{};
  errc failed = errc::ok;
  no_symbols image{};
  std::array<addr, param_types> param_ops{};
  std::array<addr, 2> values{0, theirs};

  constexpr toy_load() {
    for (std::size_t t = 1; t < param_ops.size(); ++t) param_ops[t] = ops_base + 32 * t;
    m.name << "toy";
  }
  constexpr auto& kernel() { return state; }
  constexpr const config& settings() { return state.settings; }
  constexpr addr read_word(const unsigned char* p) const {
    return relo::read_int<addr, byte_order>(p);
  }
  template <class... Parts>
  constexpr void printk(const Parts&... parts) {
    (append(log, parts), ...);
    log << '\n';
  }
  template <class Name>
  constexpr errc fail(errc e, const relo::where&, const Name&) {
    return failed = e;
  }
  constexpr errc fail(errc e, const relo::where&) { return failed = e; }
  template <class Name>
  constexpr void warn(errc, const relo::where&, const Name& called) {
    warned << called << '\n';
  }

  // The module's memory: records at 0, and what the tests put elsewhere.
  constexpr void put(std::size_t at, std::uint64_t v, std::size_t size = 8) {
    for (std::size_t i = 0; i < size; ++i, v >>= 8)
      m.memory[at + i] = static_cast<unsigned char>(v);
  }
  constexpr std::uint64_t get(std::size_t at, std::size_t size) const {
    std::uint64_t v = 0;
    for (std::size_t i = size; i-- > 0;) v = v << 8 | m.memory[at + i];
    return v;
  }
  /// A parameter called by the one letter, whose name is at 400 + 2 * that.
  constexpr void add(char called, param_type type, addr arg, unsigned flags = 0) {
    const std::size_t at = static_cast<std::size_t>(m.parameters.size);
    const std::size_t name_at = 400 + 2 * static_cast<std::size_t>(called - 'a');
    m.memory[name_at] = static_cast<unsigned char>(called);
    put(at, base + name_at);
    put(at + 16, param_ops[static_cast<std::size_t>(type)]);
    put(at + 27, flags, 1);
    put(at + 32, arg);
    m.parameters.size += 40;
  }
  constexpr errc parse(const char* args) {
    mod = &m;
    log = {};
    std::array<unsigned char, 1200> copy{};
    const std::size_t n = name{args}.size();
    for (std::size_t i = 0; i < n; ++i) copy[i] = static_cast<unsigned char>(args[i]);
    return parse_args(*this, 0x1000, std::span{copy}.first(n + 1));
  }
};
using toy = toy_load<generation::v6_12>;

constexpr bool stores(param_type type, const char* args, std::uint64_t expected, std::size_t size) {
  toy load;
  load.add('p', type, base + 300);
  load.put(300 + size, 0x55, 1);
  return load.parse(args) == errc::ok && load.get(300, size) == expected &&
         load.get(300 + size, 1) == 0x55;
}
static_assert(stores(param_type::byte, "p=0xff", 255, 1));
static_assert(stores(param_type::short_int, "p=-2", 0xfffe, 2));
static_assert(stores(param_type::bint, "p=on", 1, 4));
static_assert(stores(param_type::invbool, "p=0", 1, 1));
static_assert(stores(param_type::ulong, "p=07", 7, 8));
static_assert(stores(param_type::charp, "p=\"a b\"", 0x1003, 8));

}  // namespace

TEST_CASE("what the kernel says of values") {
  toy load;
  load.add('i', param_type::integer, base + 300);
  load.add('s', param_type::string, base + 320);
  load.put(320, 4, 4), load.put(328, base + 340);
  load.add('c', param_type::charp, base + 350);
  load.add('e', param_type::bool_enable_only, base + 360);
  load.add('u', param_type::boolean, base + 361, 1);
  const auto says = [&](const std::string& args, errc e, const std::string& line) {
    CAPTURE(args);
    CHECK(load.parse(args.c_str()) == e);
    CHECK(load.log.c_str() == line);
  };
  says("i=1 i=2", errc::ok, "");
  says("i", errc::bad_parameter, "toy: `' invalid for parameter `i'\n");
  says("i=1=2", errc::bad_parameter, "toy: `1=2' invalid for parameter `i'\n");
  says("s=abcd", errc::parameter_too_long,
       "s: string doesn't fit in 3 chars.\ntoy: `abcd' too large for parameter `s'\n");
  says("s=abc", errc::ok, "");
  CHECK(load.get(340, 4) == 0x636261);
  const std::string most(1024, 'x');
  says("c=" + most, errc::ok, "");
  CHECK(load.parse(("c=x" + most).c_str()) == errc::parameter_too_long);
  CHECK(std::string{load.log.c_str()}.find("c: string parameter too long\ntoy: `xxx") == 0);
  says("e e=0", errc::parameter_stays_enabled, "toy: `0' invalid for parameter `e'\n");
  CHECK(errno_of(errc::parameter_stays_enabled) == 30);
  CHECK(load.state.tainted.bits() == 0);
  says("u=maybe", errc::bad_parameter,
       "Setting dangerous option u - tainting kernel\ntoy: `maybe' invalid for parameter `u'\n");
  CHECK(load.state.tainted.test(taint::user));

  // Every parameter is tried, and the last error counts.
  says("i=x s=abcd e i=4 -- rest", errc::parameter_too_long,
       "toy: `x' invalid for parameter `i'\ns: string doesn't fit in 3 chars.\n"
       "toy: `abcd' too large for parameter `s'\n");
  CHECK(load.get(300, 4) == 4);
  says(" --  i=5 x ", errc::ok, "toy: parameters 'i=5 x ' after `--' ignored\n");
  says("--", errc::ok, "toy: parameters '' after `--' ignored\n");
  says("--=1", errc::ok, "toy: unknown parameter '--' ignored\n");
  says("=1 \"", errc::ok,
       "toy: unknown parameter '=1' ignored\ntoy: unknown parameter '' ignored\n");
  says("\"i=7\" s=\"\" i=\"8\"", errc::ok, "");
  CHECK(load.get(300, 4) == 8);
  says("s=a\"b", errc::ok, "");
  CHECK(load.get(340, 4) == 'a' + ('"' << 8) + ('b' << 16));
  says("\xa0i=9\xa0", errc::ok, "");
  CHECK(load.get(300, 4) == 9);
}

TEST_CASE("names that are not the module's") {
  toy load;
  const auto says = [&](const char* args, const std::string& line) {
    CAPTURE(args);
    CHECK(load.parse(args) == errc::ok);
    CHECK(load.log.c_str() == line);
  };
  says("async_probe=0", "");
  CHECK(!load.m.async_probe_requested);
  says("async_probe", "");
  CHECK(load.m.async_probe_requested);
  says("async_probe=n async_probe=x", "");
  CHECK(load.m.async_probe_requested);
  says("async-probe", "toy: unknown parameter 'async-probe' ignored\n");
  says("dyndbg other.dyndbg=+p", "");
  says("a.b.c=1", "toy: unknown parameter 'a' ignored\n");
  load.state.settings.dynamic_debug = false;
  says("dyndbg a.b", "dyndbg param is supported only in CONFIG_DYNAMIC_DEBUG builds\n"
                     "toy: unknown parameter 'a.b' ignored\n");

  toy_load<generation::v5_11> old;
  old.add('b', param_type::boolean, base + 300);
  CHECK(old.parse("async_probe=0") == errc::ok);
  CHECK(old.m.async_probe_requested);
  CHECK(old.parse("b=true") == errc::bad_parameter);
}

TEST_CASE("arrays") {
  toy load;
  load.add('a', param_type::array, base + 300);
  const auto array = [&](std::uint32_t max, std::uint32_t elemsize, std::uint64_t num,
                         param_type type, std::uint64_t elem) {
    load.put(300, max, 4), load.put(304, elemsize, 4), load.put(308, num);
    load.put(316, load.param_ops[static_cast<std::size_t>(type)]), load.put(324, elem);
  };
  const auto shorts = [&] { array(3, 4, base + 340, param_type::short_int, base + 344); };
  shorts();
  load.put(344, ~0ULL), load.put(352, ~0ULL);
  CHECK(load.parse("a=1,-2") == errc::ok);
  CHECK(load.get(340, 4) == 2);
  CHECK(load.get(344, 8) == 0xffff'fffe'ffff'0001);
  CHECK(load.get(352, 8) == ~0ULL);
  // What was stored before an error stays.
  CHECK(load.parse("a=5,70000,6") == errc::parameter_out_of_range);
  CHECK(load.log.c_str() == std::string{"toy: `5' invalid for parameter `a'\n"});
  CHECK(load.get(340, 4) == 1);
  CHECK(load.get(344, 2) == 5);
  CHECK(load.parse("a=1,2,3,4") == errc::bad_parameter);
  CHECK(load.get(340, 4) == 3);
  CHECK(load.log.c_str() == std::string{"a: can only take 3 arguments\n"
                                        "toy: `1' invalid for parameter `a'\n"});
  CHECK(load.parse("a") == errc::bad_parameter);
  CHECK(load.parse("a=") == errc::bad_parameter);
  array(0xffff'fff0, 1, 0, param_type::byte, base + 500);
  CHECK(load.parse("a=1,2,3,4,5,6,7,8,9,10,11,12") == errc::ok);
  CHECK(load.get(511, 1) == 12);
  CHECK(load.parse("a=1,2,3,4,5,6,7,8,9,10,11,12,13") == errc::bad_section_contents);
  array(0x8000'0000, 0, 0, param_type::byte, base + 500);
  CHECK(load.parse("a=1,2,3,4,5,6,7,8,9,10,11,12,13") == errc::ok);
  CHECK(load.get(500, 1) == 13);
  array(4, 0xffff'ffff, 0, param_type::byte, base + 500);
  CHECK(load.parse("a=1,2,3") == errc::ok);
  CHECK(load.get(498, 3) == 0x010203);
  array(0, 1, 0, param_type::byte, base + 500);
  CHECK(load.parse("a=1") == errc::bad_parameter);
  CHECK(load.log.c_str() == std::string{"a: can only take 0 arguments\n"
                                        "toy: `1' invalid for parameter `a'\n"});

  for (const std::uint64_t num : {base - 4, base + 509, std::uint64_t{8}, ~std::uint64_t{0}}) {
    array(3, 4, num, param_type::byte, base + 500);
    CHECK(load.parse("a=1") == errc::bad_section_contents);
  }
  array(3, 4, 0, param_type::array, base + 500);
  CHECK(load.parse("a=1") == errc::bad_section_contents);
  array(3, 4, 0, param_type::unknown, base + 500);
  CHECK(load.parse("a=1") == errc::bad_section_contents);
}

TEST_CASE("values stored over their parameter's own name") {
  // Of the name at the end of the module's memory, the NUL is the last byte.
  const auto add = [](auto& load, std::uint64_t most, std::uint64_t size, param_type type,
                      std::uint64_t elements) {
    load.add('x', param_type::array, base + 300);
    load.put(0, base + 510);
    load.put(510, 'x', 2);
    load.put(300, most, 4), load.put(304, size, 4), load.put(308, 0);
    load.put(316, load.param_ops[static_cast<std::size_t>(type)]);
    load.put(324, elements);
  };
  const auto parse = [&](auto load, const char* args, const std::string& line) {
    add(load, 2, 1, param_type::byte, base + 510);
    CHECK(load.parse(args) == errc::bad_parameter);
    CHECK(load.log.c_str() == line);
  };
  parse(toy_load<generation::v6_1>{}, "x=255,255,1",
        ": can only take 2 arguments\ntoy: `255' invalid for parameter `x'\n");
  parse(toy{}, "x=89,0,1", "Y: can only take 2 arguments\ntoy: `89' invalid for parameter `x'\n");

  // A text that does not fit, after one that did.
  toy load;
  add(load, 9, 16, param_type::string, base + 340);
  load.put(340, 3, 4), load.put(348, base + 509);
  load.put(356, 1, 4), load.put(364, base + 509);
  CHECK(load.parse("x=ab,cd") == errc::parameter_too_long);
  CHECK(load.log.c_str() == std::string{"b: string doesn't fit in 0 chars.\n"
                                        "toy: `ab' too large for parameter `x'\n"});
}

TEST_CASE("parameters whose functions nobody here can call") {
  toy load;
  load.add('f', param_type::unknown, base + 300);
  load.put(16, base + 320);
  load.put(328, base);
  CHECK(load.parse("f=1") == errc::ok);
  CHECK(load.warned.c_str() == std::string{"f\n"});
  CHECK(load.log.empty());
  CHECK(load.parse("f") == errc::bad_parameter);
  load.put(320, 1, 4);
  CHECK(load.parse("f") == errc::ok);
  load.put(328, 0);  // no function to set it
  CHECK(load.parse("f=1") == errc::bad_section_contents);
  load.put(16, theirs);
  CHECK(load.parse("f") == errc::ok);
  load.put(16, theirs + 8);
  CHECK(load.parse("f") == errc::bad_section_contents);

  // A variable that another's symbol is: read as the kernel reads it, and not stored.
  toy other;
  other.add('i', param_type::integer, theirs);
  CHECK(other.parse("i=5") == errc::ok);
  CHECK(other.parse("i=x") == errc::bad_parameter);
}

TEST_CASE("tables that lead elsewhere") {
  for (const std::uint64_t at : {std::uint64_t{0}, base - 1, base + 512, ~std::uint64_t{0}})
    for (unsigned t = 1; t < param_types; ++t) {
      toy load;
      load.add('p', static_cast<param_type>(t), at);
      CAPTURE(t);
      CAPTURE(at);
      CHECK(load.parse("p=1") == errc::bad_section_contents);
      CHECK(load.failed == errc::bad_section_contents);
    }
  // The last byte that there is room for.
  const auto at_end = [](param_type type, std::uint64_t size) {
    toy load;
    load.add('f', type, base + 512 - size);
    load.add('o', type, base + 513 - size);
    CHECK(load.parse("f=1") == errc::ok);
    CHECK(load.parse("o=1") == errc::bad_section_contents);
  };
  at_end(param_type::boolean, 1), at_end(param_type::byte, 1), at_end(param_type::ushort, 2);
  at_end(param_type::bint, 4), at_end(param_type::hexint, 4), at_end(param_type::long_int, 8);
  at_end(param_type::charp, 8);

  toy unnamed;
  unnamed.add('p', param_type::integer, base + 300);
  unnamed.put(0, base + 512);
  CHECK(unnamed.parse("p=1") == errc::bad_section_contents);
  unnamed.put(0, base + 500);
  for (std::size_t i = 500; i < 512; ++i) unnamed.put(i, 'p', 1);
  CHECK(unnamed.parse("p=1") == errc::bad_section_contents);
  // A record that is cut off is none.
  toy cut;
  cut.add('p', param_type::integer, base + 300);
  cut.m.parameters.size = 39;
  CHECK(cut.parse("p=1") == errc::ok);
  CHECK(cut.warned.c_str() == std::string{"p\n"});
}

TEST_CASE("any table, any arguments") {
  std::minstd_rand engine{2};
  const auto random = [&] { return static_cast<unsigned>(engine()); };
  const std::string letters = "ps=\"1, -x";
  for (int i = 0; i < 100'000; ++i) {
    toy load;
    load.add('p', static_cast<param_type>(random() % param_types), base + random() % 520);
    load.add('s', static_cast<param_type>(random() % param_types), base + random() % 520);
    // Somewhere among the records, and among what they point to.
    for (int n = 0; n < 4; ++n) {
      const std::size_t at = random() % 504;
      load.put(at,
               random() % 3 == 0   ? ~0ULL
               : random() % 2 == 0 ? base + random() % 520
                                   : random(),
               random() % 9);
    }
    std::string args;
    for (unsigned n = random() % 30; n != 0; --n) args += letters[random() % letters.size()];
    load.mod = &load.m;
    // The arguments end where their memory does, or are the module's own.
    std::vector<unsigned char> copy(args.begin(), args.end());
    copy.push_back(0);
    const bool inside = random() % 2 == 0;
    const std::size_t at = 512 - copy.size();
    if (inside) std::copy(copy.begin(), copy.end(), load.m.memory.begin() + static_cast<long>(at));
    const auto where = inside ? std::span{load.m.memory}.subspan(at) : std::span{copy};
    const errc e = parse_args(load, base + at, where);
    REQUIRE((e == errc::ok || load.failed == e));
  }
}
