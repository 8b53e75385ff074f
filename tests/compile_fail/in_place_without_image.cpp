// expect: take relo::micro::modules<capacity, name size, true>
#include <relo/arch/arm.hpp>
#include <relo/loader.hpp>
#include <relo/micro/ksymtab_exports.hpp>
#include <relo/micro/load_module.hpp>

template <class Plugin>
void load(const Plugin& plugin) {
  static unsigned char bytes[1024];
  relo::buffer<std::uint32_t> memory{bytes, 0x20000000};
  relo::loader loader{relo::arch::armv7m_compiler{},
                      memory,
                      relo::dont_run{},
                      relo::one_region{},
                      relo::micro::modules<4, 16>{},
                      relo::micro::ksymtab_exports{},
                      relo::micro::load_named_module};
  loader.load(plugin);
}

template void load(const relo::in_place<unsigned char>&);
