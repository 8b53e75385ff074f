// Which definition a name is bound to.
#include "host.hpp"

#include <algorithm>
#include <cstring>

TEST_CASE("absolute symbols are exported, and found") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file defines{OBJECT_absolute}, uses{OBJECT_absolute_user};
  const auto first = loader.load(defines.bytes());
  REQUIRE(first);
  const auto second = loader.load(uses.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(second);
  CHECK(loader.find<int()>("get_five")() == 5);
  CHECK(loader.find<long()>("get_far")() == 0x123456789abc);
  CHECK(relo::address_of(loader.find<const char>("five")) == 5);
  CHECK(loader.find<const char>("hidden_five") == nullptr);
  CHECK(loader.unload(*first) == relo::errc::module_in_use);
}

TEST_CASE("a module's own definition comes first, then that of who was loaded first") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file helper1{OBJECT_helper1}, helper7{OBJECT_helper7}, helped{OBJECT_helped};
  const auto one = loader.load(helper1.bytes(), {.name = "one"});
  const auto seven = loader.load(helper7.bytes(), {.name = "seven"});
  const auto user = loader.load(helped.bytes(), {.name = "user"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE((one && seven && user));
  CHECK(loader.find<int()>(*one, "ask")() == 1);
  CHECK(loader.find<int()>(*seven, "ask")() == 7);
  CHECK(loader.find<int()>(*user, "ask")() == 101);
  CHECK(loader.unload(*one) == relo::errc::module_in_use);
  CHECK(loader.unload(*seven) == relo::errc::ok);

  CHECK(loader.find<int()>("protected_helper")() == 1);
  CHECK_FALSE(bool(loader.find<int()>("hidden_helper")));
  CHECK(loader.find<int()>(*user, "sees_hidden")() == 0);
}

TEST_CASE("a local module's symbols are its own affair") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file helper1{OBJECT_helper1}, helper7{OBJECT_helper7}, helped{OBJECT_helped};
  const auto local = loader.load(helper1.bytes(), {.name = "local", .local = true});
  REQUIRE(local);
  CHECK_FALSE(bool(loader.find<int()>("helper")));
  CHECK(loader.find<int()>(*local, "helper")() == 1);
  CHECK(loader.load(helped.bytes(), {.name = "user"}).error() == relo::errc::unknown_symbol);

  const auto global = loader.load(helper7.bytes(), {.name = "global"});
  const auto user = loader.load(helped.bytes(), {.name = "user"});
  REQUIRE((global && user));
  CHECK(loader.find<int()>(*user, "ask")() == 107);
  CHECK(loader.find<int()>("ask")() == 7);
  CHECK(loader.unload(*local) == relo::errc::ok);
  CHECK(loader.unload(*global) == relo::errc::module_in_use);
}

TEST_CASE("what must be unique may be exported by local modules, too") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory, relo::ksymtab_exports{});
  const relo::host::file object{OBJECT_exporting};
  REQUIRE(loader.load(object.bytes(), {.name = "first"}));
  CHECK(loader.load(object.bytes(), {.name = "second"}).error() == relo::errc::duplicate_export);
  const auto local = loader.load(object.bytes(), {.name = "local", .local = true});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(local);
  CHECK((loader.find<int()>(*local, "exported") != loader.find<int()>("exported")));
}

TEST_CASE("common symbols are zeros, aligned as they say") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_common};
  const auto m = loader.load(object.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(loader.find<int()>("get_number")() == 0);
  char* const wide = loader.find<char*()>("get_wide")();
  CHECK(relo::address_of(wide) % 64 == 0);
  CHECK(std::count(wide, wide + 100, 0) == 100);
  std::memset(wide, 1, 100);
  CHECK(loader.find<int()>("get_number")() == 0);
  CHECK(loader.find<int(int)>("set_number")(3) == 3);
  CHECK(loader.find<int()>("get_number")() == 6);
  CHECK(*loader.find<int>("shared_number") == 3);
  CHECK_FALSE(bool(loader.find<int>("hidden_number")));
}

