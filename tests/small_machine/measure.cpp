// measure() says what load() then asks for, and takes nothing; in general and on small machines.
#include "small.hpp"

#include <array>
#include <vector>

namespace {

namespace elf = relo::elf;
using toy = small::toy_of<elf::elf32le>;
using object = robust::object<elf::elf32le>;
using relo::mem_type;

/// Remembers what it was asked for.
struct asked_memory : relo::buffer<std::uint32_t> {
  struct request {
    mem_type type;
    std::uint32_t size, align;
    bool operator==(const request&) const = default;
  };
  using buffer::buffer;
  std::vector<request> requests{};

  relo::block<std::uint32_t> allocate(mem_type type, std::uint32_t size, std::uint32_t align) {
    requests.push_back({type, size, align});
    return buffer::allocate(type, size, align);
  }
};

std::vector<unsigned char> three_sections() {
  object o{toy::machine};
  o.add_section({.name = ".text",
                 .flags = elf::shf::alloc | elf::shf::execinstr,
                 .contents = std::vector<unsigned char>(20),
                 .align = 4});
  o.add_section({.name = ".rodata", .contents = {1, 2, 3}, .align = 32});
  o.add_section({.name = ".data",
                 .flags = elf::shf::alloc | elf::shf::write,
                 .contents = std::vector<unsigned char>(40),
                 .align = 8});
  return o.finish();
}

template <class... Policies>
void check(Policies... policies) {
  static std::array<unsigned char, 4096> bytes;
  asked_memory memory{bytes, 0x2000'0000};
  relo::scratch<std::uint32_t, 64> scratch;
  relo::loader loader{toy{}, memory, scratch, relo::dont_run{}, std::move(policies)...};
  const auto image = three_sections();
  const relo::elf::contiguous source{std::span{image}};

  typename decltype(loader)::requirements needed;
  REQUIRE(loader.measure(source, needed) == relo::errc::ok);
  CHECK(memory.requests.empty());
  CHECK(scratch.mark() == 0);
  CHECK(loader.registry().first() == nullptr);
  CHECK(needed.scratch <= 64);

  REQUIRE(loader.load(source));
  std::vector<asked_memory::request> said;
  for (const auto& r : needed.regions)
    if (r.first != mem_type::in_image) said.push_back({r.first, r.size, r.align});
  CHECK(said == memory.requests);

  // An object that cannot be loaded cannot be measured either, and leaves as little.
  const std::span cut{image.data(), image.size() - 1};
  CHECK(loader.measure(relo::elf::contiguous{cut}, needed) != relo::errc::ok);
  CHECK(scratch.mark() == 0);
}

}  // namespace

TEST_CASE("what is measured is what is asked for") {
  check(relo::one_region{});
  check(relo::region_per_type{});
  check(relo::small_machine<2>{}, relo::load_small_module, relo::one_region{});
  check(relo::small_machine<2>{}, relo::load_small_module, relo::region_per_type{});
}
