// Objects made with relo/plugin, by C and C++ compilers, are what the loader reads.

#include <relo/host/file.hpp>
#include <relo/host/pages.hpp>
#include <relo/host/process.hpp>
#include <relo/relo.hpp>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <doctest/doctest.h>
#include <set>
#include <string>

namespace {

std::string printed;

extern "C" [[gnu::format(printf, 1, 2)]] int test_printk(const char* format, ...) {
  char line[200];
  std::va_list arguments;
  va_start(arguments, format);
  const int n = std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  printed += line;
  return n;
}

constexpr auto table = relo::exports(relo::exported{"_printk", &test_printk},
                                     relo::exported{"snprintf", &std::snprintf});

// Every string of .modinfo. Compilers order them as they like.
std::set<std::string> modinfo;
struct keep_modinfo {
  static constexpr const char* name = "keep_modinfo";
  using undo = relo::nothing_to_undo;
  template <class Load>
  relo::errc run(Load& load) const {
    const auto s = load.image.section(load.index.modinfo);
    const auto* const bytes =
        reinterpret_cast<const char*>(load.image.source().data() + s.sh_offset());
    modinfo.clear();
    for (std::size_t at = 0; at < s.sh_size(); at += std::string{bytes + at}.size() + 1)
      modinfo.insert(bytes + at);
    return relo::errc::ok;
  }
};

auto make_loader(relo::host::pages& memory) {
  return relo::loader{relo::arch::x86_64{},
                      memory,
                      relo::symbols{table},
                      relo::ksymtab_exports{},
                      relo::host::run_in_process{},
                      relo::host::heap_scratch<relo::native_addr>{},
                      relo::load_module | relo::insert_after<"check_modinfo">(keep_modinfo{})};
}

const char* const objects[] = {RELO_PLUGIN_OBJECTS};

}  // namespace