TEST_CASE("common symbols whatever -fno-common says, and large ones") {
  relo::host::pages memory{relo::host::placement::anywhere(), std::size_t{256} << 20};
  // What GCC calls, and what Clang does.
  constexpr auto exports = relo::exports(
      relo::exported{"GOMP_critical_name_start", +[](void** p) { *p = p; }},
      relo::exported{"GOMP_critical_name_end", +[](void** p) { *p = nullptr; }},
      relo::exported{"__kmpc_global_thread_num", +[](void*) { return 0; }},
      relo::exported{"__kmpc_critical", +[](void*, int, void** p) { *p = p; }},
      relo::exported{"__kmpc_end_critical", +[](void*, int, void** p) { *p = nullptr; }});
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{exports}};
  const relo::host::file critical{OBJECT_critical}, large{OBJECT_large_common};
  const auto locked = loader.load(critical.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(locked);
  CHECK(loader.find<int()>("test")() == 1);

  decltype(loader)::requirements needed;
  REQUIRE(loader.measure(relo::elf::contiguous{large.bytes()}, needed) == relo::errc::ok);
  CHECK(needed.regions[0].size >= 200'000'000);
  REQUIRE(loader.load(large.bytes()));
  CHECK(loader.find<int(int)>("get")(199'999'999) == 0);
  CHECK(loader.find<int(int)>("get")(0) == 1);

  // Nothing else is put out of reach behind the large ones.
  const auto both = host::assembled(".largecomm huge, 5000000, 32\n.comm little, 4, 4\n");
  REQUIRE(loader.load(both));
  const auto huge = relo::address_of(loader.find<char>("huge"));
  CHECK(huge % 32 == 0);
  CHECK(relo::address_of(loader.find<int>("little")) + 4 <= huge);
}

TEST_CASE("common symbols that cannot be are refused") {
  const relo::host::file object{OBJECT_common};
  const std::vector<unsigned char> bytes{object.bytes().begin(), object.bytes().end()};
  // Of the record of `wide`: st_shndx, st_value, which is the alignment, and st_size.
  const std::array<unsigned char, 18> record{0xf2, 0xff, 64, 0, 0, 0, 0, 0, 0, 0, 100};
  const auto at = std::search(bytes.begin(), bytes.end(), record.begin(), record.end());
  REQUIRE(at != bytes.end());
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const auto error = [&](std::uint64_t align, std::uint64_t size) {
    auto broken = bytes;
    unsigned char* const s = broken.data() + (at - bytes.begin());
    relo::write_int<std::endian::little>(s + 2, align);
    relo::write_int<std::endian::little>(s + 10, size);
    CHECK_FALSE(bool(loader.load(broken)));
    CHECK(memory.in_use() == 0);
    return std::string(loader.diagnostics().describe().c_str());
  };
  const std::string alignment =
      "layout_commons: common symbol's alignment (st_value) is not a power of two: symbol 'wide', "
      "value ";
  const std::string large = "layout_commons: module larger than any memory: symbol 'wide', ";
  CHECK(error(100, 4) == alignment + "0x64");
  CHECK(error(~std::uint64_t{0}, 4) == alignment + "0xffffffffffffffff");
  CHECK(error(64, std::uint64_t{1} << 63) == large + "9,223,372,036,854,775,808 bytes wanted");
  CHECK(error(64, ~std::uint64_t{0}) == large + "18,446,744,073,709,551,615 bytes wanted");
  CHECK(error(64, ~std::uint64_t{0} >> 3) == large + "2,305,843,009,213,693,951 bytes wanted");
  CHECK(error(std::uint64_t{1} << 63, 4).find("larger than any memory") != std::string::npos);
  CHECK(error(std::uint64_t{1} << 40, 4).find("out of module memory") != std::string::npos);
}

namespace {

/// Two modules of one object that counts in variables which both define: what they count up to, and
/// that their destructors run where those variables still are.
template <class Loader>
void check_counts(Loader& loader, const char* path, int second, relo::load_options first = {}) {
  CAPTURE(std::string(path));
  CAPTURE(first.local);
  const relo::host::file object{path};
  first.name = "one";
  const auto one = loader.load(object.bytes(), first);
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(one);
  const auto two = loader.load(object.bytes(), {.name = "two"});
  REQUIRE(two);
  CHECK(loader.template find<int()>(*one, "test")() == 111);
  CHECK(loader.template find<int()>(*two, "test")() == second);
  CHECK(loader.template find<int()>(*one, "constructed")() == 1);
  CHECK(loader.template find<int()>(*two, "constructed")() == 1);
  const bool shared = second == 222;
  CHECK(loader.registry().uses(*two, *one) == shared);
  if (shared) CHECK(loader.unload(*one) == relo::errc::module_in_use);
  CHECK(loader.unload(*two) == relo::errc::ok);
  CHECK(loader.unload(*one) == relo::errc::ok);
}

}  // namespace

TEST_CASE("variables that several modules define are one, as dlopen has it") {
  relo::loader shared{relo::arch::x86_64{}, relo::host::process{}};
  check_counts(shared, OBJECT_counting, 222);
  check_counts(shared, OBJECT_counting_pie, 222);
#ifdef __clang__
  check_counts(shared, OBJECT_counting, 111, {.local = true});
#else
  check_counts(shared, OBJECT_counting, 222, {.local = true});  // STB_GNU_UNIQUE
#endif
  check_counts(shared, OBJECT_counting_hidden, 111);
  relo::loader own{relo::arch::x86_64{}, relo::host::process{}, relo::own_definitions{}};
  check_counts(own, OBJECT_counting, 111);
  relo::loader by_default{relo::arch::x86_64{}, relo::host::pages{}, relo::host::run_plugins{},
                          relo::host::process_symbols{}};
  check_counts(by_default, OBJECT_counting, 111);
}

