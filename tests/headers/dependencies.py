#!/usr/bin/env python3
"""What the core may include: dependencies.py <include directory> -- <compiler> <option>...

The core is all of relo but host/ and plugin/. It costs little to compile and needs no operating
system, and its rooms know only those below them. Prints each breach; exits 1 when there is one.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys

# They bring a heap, an operating system, exceptions, or half a second to every file.
DIRECTLY_FORBIDDEN = {
    *"iostream istream ostream sstream fstream iomanip string vector map set list deque".split(),
    *"unordered_map unordered_set memory functional ranges stdexcept exception mutex thread".split(),
    *"future condition_variable filesystem regex locale random any boost/hana.hpp".split(),
}

# No header of the core may reach these, by whatever way. sys/cdefs.h is but macros of the C library.
UNREACHABLE = re.compile(r"/include/(.+/)?(sys/(?!cdefs\.h)\w+|unistd|pthread|stdio|stdlib)\.h$")

# Rooms that work without Hana, so that a tool which only reads ELF does not pay for it.
WITHOUT_HANA = ("relo/elf/", "relo/arch/", "relo/symbol/")

HEAP = re.compile(r"\bnew\b(?!\s*\()|\bdelete\b(?!\s*[;,)(\"])|\b(malloc|calloc|realloc|free)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"', re.DOTALL)


def core_headers(include):
    for path in sorted(include.glob("relo/**/*.hpp")):
        name = path.relative_to(include).as_posix()
        if not name.startswith(("relo/host/", "relo/plugin/")):
            yield name


def reached(include, compiler, header):
    # -MG: a header that is not there is the compiler's business, not ours.
    rule = subprocess.run(
        [*compiler, "-M", "-MG", "-x", "c++", include / header],
        stdout=subprocess.PIPE, check=True, text=True).stdout
    return rule.replace("\\\n", " ").split()[1:]


def breaches(include, compiler, header):
    text = (include / header).read_text()
    for name in INCLUDE.findall(text):
        if name in DIRECTLY_FORBIDDEN:
            yield f"includes <{name}>"
        if name == "relo/loader.hpp" and header != "relo/relo.hpp":
            yield "includes relo/loader.hpp, which only relo/relo.hpp and users may"
    for match in HEAP.finditer(COMMENT_OR_STRING.sub('""', text)):
        yield f"uses the heap: {match.group()}"
    paths = reached(include, compiler, header)
    for path in paths:
        if UNREACHABLE.search(path):
            yield f"reaches {path}"
        if "/relo/host/" in path:
            yield f"reaches {path}: the core knows no host"
        if path.endswith("/boost/hana.hpp"):
            yield "reaches the whole of boost/hana.hpp"
    if header.startswith(WITHOUT_HANA) and any("/boost/hana" in path for path in paths):
        yield "reaches Hana, which this room works without"


def main():
    include = pathlib.Path(sys.argv[1])
    compiler = sys.argv[sys.argv.index("--") + 1:]
    headers = list(core_headers(include))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda header: list(breaches(include, compiler, header)), headers)
        lines = [f"{header}: {what}" for header, some in zip(headers, found) for what in some]
    print(*lines, f"{len(headers)} headers, {len(lines)} breaches", sep="\n")
    return 1 if lines or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
