#include "host.hpp"

#include <relo/host/unwind.hpp>

#include <cxxabi.h>
#include <exception>
#include <typeinfo>

extern "C" {
int __gxx_personality_v0();
void _Unwind_Resume(void*);
}

namespace {

/// What the C++ runtime offers to a module that throws.
const auto runtime = relo::symbol_values{std::array<relo::symbol_value<std::uint64_t>, 9>{
    {{"__gxx_personality_v0", relo::address_of(reinterpret_cast<void*>(&__gxx_personality_v0))},
     {"_Unwind_Resume", relo::address_of(reinterpret_cast<void*>(&_Unwind_Resume))},
     {"__cxa_allocate_exception",
      relo::address_of(reinterpret_cast<void*>(&abi::__cxa_allocate_exception))},
     {"__cxa_throw", relo::address_of(reinterpret_cast<void*>(&abi::__cxa_throw))},
     {"__cxa_begin_catch", relo::address_of(reinterpret_cast<void*>(&abi::__cxa_begin_catch))},
     {"__cxa_end_catch", relo::address_of(reinterpret_cast<void*>(&abi::__cxa_end_catch))},
     {"_ZSt9terminatev", relo::address_of(reinterpret_cast<void*>(&std::terminate))},
     {"_ZTIi", relo::address_of(&typeid(int))},
     {"event", relo::address_of(reinterpret_cast<void*>(&host::event))}}}};

}  // namespace

TEST_CASE("exceptions within a module, and out of it into the program") {
  relo::host::pages memory;
  relo::host::unwind_tables tables;
  relo::loader loader{relo::arch::x86_64{}, memory, relo::symbols{runtime},
                      relo::host::run_in_process{}, tables.added_to(relo::load_module)};
  const relo::host::file object{OBJECT_throwing};
  // Again and again: what one load announced is gone before the next has its place.
  for (int i = 0; i < 3; ++i) {
    const auto m = loader.load(object.bytes(), {.name = "throwing"});
    INFO(std::string(loader.diagnostics().describe().c_str()));
    REQUIRE(m);
    CHECK(loader.find<int(int)>("caught")(41) == 42);
    CHECK(loader.find<int(int)>("caught")(-1) == -1);
    CHECK(host::told() == host::strings{"unwound", "unwound"});
    int thrown = 0;
    try {
      loader.find<void(int)>("throw_int")(7);
    } catch (int x) {
      thrown = x;
    }
    CHECK(thrown == 7);
    host::told();
    CHECK(loader.unload(*m) == relo::errc::ok);
  }
  CHECK(memory.in_use() == 0);
}