TEST_CASE("a variable that the program has, too, is the program's") {
  static int shared_inline = 1000;
  constexpr auto table = relo::exports(relo::exported{"shared_inline", &shared_inline});
  relo::loader loader{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{table}};
  for (const char* path : {OBJECT_counting, OBJECT_counting_pie}) {
    const relo::host::file object{path};
    shared_inline = 1000;
    const auto m = loader.load(object.bytes(), {.name = "one"});
    REQUIRE(m);
    CHECK(loader.find<int()>("test")() == 1111);
    CHECK(shared_inline == 1010);
    CHECK(loader.unload(*m) == relo::errc::ok);
  }
  // Not if it is out of reach, of code that goes through no GOT.
  constexpr relo::symbol_values far{
      std::array<relo::symbol_value<std::uint64_t>, 1>{{{"shared_inline", 0x1000}}}};
  relo::loader other{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{far}};
  const relo::host::file pie{OBJECT_counting_pie}, pic{OBJECT_counting};
  REQUIRE(other.load(pie.bytes(), {.name = "pie"}));
  CHECK(other.find<int()>("test")() == 111);
  REQUIRE(other.load(pic.bytes(), {.name = "pic"}));
  CHECK(relo::address_of(other.find<int>(*other.registry().find(relo::elf::name{"pic"}),
                                         "shared_inline")) == 0x1000);
}

TEST_CASE("common variables are shared by modules, but not with the host") {
  static int shared_number = 7;
  constexpr auto table = relo::exports(relo::exported{"shared_number", &shared_number});
  relo::loader shared{relo::arch::x86_64{}, relo::host::process{}, relo::symbols{table}};
  relo::loader own{relo::arch::x86_64{}, relo::host::process{}, relo::own_definitions{}};
  const relo::host::file object{OBJECT_common};
  const auto numbers = [&](auto& loader) {
    const auto one = loader.load(object.bytes(), {.name = "one"}),
               two = loader.load(object.bytes(), {.name = "two"});
    REQUIRE((one && two));
    CHECK(loader.template find<int()>(*one, "get_number")() == 0);
    loader.template find<int(int)>(*one, "set_number")(3);
    return loader.template find<int()>(*two, "get_number")();
  };
  CHECK(numbers(shared) == 3);  // the hidden one is not
  CHECK(numbers(own) == 0);
  CHECK(shared_number == 7);
}

TEST_CASE("symbols of a version") {
  constexpr auto table = relo::exports(relo::exported{"host_add", &host::add},
                                       relo::exported{"has_versions", +[] { return 1; }},
                                       relo::exported{"has_versions@V2", +[] { return 2; }});
  const auto object = host::assembled(R"(
    .symver add, host_add@V1
    .symver one, has_versions@V1
    .symver two, has_versions@V2
    .symver module_three, three@V3
    .weak none
    .symver none, none@V1
    .macro refers to, symbol
    .globl \to
\to: .quad \symbol
    .endm
    .data
    refers to_add, add
    refers to_one, one
    refers to_two, two
    refers to_three, module_three
    refers to_none, none
)");
  const auto three = host::assembled(".globl three\n.data\nthree: .long 3\n");
  relo::host::pages memory;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{table}};
  REQUIRE(loader.load(three, {.name = "three"}));
  const auto m = loader.load(object, {.name = "user"});
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK((*loader.find<int (*)(int, int)>("to_add"))(2, 3) == 5);
  CHECK((*loader.find<int (*)()>("to_one"))() == 1);
  CHECK((*loader.find<int (*)()>("to_two"))() == 2);
  CHECK(**loader.find<int*>("to_three") == 3);
  CHECK(*loader.find<void*>("to_none") == nullptr);
  CHECK(loader.unload("three") == relo::errc::module_in_use);

  relo::loader exact{relo::arch::x86_64{}, memory, relo::symbols{table}, relo::exact_version{}};
  REQUIRE(exact.load(three, {.name = "three"}));
  CHECK_FALSE(bool(exact.load(object, {.name = "user"})));
  CHECK(std::string(exact.diagnostics().describe().c_str()) ==
        "simplify_symbols: unknown symbol: symbols 'host_add@V1', 'has_versions@V1', 'three@V3'");
}

namespace {

std::size_t looks = 0;

/// A pointer to a name that counts the letters that are looked at.
struct counted {
  const char* letters = nullptr;
  char operator[](std::size_t i) const { return ++looks, letters[i]; }
};

}  // namespace

