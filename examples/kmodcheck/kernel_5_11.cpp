// Kernels up to 5.11.
#include "kernel_of.hpp"

std::unique_ptr<kmodcheck::simulated_kernel>
kmodcheck::make_kernel_5_11(const kernel_setup& setup) {
  return make_kernel<relo::kmod::generation::v5_11, relo::core_and_init>(
      setup, relo::kmod::load_module_5_11);
}
