// expect: there is no module
#include <relo/loader.hpp>

struct module {};
constexpr bool there = &*relo::load_result<module>{relo::errc::bad_magic, nullptr} != nullptr;
