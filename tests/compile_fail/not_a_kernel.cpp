// expect: relo: the kernel policy does not model relo::kmod::kernel_policy
#include <relo/linux/load_module.hpp>
#include <relo/linux/policy/exports.hpp>
#include <relo/linux/policy/x86_64.hpp>
#include <relo/relo.hpp>

struct wrong {
  using role = relo::role::kernel;
  static constexpr auto release = relo::kmod::generation::v6_1;
};

relo::static_arena<64> memory;
relo::loader loader{
    relo::kmod::x86_64{},     memory,           relo::kmod::prel32_exports{}, wrong{},
    relo::kmod::modules<4>{}, relo::dont_run{}, relo::kmod::load_module_6_1};
const unsigned char file[64] = {};
const auto result = loader.load(file);
