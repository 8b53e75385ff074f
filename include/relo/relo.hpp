// Everything but host/, for a quick start.
#pragma once

#include <relo/arch/x86_64.hpp>
#include <relo/loader.hpp>
#include <relo/symbol/symbol_values.hpp>
