// What modinfo(8) prints.
#pragma once

#include "simulated_kernel.hpp"

namespace kmodcheck {

/// What modinfo prints of a module. False, and why: it prints no more than that.
bool print_modinfo(const std::string& path, std::string& out, std::string& why);

}  // namespace kmodcheck
