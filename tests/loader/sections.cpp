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
