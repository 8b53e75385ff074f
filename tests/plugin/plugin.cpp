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

constexpr auto table = relo::exports(relo::exported{"_printk", &test_printk});

// Every string of .modinfo. Compilers order them as they like.
std::set<std::string> modinfo;
struct keep_modinfo {
  static constexpr const char* name = "keep_modinfo";
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
    CHECK(m->gpl_compatible);
    CHECK(modinfo == std::set<std::string>{
                         "license=Dual MIT/GPL", "author=one", "author=another", "version=1.2",
                         "alias=all", "softdep=pre: nothing", "name=everything_there_is",
                         "parmtype=flag:bool", "parmtype=number:int", "parmtype=text:charp",
                         "parmtype=width:int", "parm=text:a text", "parm=width:a member",
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
    CHECK(m->exports.plain.size == 5 * 24);
    CHECK(m->exports.gpl.size == 2 * 24);
    CHECK(m->parameters.size == 4 * 40);
  }
}
