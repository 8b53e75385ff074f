// Kernels from 5.12 to 6.3.
#include "kernel_of.hpp"

std::unique_ptr<kmodcheck::simulated_kernel> kmodcheck::make_kernel_6_1(const kernel_setup& setup) {
  return make_kernel<relo::kmod::generation::v6_1, relo::core_and_init>(
      setup, relo::kmod::load_module_6_1);
}
