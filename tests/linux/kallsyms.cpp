#include "kernel_object.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace kernel_test;

namespace {

/// With symbols of every kind.
struct named_object : kernel_object {
  std::uint32_t bss, rodata, init_data, debug, percpu;

  explicit named_object(const std::string& name = "odd") : kernel_object(name) {
    bss = add({".bss", elf::sht::nobits, data, {}, 8, 64});
    rodata = add(".rodata", constant, bytes(16), 8);
    init_data = add(".init.data", data, bytes(16), 8);
    debug = add(".debug_info", 0, bytes(16), 1);
    percpu = add(".data..percpu", data, bytes(16), 8);
    local("first", text, 0);
    local("", text, 4);
    local("$d.3", text, 8);
    local(".Ltmp", text, 12);
    local("second", text, 16);
    local("starts", init_text, 0);
    local("zeros", bss, 8);
    local("letters", rodata, 4);
    local("once", init_data, 0);
    local("information", debug, 0);
    local("each", percpu, 8);
    local("absolute", abs, 0x1234);
    add_symbol({"weak_code", text, 32, elf::stb::weak, elf::stt::func});
    add_symbol({"weak_object", bss, 32, elf::stb::weak, elf::stt::object});
    add_symbol({"nobody", 0, 0, elf::stb::weak});
    add_symbol({"exported", this_module, 0, elf::stb::global, elf::stt::object});
  }
  void local(const char* name, std::uint32_t in, address value) {
    add_symbol({name, in, value, elf::stb::local, elf::stt::object});
  }
};

template <class Kernel>
std::map<std::string, char> letters_of(const Kernel& kernel) {
  std::map<std::string, char> out;
  kmod::for_each_kallsym(kernel.loader, [&](const auto& s) {
    std::string name;
    for (std::size_t i = 0; s.name[i] != '\0'; ++i) name += s.name[i];
    out[name] = s.type;
  });
  return out;
}

}  // namespace

TEST_CASE_TEMPLATE("what stays has its letter, its name and its address", Kernel, KERNELS) {
  Kernel kernel;
  named_object o;
  REQUIRE(kernel.load(o) == errc::ok);
  const std::map<std::string, char> wanted{
      {"first", 't'},   {"$d.3", 't'}, {".Ltmp", 't'},     {"second", 't'},      {"zeros", 'b'},
      {"letters", 'r'}, {"each", 'a'}, {"weak_code", 'w'}, {"weak_object", 'v'}, {"exported", 'd'}};
  CHECK(letters_of(kernel) == wanted);
  const auto& m = *kernel.last;
  const auto value = [&](const char* name) {
    return kmod::module_kallsyms_lookup_name(kernel.loader, name);
  };
  CHECK(value("second") == m.memory(mem_type::text).address + 16);
  CHECK(value("odd:second") == value("second"));
  CHECK(value("od:second") == 0);
  CHECK(value("odder:second") == 0);
  CHECK(value("odd:nobody") == 0);
  CHECK(value("once") == 0);
  CHECK(value("nobody") == 0);
  CHECK(value("each") == m.percpu.address + 8);
}

TEST_CASE_TEMPLATE("only the code's symbols stay without CONFIG_KALLSYMS_ALL", Kernel, KERNELS) {
  kmod::config c = debian();
  c.kallsyms_all = false;
  Kernel kernel{c};
  named_object o;
  REQUIRE(kernel.load(o) == errc::ok);
  const std::map<std::string, char> wanted{
      {"first", 't'}, {"$d.3", 't'}, {".Ltmp", 't'}, {"second", 't'}, {"weak_code", 'w'}};
  CHECK(letters_of(kernel) == wanted);
}

TEST_CASE_TEMPLATE("the symbol of an address", Kernel, KERNELS) {
  Kernel kernel;
  named_object o;
  REQUIRE(kernel.load(o) == errc::ok);
  const address text = kernel.last->memory(mem_type::text).address;
  kmod::module_symbol<typename Kernel::module_type> s;
  const auto at = [&](address a) { return kmod::module_address_lookup(kernel.loader, a, s); };

  // Neither what has no name nor what an assembler made ends a symbol.
  REQUIRE(at(text + 13));
  CHECK(s.module == kernel.last);
  CHECK(s.name == "first");
  CHECK(s.address == text);
  CHECK(s.size == 16);
  CHECK(s.offset == 13);
  CHECK(s.type == 't');
  REQUIRE(at(text + 16));
  CHECK(s.name == "second");
  CHECK(s.size == 16);
  REQUIRE(at(text + 63));
  CHECK(s.name == "weak_code");
  CHECK(s.size == 4096 - 32);  // up to the end of the code's pages
  CHECK_FALSE(at(text - 1));
  CHECK_FALSE(at(0));
}

TEST_CASE("which assemblers' symbols are passed over differs") {
  const auto found = [](auto&& kernel, const char* name) {
    kernel_object o;
    o.add_symbol({"function", o.text, 0, elf::stb::local, elf::stt::func});
    o.add_symbol({name, o.text, 8, elf::stb::local, elf::stt::func});
    REQUIRE(kernel.load(o) == errc::ok);
    kmod::module_symbol<typename std::remove_cvref_t<decltype(kernel)>::module_type> s;
    REQUIRE(kmod::module_address_lookup(kernel.loader,
                                        kernel.last->memory(mem_type::text).address + 8, s));
    return !(s.name == "function");
  };
  for (const char* name : {"$x", "$a", "$t.1", "$d", ".L9"}) {
    CHECK_FALSE(found(linux_6_1{}, name));
    CHECK_FALSE(found(linux_6_12{}, name));
  }
  for (const char* name : {"$", "$xy", "$q", "L0"}) {
    CHECK(found(linux_6_1{}, name));
    CHECK_FALSE(found(linux_6_12{}, name));
  }
}

