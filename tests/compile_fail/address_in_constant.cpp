// expect: the_address_of_an_exported_object_is_no_constant
#include <relo/symbol/export_table.hpp>

void f() {}
constexpr auto table = relo::exports(relo::exported{"f", &f});
constexpr std::uint64_t address = [] {
  relo::symbol<std::uint64_t> s;
  table.find(relo::elf::name{"f"}, true, s);
  return s.address;
}();
