// expect: take relo::small_machine<capacity, name size, true>
#include <relo/arch/arm.hpp>
#include <relo/loader.hpp>
#include <relo/module/linear_ksymtab_exports.hpp>
#include <relo/small_machine.hpp>

template <class Plugin>
void load(const Plugin& plugin) {
  static unsigned char bytes[1024];
  relo::buffer<std::uint32_t> memory{bytes, 0x20000000};
  relo::loader loader{relo::arch::armv7m_compiler{},
                      memory,
                      relo::dont_run{},
                      relo::one_region{},
                      relo::small_machine<4, 16>{},
                      relo::linear_ksymtab_exports{},
                      relo::load_small_named_module};
  loader.load(plugin);
}

template void load(const relo::in_place<unsigned char>&);
