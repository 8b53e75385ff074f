#include <relo/diagnostics.hpp>
#include <relo/linux/errno.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

TEST_CASE("every error has a text of its own") {
  std::set<std::string> texts;
  int n = 0;
  for (; n <= static_cast<int>(relo::errc::no_exit); ++n) {
    const std::string text = message(static_cast<relo::errc>(n));
    CHECK(text != "?");
    CHECK(texts.insert(text).second);
  }
  CHECK(std::string(message(static_cast<relo::errc>(n))) == "?");

  // A kernel's are none of the core's, and have an errno as well.
  namespace kmod = relo::kmod;
  CHECK(std::string(message(kmod::error::not_permitted)) == "?");
  for (n = 0; n <= 255; ++n) {
    const auto e = static_cast<relo::errc>(n);
    const bool own = e >= kmod::error::not_permitted && e <= kmod::error::duplicate_attribute;
    if (!own) CHECK(std::string(kmod::words::message(e)) == message(e));
    else CHECK(texts.insert(kmod::words::message(e)).second);
    CHECK(std::string(kmod::errno_name(kmod::errno_of(e))) != "?");
  }
  CHECK(kmod::errno_of(relo::errc::ok) == 0);
  CHECK(kmod::errno_of(relo::errc::bad_magic) == kmod::err::noexec);
  CHECK(kmod::errno_of(kmod::error::key_rejected) == kmod::err::keyrejected);
}

TEST_CASE("a report says all it was told, and no more") {
  relo::located<> d;
  d.report({relo::errc::relocation_overflow,
            {.stage = "apply_relocations",
             .section = 3,
             .symbol = 9,
             .relocation = 12,
             .type = 2,
             .offset = 0x34,
             .value = 0x1'2345'6789},
            ".text",
            "far",
            {"R_X86_64_", "PC32"}});
  CHECK(std::string(d.describe().c_str()) == "apply_relocations: value does not fit the relocated "
                                             "field: .text+0x34, relocation 12, R_X86_64_PC32, "
                                             "symbol 'far', value 0x123456789");
  d.report({.code = relo::errc::bad_magic, .at = {.stage = "elf_validity_check"}});
  CHECK(std::string(d.describe().c_str()) == "elf_validity_check: not an ELF file");
  d.report({.code = relo::errc::unknown_relocation,
            .at = {.stage = "s", .section = 3, .symbol = 4, .type = 77}});
  CHECK(std::string(d.describe().c_str()) ==
        "s: unknown relocation type: section 3, type 77, symbol 4");
}

TEST_CASE("names in an error are no commands to a terminal, and begin no line") {
  relo::located<> d;
  d.report({relo::errc::unknown_symbol,
            {.stage = "s", .section = 1, .symbol = 2},
            ".text\n\x9b",
            "\033[2Ka\r\tb\x7f"});
  d.also("\xc2\x85");
  CHECK(std::string(d.describe().c_str()) ==
        "s: unknown symbol: .text\\x0a\\x9b, symbols '\\x1b[2Ka\\x0d\\x09b\\x7f', '\\xc2\\x85'");
}

TEST_CASE("a kernel's errors: with its errno, and what it said of them") {
  relo::kmod::located<> d;
  d.enter("early_mod_check");
  d.printk("mine: version magic 'x' should be 'y'");
  d.report({.code = relo::kmod::error::wrong_vermagic, .at = {.stage = "check_modinfo"}});
  CHECK(d.number() == relo::kmod::err::noexec);
  CHECK(std::string(d.line()) == "mine: version magic 'x' should be 'y'");
  CHECK(std::string(d.describe().c_str()) ==
        "check_modinfo: module is for another kernel (vermagic)");
  // What was said before is not about this.
  d.printk("another line");
  d.enter("load_module");
  d.report({.code = relo::errc::out_of_memory, .at = {.stage = "load_module"}});
  CHECK(d.number() == relo::kmod::err::nomem);
  CHECK(std::string(d.line()) == "");
}

TEST_CASE("text that does not fit is cut, never overrun") {
  relo::text<8> t;
  t << "abc" << std::uint64_t{12345} << 'x';
  CHECK(std::string(t.c_str()) == "abc1234");
  relo::text<20> whole;
  (whole << "0").hex(0xdeadbeef);
  CHECK(std::string(whole.c_str()) == "00xdeadbeef");
  relo::located<16> d;
  d.report({relo::errc::unknown_symbol,
            {.stage = "simplify_symbols", .symbol = 1},
            "",
            "a_symbol_with_a_long_name"});
  CHECK(std::string(d.describe<64>().c_str()) ==
        "simplify_symbols: unknown symbol: symbol 'a_symbol_wit...'");
  CHECK(std::string(d.describe<16>().c_str()) == "simplify_sym...");
}