TEST_CASE("who asks the process looks at each letter of a name once") {
  for (const char* name : {"strlen", "strlen@GLIBC_2.2.5", "strlen@@", "no_function", ""}) {
    CAPTURE(std::string(name));
    relo::symbol<relo::native_addr> found;
    looks = 0;
    const bool is_there =
        relo::host::process_symbols{}.find(relo::elf::name{counted{name}}, true, found);
    CHECK(looks == std::strlen(name) + 1);
    if (std::strchr(name, '@') == nullptr) CHECK(is_there == (std::strcmp(name, "strlen") == 0));
  }
}

TEST_CASE("a name's default version is found by the name") {
  const auto definer = host::assembled(R"(
    .globl first, second, plain
    .data
first:  .long 1
second: .long 2
plain:  .long 3
    .symver first, versioned@V1
    .symver second, versioned@@V2
    .symver plain, other@V1
)");
  const auto user = [](const std::string& symbol, const std::string& directive = "") {
    return host::assembled(directive + ".globl to\n.data\nto: .quad " + symbol + "\n");
  };
  const auto check = [&](auto& loader, const std::string& symbol, const std::string& version) {
    const bool versioned = !version.empty();
    const auto m = loader.load(
        user(versioned ? "f" : symbol, versioned ? ".symver f, " + symbol + version + "\n" : ""),
        {.name = "user"});
    if (!m) return 0;
    CHECK(loader.unload("definer") == relo::errc::module_in_use);
    const int value = **loader.template find<int*>(*m, "to");
    CHECK(loader.unload(*m) == relo::errc::ok);
    return value;
  };
  const auto check_all = [&](auto& loader) {
    REQUIRE(loader.load(definer, {.name = "definer"}));
    CHECK(check(loader, "versioned", "") == 2);
    CHECK(check(loader, "versioned", "@V2") == 2);
    CHECK(check(loader, "versioned", "@V1") == 1);
    CHECK(check(loader, "versioned", "@V3") == 0);
    CHECK(check(loader, "other", "@V1") == 3);
    CHECK(check(loader, "other", "") == 0);
    CHECK(check(loader, "second", "") == 2);
    REQUIRE(loader.template find<int>("versioned") != nullptr);
    CHECK(*loader.template find<int>("versioned") == 2);
    CHECK(*loader.template find<int>("versioned@V2") == 2);
    CHECK(*loader.template find<int>("versioned@V1") == 1);
    CHECK(loader.template find<int>("other") == nullptr);
    CHECK(loader.unload("definer") == relo::errc::ok);
  };
  relo::host::pages memory;
  relo::sorted_symbols<relo::native_addr> none{{}};
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{none}};
  check_all(loader);
  relo::loader indexed{relo::arch::x86_64{}, memory, relo::symbols{none}, relo::host::heap_index{}};
  check_all(indexed);

  relo::loader exact{relo::arch::x86_64{}, memory, relo::symbols{none}, relo::exact_version{}};
  REQUIRE(exact.load(definer, {.name = "definer"}));
  CHECK(check(exact, "versioned", "") == 0);
  CHECK(check(exact, "versioned", "@V2") == 0);
  CHECK(check(exact, "versioned", "@V1") == 1);
}

#ifdef __GLIBC__
TEST_CASE("the process's symbols of a version") {
  const char* const versions[] = {"GLIBC_2.2.5", "GLIBC_2.3"};
  void* const old = ::dlvsym(RTLD_DEFAULT, "realpath", versions[0]);
  void* const recent = ::dlvsym(RTLD_DEFAULT, "realpath", versions[1]);
  REQUIRE((old != nullptr && recent != nullptr && old != recent));
  const auto with = [](const std::string& version) {
    return host::assembled(".symver f, realpath@" + version + "\n.data\n.globl to\nto: .quad f\n");
  };
  const auto found = [&](const std::string& version) {
    relo::loader loader{relo::arch::x86_64{}, relo::host::process{}};
    REQUIRE(loader.load(with(version)));
    return *loader.find<void*>("to");
  };
  CHECK(found(versions[0]) == old);
  CHECK(found(versions[1]) == recent);
  // One that the process has not is taken for what it has, unless it is to be exact.
  CHECK(found("GLIBC_9.9") == ::dlsym(RTLD_DEFAULT, "realpath"));
  relo::loader exact{relo::arch::x86_64{}, relo::host::process{}, relo::exact_version{}};
  REQUIRE(exact.load(with(versions[0])));
  CHECK(*exact.find<void*>("to") == old);
  CHECK_FALSE(bool(exact.load(with("GLIBC_9.9"), {.name = "other"})));
  CHECK(std::string(exact.diagnostics().describe().c_str()) ==
        "simplify_symbols: unknown symbol: symbol 'realpath@GLIBC_9.9'");
}
#endif
