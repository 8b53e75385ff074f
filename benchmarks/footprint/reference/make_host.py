#!/usr/bin/env python3
"""make_host.py DIRECTORY: writes what the reference module is loaded into: host.c, 200 functions and
2 variables, which count calls; and offered.hpp, relo's table of the 202 names.
"""

import pathlib
import sys

FUNCTIONS = [f"fw_func_{i:03d}" for i in range(200)]
VARIABLES = {"fw_var_010": 17, "fw_var_020": 23}

host = ["int fw_calls;"]
for i, name in enumerate(FUNCTIONS):
    host.append(f"int {name}(int a, const char* s) {{ fw_calls++; return a * {i + 3} + s[0]; }}")
host += [f"int {name} = {value};" for name, value in VARIABLES.items()]

offered = ["// The names that the reference module may use.", "#pragma once", ""]
offered += ["#include <relo/symbol/export_table.hpp>", "", 'extern "C" {', "extern int fw_calls;"]
offered += [f"int {name}(int, const char*);" for name in FUNCTIONS]
offered += [f"extern int {name};" for name in VARIABLES]
offered += ["}", "", "consteval auto make_offered() {", "  return relo::exports("]
offered.append(",\n".join(f'      relo::exported{{"{name}", &{name}}}' for name in [*FUNCTIONS, *VARIABLES]) + ");")
offered += ["}", "extern const decltype(make_offered()) offered;"]

directory = pathlib.Path(sys.argv[1])
(directory / "host.c").write_text("\n".join(host) + "\n")
(directory / "offered.hpp").write_text("\n".join(offered) + "\n")