TEST_CASE_TEMPLATE("letters of what others may use are capitals", Kernel, KERNELS) {
  Kernel kernel;
  kernel_object o;
  const auto table = [&](const char* section, const char* crcs, const char* name, address at) {
    const std::uint32_t names = o.add((std::string{section} + "_names").c_str(), o.constant,
                                      kernel_object::of(std::string{name} + '\0'));
    const std::uint32_t t = o.add(section, o.constant, bytes(12), 4);
    o.add(crcs, o.constant, bytes(4), 4);
    const std::uint32_t to = o.add_symbol({name, o.text, at, elf::stb::global, elf::stt::func});
    const std::uint32_t string = o.add_symbol({"", names, 0, elf::stb::local, elf::stt::section});
    o.relocate(t, {{0, to, 2}, {4, string, 2}});
  };
  table("__ksymtab", "__kcrctab", "open", 8);
  table("__ksymtab_gpl", "__kcrctab_gpl", "closed", 16);
  REQUIRE(kernel.load(o) == errc::ok);
  const auto letters = letters_of(kernel);
  CHECK(letters.at("open") == 'T');
  CHECK(letters.at("closed") == 't');
}

TEST_CASE_TEMPLATE("the first module that has a name", Kernel, KERNELS) {
  Kernel kernel;
  named_object one{"one"}, two{"two"};
  REQUIRE(kernel.load(one) == errc::ok);
  auto* const first = kernel.last;
  REQUIRE(kernel.load(two) == errc::ok);
  const auto value = [&](const char* name) {
    return kmod::module_kallsyms_lookup_name(kernel.loader, name);
  };
  CHECK(value("first") == value("one:first"));
  CHECK(value("two:first") != value("one:first"));
  kernel.loader.remove(*first);
  CHECK(value("first") == value("two:first"));
  CHECK(value("one:first") == 0);
}

TEST_CASE_TEMPLATE("odd symbol tables", Kernel, KERNELS) {
  Kernel kernel;
  named_object o;
  o.finish();
  auto& symtab = o.sections[o.symtab];
  bytes file = o.finish();
  // Where the file has the symbols, and a symbol's name and section are in one of them.
  const auto at = static_cast<std::size_t>(
      std::search(file.begin(), file.end(), symtab.contents.begin(), symtab.contents.end()) -
      file.begin());
  const auto set_name = [&](std::size_t symbol, std::uint32_t name) {
    write_int<std::endian::little>(&file[at + 24 * symbol], name);
  };
  SUBCASE("names beyond the file") {
    set_name(1, 0xffff'ffff);
    CHECK(kernel.load(file) == errc::symbol_name_out_of_range);
  }
  SUBCASE("names beyond their table") {
    const auto strings = static_cast<std::uint32_t>(o.sections[o.strtab].contents.size());
    set_name(1, strings);
    set_name(5, strings - 1);
    REQUIRE(kernel.load(file) == errc::ok);
    CHECK(kmod::module_kallsyms_lookup_name(kernel.loader, "zeros") != 0);
    kmod::module_symbol<typename Kernel::module_type> s;
    CHECK(kmod::module_address_lookup(kernel.loader,
                                      kernel.last->memory(mem_type::text).address + 33, s));
    CHECK(s.name == "weak_code");
  }
  SUBCASE("one name for all") {
    for (std::size_t i = 1; i < symtab.contents.size() / 24; ++i) set_name(i, 2);
    REQUIRE(kernel.load(file) == errc::ok);
    CHECK(kmod::module_kallsyms_lookup_name(kernel.loader, "first") ==
          kernel.last->memory(mem_type::text).address);
  }
  SUBCASE("the first has a name and a section, too") {
    set_name(0, 2);
    file[at + 6] = static_cast<unsigned char>(o.text);
    REQUIRE(kernel.load(file) == errc::ok);
  }
  SUBCASE("no whole number of symbols") {
    o.sections[o.symtab].size = symtab.contents.size() - 1;
    CHECK(kernel.load(o) == errc::bad_symbol_table);
  }
  SUBCASE("only the one that is none") {
    o.sections[o.symtab].size = 24;
    REQUIRE(kernel.load(o) == errc::ok);
    CHECK(kmod::kallsyms_of(kernel.loader, *kernel.last).size() == 1);
    CHECK(kmod::module_kallsyms_lookup_name(kernel.loader, "first") == 0);
    kmod::module_symbol<typename Kernel::module_type> s;
    CHECK_FALSE(
        kmod::module_address_lookup(kernel.loader, kernel.last->memory(mem_type::text).address, s));
  }
  SUBCASE("its strings are code") {
    o.sections[o.symtab].link = o.text;
    (void)kernel.load(o);
    letters_of(kernel);
  }
  SUBCASE("its strings are itself") {
    o.sections[o.symtab].link = o.symtab;
    (void)kernel.load(o);
    letters_of(kernel);
  }
}
