// For a quick start on a host. Firmware, and whoever counts seconds, includes what it needs.
#pragma once

#include <relo/arch/x86_64.hpp>
#include <relo/loader.hpp>
#include <relo/symbol/symbol_values.hpp>
