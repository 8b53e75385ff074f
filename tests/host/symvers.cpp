#include <relo/host/symvers.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

using relo::export_kind;
using relo::host::symvers;

bool read(symvers& table, const std::string& text) {
  return table.read({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}
const relo::host::symvers_entry* entry(const symvers& table, const char* name) {
  return table.entry(relo::elf::name{name});
}

}  // namespace

TEST_CASE("Module.symvers of several ages") {
  symvers table;
  REQUIRE(read(table, "0x4c9d28b0\tphys_base\tvmlinux\tEXPORT_SYMBOL\t\n"
                      "0x0000000a\tb\tdrivers/net/my-mod\tEXPORT_SYMBOL_GPL\tNS\n"
                      "0xFFFFFFFF\tc\tfs/old\tEXPORT_UNUSED_SYMBOL_GPL\n"
                      "0x1\td\tNS4\tlib/d-d.ko\tEXPORT_SYMBOL_GPL_FUTURE\n"
                      "0x2\tb\tvmlinux\tEXPORT_SYMBOL\t\n"
                      "0x3\te\tvmlinux\tEXPORT_UNUSED_SYMBOL"));
  CHECK(table.entries().size() == 6);

  const auto* e = entry(table, "phys_base");
  REQUIRE(e != nullptr);
  CHECK(e->crc == 0x4c9d28b0);
  CHECK(std::string{e->owner}.empty());
  CHECK(std::string{e->name_space}.empty());
  CHECK(e->kind == export_kind::plain);
  CHECK_FALSE(e->unused);

  e = entry(table, "b");  // the first of two
  REQUIRE(e != nullptr);
  CHECK(e->crc == 10);
  CHECK(std::string{e->owner} == "my_mod");
  CHECK(std::string{e->name_space} == "NS");
  CHECK(e->kind == export_kind::gpl);

  e = entry(table, "c");
  REQUIRE(e != nullptr);
  CHECK(e->crc == 0xffffffff);
  CHECK(e->kind == export_kind::gpl);
  CHECK(e->unused);

  e = entry(table, "d");
  REQUIRE(e != nullptr);
  CHECK(std::string{e->owner} == "d_d");
  CHECK(std::string{e->name_space} == "NS4");
  CHECK(e->kind == export_kind::gpl_future);

  CHECK(entry(table, "e") != nullptr);
  CHECK(entry(table, "phys_bas") == nullptr);
  CHECK(entry(table, "") == nullptr);
}

TEST_CASE("symbols are for whom they are exported") {
  symvers table;
  REQUIRE(read(table, "0x1\ta\tvmlinux\tEXPORT_SYMBOL\n0x2\tb\tvmlinux\tEXPORT_SYMBOL_GPL\n"));
  relo::kmod::kernel_symbol<std::uint64_t> a, b, none;
  CHECK(table.find(relo::elf::name{"a"}, false, a));
  CHECK_FALSE(table.find(relo::elf::name{"b"}, false, b));
  CHECK(table.find(relo::elf::name{"b"}, true, b));
  CHECK(a.crc == 1);
  CHECK(b.crc == 2);
  CHECK(a.address != b.address);
  CHECK_FALSE(table.find(relo::elf::name{"c"}, true, none));
}

TEST_CASE("what is none is told by its line") {
  symvers table;
  for (const char* const bad :
       {"0x1\ta\tvmlinux\n", "1\ta\tvmlinux\tEXPORT_SYMBOL\n", "0x\ta\tvmlinux\tEXPORT_SYMBOL\n",
        "0x123456789\ta\tvmlinux\tEXPORT_SYMBOL\n", "0xg\ta\tvmlinux\tEXPORT_SYMBOL\n",
        "0x1\t\tvmlinux\tEXPORT_SYMBOL\n", "0x1\ta\tvmlinux\tEXPORT\n",
        "0x1\ta\tvmlinux\tEXPORT_SYMBOL\tNS\tmore\n", "\177ELF"}) {
    CAPTURE(bad);
    CHECK_FALSE(read(table, std::string{"0x1\ta\tvmlinux\tEXPORT_SYMBOL\n\n"} + bad));
    CHECK(table.bad_line() == 3);
    CHECK(table.entries().empty());
    CHECK(entry(table, "a") == nullptr);
  }
  CHECK(read(table, ""));
  CHECK(entry(table, "a") == nullptr);
}
