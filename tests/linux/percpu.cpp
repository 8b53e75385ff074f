#include "kernel_object.hpp"

#include <doctest/doctest.h>

using namespace kernel_test;

namespace {

/// A module with `size` bytes of per-CPU data, counting from 1, a word of them relocated if there
/// are so many; and a symbol in them.
struct percpu_object : kernel_object {
  std::uint32_t section;

  explicit percpu_object(std::size_t size, address align = 8, const std::string& name = "odd")
      : kernel_object(name) {
    bytes contents(size);
    for (std::size_t i = 0; i < size; ++i) contents[i] = static_cast<unsigned char>(i + 1);
    section = add(".data..percpu", data, contents, align);
    add_symbol({"counter", section, 8, elf::stb::local, elf::stt::object});
    constexpr std::uint32_t abs64 = 1;
    if (size >= 16) relocate(section, {{8, 1, abs64}});
  }
};

/// With a place of its own for per-CPU data, which has no more than 100 bytes.
struct two_memories : plain_memory {
  std::vector<unsigned char> areas;
  block<address> allocate_percpu(address size, address align, unsigned cpus) {
    if (align_up(size, align) * cpus > 100) return {};
    areas.assign(align_up(size, align) * cpus, 0);
    return {std::span{areas}, 0x35030};
  }
  void release_percpu(const block<address>&) noexcept { areas.clear(); }
};

}  // namespace

TEST_CASE_TEMPLATE("each CPU has its copy, as the file has it", Kernel, KERNELS) {
  Kernel kernel{debian(3)};
  percpu_object o{24, 64};
  REQUIRE(kernel.load(o) == errc::ok);
  const auto& m = *kernel.last;
  CHECK(m.percpu.size == 24);
  CHECK(m.percpu.address % 64 == 0);
  for (unsigned cpu = 0; cpu < 3; ++cpu) {
    const auto copy = kmod::percpu_bytes(m, cpu);
    REQUIRE(copy.size() == 24);
    for (std::size_t i = 0; i < 24; ++i) CHECK(copy[i] == i + 1);
    address canonical = 0;
    const address theirs = m.percpu.address + cpu * 64;
    CHECK(kmod::percpu_address(kernel.loader, theirs + 23, canonical) == &m);
    CHECK(canonical == m.percpu.address + 23);
    CHECK(kmod::percpu_address(kernel.loader, theirs + 24, canonical) == nullptr);
  }
  CHECK(kmod::percpu_bytes(m, 3).empty());
  address canonical = 0;
  CHECK(kmod::percpu_address(kernel.loader, m.percpu.address - 1, canonical) == nullptr);
  CHECK(kmod::module_kallsyms_lookup_name(kernel.loader, "counter") == m.percpu.address + 8);

  kernel.loader.remove(*kernel.last);
  CHECK(kernel.memory.live == 0);
  CHECK(kernel.kernel.percpu_used == 0);
}

TEST_CASE_TEMPLATE("without per-CPU data there is none", Kernel, KERNELS) {
  Kernel kernel{debian(3)};
  percpu_object o{0};
  REQUIRE(kernel.load(o) == errc::ok);
  CHECK(kernel.last->percpu.empty());
  CHECK_FALSE(kernel.last->percpu_areas);
}

TEST_CASE_TEMPLATE("an alignment above a page is a page's", Kernel, KERNELS) {
  Kernel kernel{debian(2)};
  percpu_object o{16, 8192};
  REQUIRE(kernel.load(o) == errc::ok);
  CHECK(kernel.said.said("odd: per-cpu alignment 8192 > 4096"));
  CHECK(kernel.last->percpu_stride == 4096);
}

TEST_CASE_TEMPLATE("no room", Kernel, KERNELS) {
  Kernel kernel{debian(2)};
  const auto refused = [&](percpu_object& o, const std::string& size) {
    CHECK(kernel.load(o) == errc::out_of_memory);
    CHECK(kernel.said.said("odd: Could not allocate " + size + " bytes percpu data"));
    CHECK(kernel.loader.registry().first() == nullptr);
  };
  SUBCASE("more than all modules may have") {
    percpu_object o{8193};
    refused(o, "8193");
    CHECK(kernel.memory.live == 0);
  }
  SUBCASE("more than there is in the address space") {
    percpu_object o{16};
    o.sections[o.section].type = elf::sht::nobits;
    o.sections[o.section].size = ~address{0} - 1;
    refused(o, "18446744073709551614");
  }
  SUBCASE("an alignment that is none") {
    percpu_object o{16, 24};
    refused(o, "16");
  }
  SUBCASE("more than is left") {
    percpu_object first{8000, 8, "first"}, o{193}, fits{192, 8, "fits"};
    REQUIRE(kernel.load(first) == errc::ok);
    auto* const m = kernel.last;
    CHECK(kernel.load(o) == errc::out_of_memory);
    CHECK(kernel.load(fits) == errc::ok);
    kernel.loader.remove(*m);
    CHECK(kernel.load(o) == errc::ok);
  }
}

TEST_CASE_TEMPLATE("no contents in the file", Kernel, KERNELS) {
  Kernel kernel{debian(2)};
  percpu_object o{16};
  o.sections[o.section].type = elf::sht::nobits;
  o.sections[o.section].size = 4000;
  CHECK(kernel.load(o) == errc::section_out_of_file);
  CHECK(kernel.memory.live == 0);
  CHECK(kernel.kernel.percpu_used == 0);
}

TEST_CASE("per-CPU data in a memory of its own") {
  machine_with<kmod::generation::v6_1, two_memories> kernel{debian(2)};
  percpu_object o{24, 16};
  REQUIRE(kernel.load(o) == errc::ok);
  CHECK(kernel.last->percpu.address == 0x35030);
  CHECK(kernel.memory.areas.size() == 64);
  CHECK(kernel.memory.areas[32] == 1);
  kernel.loader.remove(*kernel.last);
  CHECK(kernel.memory.areas.empty());

  percpu_object large{80, 16};
  CHECK(kernel.load(large) == errc::out_of_memory);
  CHECK(kernel.memory.live == 0);
}
