// Which definition a name is bound to.
#include "host.hpp"

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
