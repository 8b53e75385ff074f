// Kernels from 6.4 on.
#include "kernel_of.hpp"

std::unique_ptr<kmodcheck::simulated_kernel>
kmodcheck::make_kernel_6_12(const kernel_setup& setup) {
  return make_kernel<relo::kmod::generation::v6_12, relo::region_per_type>(
      setup, relo::kmod::load_module_6_12);
}
