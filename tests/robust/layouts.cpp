// Every ELF layout with either kind of relocation record, and with compact ones: the same object,
// written in each, loads alike. The machine is a toy, so that what is tested is the format and no
// psABI.
#include "bench.hpp"
#include "object.hpp"
#include "toy.hpp"

#include <boost/hana/cartesian_product.hpp>
#include <boost/hana/transform.hpp>
#include <boost/hana/type.hpp>

namespace {

namespace hana = boost::hana;
namespace elf = relo::elf;
using robust::bytes, robust::host_function, robust::toy;

constexpr auto formats = hana::tuple_t<elf::elf32le, elf::elf32be, elf::elf64le, elf::elf64be>;
constexpr auto records = hana::tuple_t<std::false_type, std::true_type>;
constexpr auto toys =
    hana::transform(hana::cartesian_product(hana::make_tuple(formats, records)), [](auto pair) {
      using format = typename std::remove_cvref_t<decltype(pair[hana::size_c<0>])>::type;
      using rela = typename std::remove_cvref_t<decltype(pair[hana::size_c<1>])>::type;
      return hana::type_c<toy<format, rela::value>>;
    });
using every_toy = typename decltype(hana::unpack(toys, hana::template_<std::tuple>))::type;

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("an object of each layout", Toy, layout) {
  using addr = typename Toy::addr;
  using object = robust::object<typename Toy::format>;
  object o{Toy::machine};
  const auto put = [](bytes& out, auto value) { object::put(out, value); };

  // Compact records of either machine have addends or have none; or it is not those that are used.
  enum { its_own, with_addends, without_addends };
  int form = its_own;
  SUBCASE("as its psABI has them") {}
  SUBCASE("compact, with addends") { form = with_addends; }
  SUBCASE("compact, without") { form = without_addends; }
  const bool rela = form == its_own ? Toy::rela : form == with_addends;

  // One word for each relocation. In Elf_Rel the addend is the word; in Elf_Rela it is not.
  bytes text, expected;
  std::vector<typename object::relocation> relocations;
  const auto word = [&](std::uint32_t symbol, std::uint32_t type, auto addend, auto value) {
    const auto offset = static_cast<addr>(text.size());
    const auto extended = static_cast<addr>(
        static_cast<std::int64_t>(static_cast<std::make_signed_t<decltype(addend)>>(addend)));
    relocations.push_back({offset, symbol, type, extended});
    put(text, rela ? decltype(addend){} : addend);
    put(expected, value);
  };

  const std::uint32_t in_text =
      o.add_section({.name = ".text", .flags = elf::shf::alloc | elf::shf::execinstr, .align = 16});
  const std::uint32_t in_rodata =
      o.add_section({.name = ".rodata", .contents = {1, 2, 3, 4}, .align = 4});
  const std::uint32_t local =
      o.add_symbol({.name = "local", .section = in_rodata, .value = 2, .bind = elf::stb::local});
  const std::uint32_t host = o.add_symbol({.name = "host_add"});
  const std::uint32_t small =
      o.add_symbol({.name = "small", .section = object::abs, .value = 0x70});
  const std::uint32_t missing = o.add_symbol({.name = "missing", .bind = elf::stb::weak});

  // Text, then the GOT with one slot, then what the object has.
  constexpr std::uint32_t text_size = 0x40, got = robust::module_space + text_size,
                          rodata = got + sizeof(addr);
  word(local, Toy::abs32, std::uint32_t{5}, rodata + 2 + 5);
  word(local, Toy::absolute, addr{0x10}, addr{rodata + 2 + 0x10});
  word(host, Toy::absolute, static_cast<addr>(-8), addr{host_function - 8});
  word(host, Toy::pc32, static_cast<std::uint32_t>(-4),
       host_function - 4 - (robust::module_space + static_cast<std::uint32_t>(text.size())));
  word(host, Toy::got_pc32, std::uint32_t{0},
       got - (robust::module_space + static_cast<std::uint32_t>(text.size())));
  word(missing, Toy::absolute, addr{0}, addr{0});
  word(missing, Toy::none, std::uint32_t{0x01020304}, rela ? 0U : 0x01020304U);
  word(small, Toy::abs16, static_cast<std::uint16_t>(-0x71), std::uint16_t{0xffff});
  word(small, Toy::abs8, static_cast<std::uint8_t>(-1), std::uint8_t{0x6f});
  REQUIRE(text.size() <= text_size);
  text.resize(text_size), expected.resize(text_size);
  o.sections[in_text].contents = text;
  if (form == its_own) o.template relocate<Toy::rela>(in_text, relocations);
  else o.relocate_crel(in_text, relocations, rela);
  put(expected, addr{host_function});
  expected.insert(expected.end(), {1, 2, 3, 4});

  robust::bench<Toy, robust::guarded_memory, relo::one_region> bench{4096};
  const robust::outcome outcome = bench.load_both(o.finish());
  REQUIRE_MESSAGE(outcome.error == relo::errc::ok, outcome.text);
  REQUIRE(outcome.loaded.size() >= expected.size());
  CHECK(bytes(outcome.loaded.begin(),
              outcome.loaded.begin() + static_cast<std::ptrdiff_t>(expected.size())) == expected);
}
TEST_CASE_TEMPLATE_APPLY(layout, every_toy);
