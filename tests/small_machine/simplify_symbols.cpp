// Which symbols a small machine's modules get, and what is said of those that they do not get.
#include "small.hpp"

#include <relo/module/linear_ksymtab_exports.hpp>

#include <string>
#include <vector>

namespace {

using namespace small;

struct names {
  template <class Name>
  bool find(const Name& called, bool, relo::symbol<addr>& out) const {
    if (!(called == "known")) return false;
    out.address = 0x1234;
    return true;
  }
};
constexpr names known{};

template <class Values, std::size_t Words = 200>
struct fixture {
  relo::static_arena<4096> memory;
  relo::symbols<names> symbols{known};
  relo::scratch<addr, Words> words{};
  relo::loader<toy, relo::static_arena<4096>&, relo::symbols<names>&, relo::scratch<addr, Words>&,
               relo::one_region, relo::dont_run, relo::linear_ksymtab_exports,
               relo::small_machine<2, 16>, Values, stages>
      loader{toy{},
             memory,
             symbols,
             words,
             relo::one_region{},
             relo::dont_run{},
             relo::linear_ksymtab_exports{},
             relo::small_machine<2, 16>{},
             Values{},
             stages{relo::load_small_named_module}};

  std::string said_of(object& o) {
    const auto bytes = o.finish();
    const auto m = loader.load(bytes, {.name = "m"});
    return m ? "" : loader.diagnostics().describe().c_str();
  }
};

struct data_with_symbols : object {
  std::uint32_t data;
  std::vector<object::relocation> records{};

  data_with_symbols() : object{toy::machine} {
    data = add_section({.name = ".data",
                        .flags = elf::shf::alloc | elf::shf::write,
                        .contents = std::vector<unsigned char>(64 * word)});
  }
  void refer(const object::symbol& s, std::uint32_t type = toy::absolute) {
    records.push_back({static_cast<addr>(records.size() * word), add_symbol(s), type});
  }
};

TEST_CASE_TEMPLATE("all unknown names are told at once", values, relo::values_when_asked,
                   relo::values_in_order) {
  fixture<values> f;
  data_with_symbols o;
  o.refer({.name = "known"});
  o.refer({.name = "first"});
  o.refer({.name = "weak", .bind = elf::stb::weak});
  o.refer({.name = "for nobody"}, toy::none);
  for (const char* name : {"second", "third"}) o.refer({.name = name});
  o.records.push_back({static_cast<addr>(20 * word), o.records[1].symbol, toy::absolute});
  o.add_symbol({.name = "not asked for"});
  o.relocate(o.data, o.records);
  CHECK(f.said_of(o) == "apply_relocations: unknown symbol: .data+" +
                            std::string(word == 8 ? "0x8" : "0x4") +
                            ", relocation 1, R_TOY_ADDRESS, symbols 'first', 'second', 'third'");
  CHECK(f.memory.in_use() == 0);
}

TEST_CASE_TEMPLATE("more than are kept are counted, and none is told twice", values,
                   relo::values_when_asked, relo::values_in_order) {
  fixture<values> f;
  data_with_symbols o;
  for (int i = 0; i < 56; ++i) o.refer({.name = "name" + std::to_string(i)});
  o.relocate(o.data, o.records);
  const std::string said = f.said_of(o);
  CHECK_MESSAGE(said.find("symbols 'name0', 'name1', 'name2', 'name3', 'name4', 'name5', 'name6', "
                          "'name7' and 48 more") != said.npos,
                said);
}

TEST_CASE_TEMPLATE("with few words of scratch memory, the names that have one are told", values,
                   relo::values_when_asked, relo::values_in_order) {
  fixture<values, 12> f;  // a word for each of the sections, and three
  data_with_symbols o;
  for (const char* name : {"a", "b", "c", "d"}) o.refer({.name = name});
  o.relocate(o.data, o.records);
  const std::string said = f.said_of(o);
  CHECK_MESSAGE(said.find("symbols 'a', 'b'") != said.npos, said);
}

TEST_CASE_TEMPLATE("what no loader can resolve is refused as the general loader refuses it", values,
                   relo::values_when_asked, relo::values_in_order) {
  const auto said_of_type = [](unsigned type) {
    fixture<values> f;
    data_with_symbols o;
    o.refer({.name = "odd", .section = o.data, .type = type});
    o.relocate(o.data, o.records);
    return f.said_of(o);
  };
  const std::string end = ": .data+0x0, relocation 0, R_TOY_ADDRESS, symbol 'odd'";
  CHECK(said_of_type(elf::stt::gnu_ifunc) ==
        "apply_relocations: indirect function (STT_GNU_IFUNC) is not supported" + end);
  CHECK(said_of_type(elf::stt::tls) ==
        "apply_relocations: thread-local variable, and thread-local storage is not supported" +
            end);
  CHECK(said_of_type(elf::stt::func) == "");
}

TEST_CASE_TEMPLATE("a type that the machine leaves out is named, with the reason", values,
                   relo::values_when_asked, relo::values_in_order) {
  fixture<values> f;
  data_with_symbols o;
  o.refer({.name = "known"}, robust::toy<format, true>::pc32);
  o.relocate(o.data, o.records);
  CHECK(f.said_of(o) == "apply_relocations: relocation type that the loader's machine leaves out "
                        "(relo::only): .data+0x0, relocation 0, R_TOY_PC32, symbol 'known'");
  data_with_symbols g;
  g.refer({.name = "known"}, robust::toy<format, true>::got_pc32);
  g.relocate(g.data, g.records);
  CHECK(f.said_of(g) == "apply_relocations: relocation needs a GOT, and the loader has none: "
                        ".data+0x0, relocation 0, R_TOY_GOTPC32, symbol 'known'");
}

TEST_CASE_TEMPLATE("a module that goes exports nothing any more", values, relo::values_when_asked,
                   relo::values_in_order) {
  fixture<values> f;
  object one{toy::machine};
  const auto text = one.add_section({.name = ".text",
                                     .flags = elf::shf::alloc | elf::shf::execinstr,
                                     .contents = std::vector<unsigned char>(8)});
  const auto strings = one.add_section({.name = "__ksymtab_strings", .contents = {'f', 0}});
  const auto table = one.add_section(
      {.name = "__ksymtab", .contents = std::vector<unsigned char>(3 * word), .align = word});
  const auto name = one.add_symbol({.name = "", .section = strings});
  const auto value = one.add_symbol({.name = "f", .section = text});
  one.relocate(table, {{0, value, toy::absolute}, {word, name, toy::absolute}});
  const auto exporter = f.loader.load(one.finish(), {.name = "one"});
  REQUIRE(exporter);
  const auto said = [&] {
    data_with_symbols o;
    o.refer({.name = "f"});
    o.relocate(o.data, o.records);
    return f.said_of(o);
  };
  f.loader.registry().set_state(*exporter, relo::module_state::going);
  CHECK(said() == "apply_relocations: symbol belongs to a module that is not live: .data+0x0, "
                  "relocation 0, R_TOY_ADDRESS, symbol 'f'");
  f.loader.registry().set_state(*exporter, relo::module_state::live);
  CHECK(exporter->references == 0);
  CHECK(said() == "");
}

}  // namespace
