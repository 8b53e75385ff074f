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