TEST_CASE("defaults") {
  for (const std::string path : objects) {
    CAPTURE(path);
    const relo::host::file file{path.c_str()};
    relo::host::pages memory;
    auto loader = make_loader(memory);
    printed.clear();
    const auto m = loader.load(file.bytes(), {.name = "ignored"});
    REQUIRE_MESSAGE(m, std::string{loader.diagnostics().describe().c_str()});

    CHECK(m->name.c_str() == std::string{"everything_there_is"});
    CHECK(modinfo == std::set<std::string>{
                         "license=Dual MIT/GPL",
                         "author=one",
                         "author=another",
                         "version=1.2",
                         "alias=all",
                         "softdep=pre: nothing",
                         "name=everything_there_is",
                         "parmtype=flag:bool",
                         "parmtype=number:int",
                         "parmtype=text:charp",
                         "parmtype=width:int",
                         "parmtype=off:invbool",
                         "parmtype=on:bool_enable_only",
                         "parmtype=level:bint",
                         "parmtype=octet:byte",
                         "parmtype=low:short",
                         "parmtype=port:ushort",
                         "parmtype=mask:uint",
                         "parmtype=shown:hexint",
                         "parmtype=offset:long",
                         "parmtype=size:ulong",
                         "parmtype=serial:ullong",
                         "parmtype=list:array of int",
                         "parmtype=word:array of charp",
                         "parmtype=letters:string",
                         "parm=text:a text",
                         "parm=width:a member",
                         "description=a description that is longer than thirty-two characters"});
    CHECK(loader.find<int()>("everything_number")() == 3);
    CHECK(loader.find<const char*()>("everything_text")() == std::string{"default"});
    CHECK(loader.find<int()>("everything_flag")() == 0);
    CHECK(loader.find<int()>("everything_width")() == 0);
    CHECK(loader.find<unsigned long long()>("everything_sizes")() == 0);
    CHECK(*loader.find<int>("everything_state") == 7);
    CHECK(relo::address_of(loader.find<const void*()>("everything_this")()) == m->handle());
    CHECK(!loader.find<int()>("everything_init"));

    relo::symbol<relo::native_addr> s;
    CHECK(loader.find_in(*m, relo::elf::name{"everything_number"}, false, s));
    CHECK(!loader.find_in(*m, relo::elf::name{"everything_flag"}, false, s));
    CHECK(loader.find_in(*m, relo::elf::name{"everything_flag"}, true, s));

    CHECK(loader.unload(*m) == relo::errc::ok);
    CHECK(printed.find("\0014plain\nno level, 0\n\0016everything: none\n\0013everything: 1 2 3 4 5 "
                       "6 7 8 9 10 11 12 13 14 15\n"
                       "\001cend of everything.c\n\0015everything: exit of 7\n") == 0);
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("parameters") {
  for (const std::string path : objects) {
    CAPTURE(path);
    const relo::host::file file{path.c_str()};
    relo::host::pages memory;
    auto loader = make_loader(memory);
    const auto m =
        loader.load(file.bytes(), {.args = "flag number=0x10 text=\"two words\" width=010"});
    REQUIRE_MESSAGE(m, std::string{loader.diagnostics().describe().c_str()});
    CHECK(loader.find<int()>("everything_flag")() == 1);
    CHECK(loader.find<int()>("everything_number")() == 16);
    CHECK(loader.find<const char*()>("everything_text")() == std::string{"two words"});
    CHECK(loader.find<int()>("everything_width")() == 8);

    CHECK(loader.load(file.bytes(), {.args = "number=1.5"}).error() == relo::errc::already_loaded);
    CHECK(loader.unload(*m) == relo::errc::ok);
    CHECK(loader.load(file.bytes(), {.args = "number=1.5"}).error() == relo::errc::bad_parameter);
    CHECK(loader.load(file.bytes(), {.args = "number=-1"}).error() == relo::errc::init_failed);
    CHECK(loader.diagnostics().at().value == ERANGE);
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("parameters of every type") {
  for (const std::string path : objects) {
    CAPTURE(path);
    const relo::host::file file{path.c_str()};
    relo::host::pages memory;
    auto loader = make_loader(memory);
    const auto after = [&](const char* args) {
      const auto m = loader.load(file.bytes(), {.args = args});
      REQUIRE_MESSAGE(m, std::string{loader.diagnostics().describe().c_str()});
      const std::string all = loader.find<const char*()>("everything_else")();
      CHECK(loader.unload(*m) == relo::errc::ok);
      return all;
    };
    CHECK(after("") == "1 0 0 0 0 0 0 0 0 0 0; 0: 0 0 0 0; - -; initial");
    CHECK(after("off=y on level octet=255 low=-32768 port=0xffff mask=4294967295 shown=0xbeef "
                "offset=-9223372036854775808 size=18446744073709551615 serial=01777 "
                "list=1,-2,0x3 word=one,\"two words\" letters=letters") ==
          "0 1 1 255 -32768 65535 4294967295 beef -9223372036854775808 18446744073709551615 1023; "
          "3: 1 -2 3 0; one \"two words\"; letters");
    CHECK(after("off=off on=n level=0 \"word=one,two words\" letters=") ==
          "1 0 0 0 0 0 0 0 0 0 0; 0: 0 0 0 0; one two words; ");

    const auto error = [&](const char* args) {
      return loader.load(file.bytes(), {.args = args}).error();
    };
    for (const char* args : {"octet=256", "low=32768", "low=-32769", "port=65536",
                             "mask=4294967296", "shown=0x100000000", "size=18446744073709551616",
                             "offset=9223372036854775808", "list=1,99999999999"})
      CHECK(error(args) == relo::errc::parameter_out_of_range);
    for (const char* args : {"octet=-1", "mask=", "off", "list", "list=", "list=1,", "level=2",
                             "list=1,2,3,4,5", "word=1,2,3", "serial=0x", "low=1.5", "letters"})
      CHECK(error(args) == relo::errc::bad_parameter);
    CHECK(error("letters=eightchr") == relo::errc::parameter_too_long);
    CHECK(error(("text=" + std::string(1025, 'x')).c_str()) == relo::errc::parameter_too_long);
    CHECK(error("on on=0") == relo::errc::parameter_stays_enabled);
    CHECK(memory.in_use() == 0);
  }
}

TEST_CASE("tables are read-only, whatever the compiler called them") {
  for (const std::string path : objects) {
    CAPTURE(path);
    const relo::host::file file{path.c_str()};
    relo::host::pages memory;
    auto loader = make_loader(memory);
    const auto m = loader.load(file.bytes());
    REQUIRE_MESSAGE(m, std::string{loader.diagnostics().describe().c_str()});
    const auto& rodata = m->memory(relo::mem_type::rodata);
    for (const auto& t : {m->exports.plain, m->exports.gpl, m->parameters}) {
      CHECK(!t.empty());
      CHECK(t.address >= rodata.address);
      CHECK(t.address + t.size <= rodata.address + rodata.bytes.size());
    }
    CHECK(m->exports.plain.size == 6 * 24);
    CHECK(m->exports.gpl.size == 2 * 24);
    CHECK(m->parameters.size == 18 * 40);
  }
}
