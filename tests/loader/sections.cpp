// What sections mean by their names, and what they do not.
#include "host.hpp"

TEST_CASE("sections whose names only begin like those of init stay, and are written") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_own_sections};
  const auto m = loader.load(object.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(loader.find<int()>("sum")() == 2 + 5 + 7 + 9 + 10 + 11 + 12 + 13);
}

TEST_CASE("every kind of array of constructors and destructors runs, in a linked program's order") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_arrays};
  const auto m = loader.load(object.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(m);
  CHECK(host::told() == host::strings{"1 preinit 5", "2 preinit", "3 preinit again", "4 init 5",
                                      "5 ctors 100", "6 init 200", "7 init"});
  CHECK(loader.unload(*m) == relo::errc::ok);
  CHECK(host::told() == host::strings{"8 fini", "9 fini", "10 dtors 100", "11 fini 5"});
}

TEST_CASE("code that only a linker makes a function of is not passed over in silence") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file init{OBJECT_init_code}, fini{OBJECT_fini_code};
  const std::string words =
      "layout_sections: code in .init or .fini is a piece that only a linker makes a function of "
      "(use constructors and destructors): ";
  CHECK(loader.load(init.bytes()).error() == relo::errc::init_fragment);
  CHECK(loader.diagnostics().describe().c_str() == words + ".init");
  CHECK(loader.load(fini.bytes()).error() == relo::errc::init_fragment);
  CHECK(loader.diagnostics().describe().c_str() == words + ".fini");
  CHECK(memory.in_use() == 0);
}

TEST_CASE("the bounds of sections whose name is a C identifier are known") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const relo::host::file object{OBJECT_bounds}, gathered{OBJECT_gathered};
  const auto one = loader.load(object.bytes());
  INFO(std::string(loader.diagnostics().describe().c_str()));
  REQUIRE(one);
  CHECK(loader.find<int()>("count")() == 1);
  CHECK(loader.find<int()>("count_constants")() == 1);
  CHECK(loader.find<int()>("absent")() == 0);
  CHECK(loader.find<int()>("sum")() == 5);
  CHECK_FALSE(bool(loader.find<int>("__start_numbers")));

  // A module's bounds are its own; its sections of one name stand together.
  const auto all = loader.load(gathered.bytes());
  REQUIRE(all);
  CHECK(loader.find<int()>(*all, "count")() == 5);
  CHECK(loader.find<int()>(*all, "sum")() == 5 + 1 + 2 + 3 + 0);
  CHECK(loader.find<int()>(*all, "sum")() == 6 + 2 + 3 + 4 + 1);
  CHECK(loader.find<int()>(*one, "count")() == 1);
}

TEST_CASE("bounds that there are none of") {
  relo::host::pages memory;
  RELO_HOST_LOADER(loader, memory);
  const auto error = [&](const std::string& text) {
    const auto m = loader.load(host::assembled(text), {.name = "m"});
    return std::string(m ? "" : loader.diagnostics().describe().c_str());
  };
  const std::string refers = ".data\n.quad __start_numbers, __stop_numbers\n";
  const std::string unknown =
      "simplify_symbols: unknown symbol: symbols '__start_numbers', '__stop_numbers'";
  CHECK(error(refers) == unknown);
  CHECK(error(refers + ".section numbers.a,\"aw\"\n.long 1\n") == unknown);
  CHECK(error(refers + ".section number,\"aw\"\n.long 1\n") == unknown);
  // It is not loaded.
  CHECK(error(refers + ".section numbers,\"\"\n.long 1\n") == unknown);
  CHECK(error(".weak __start_numbers, __stop_numbers\n" + refers) == "");
  CHECK(loader.unload("m") == relo::errc::ok);

  // One section cannot be executable and the next of its name writable: they lie in one place.
  const std::string some = ".section some,\"ax\",@progbits,unique,1\n.globl f\nf: ret\n";
  CHECK(error(some + ".section some,\"a\",@progbits,unique,2\n.long 1\n") == "");
  CHECK(loader.unload("m") == relo::errc::ok);
  CHECK(error(some + ".section some,\"aw\",@progbits,unique,2\n.long 1\n") ==
        "layout_sections: section is writable and executable: some");
  CHECK(memory.in_use() == 0);
}
