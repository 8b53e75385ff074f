// What modinfo(8) prints, fit for a terminal.
#pragma once

#include "simulated_kernel.hpp"

namespace kmodcheck {

/// What modinfo prints of a module, with the texts of the file escaped(), but for tabs, and for
/// ends of lines before a blank, which no tag begins with. False, and why: it prints no more than
/// that.
bool print_modinfo(const std::string& path, std::size_t max_size, std::string& out,
                   std::string& why);

}  // namespace kmodcheck
