#!/usr/bin/env python3
"""What headers may include: dependencies.py <include directory> -- <compiler> <option>...

Each header stands on a floor, and includes none of a floor above its own. The core is all of relo but
host/ and plugin/: it costs little to compile and needs no operating system. Prints each breach; exits 1
when there is one.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

# From the lowest up: rooms, and single headers, of which a floor may be empty. A longer path says more than
# a shorter one.
FLOORS = (
    ("base", "base/ lock/"),
    ("diagnostics", "diagnostics.hpp diagnostics/"),
    ("pipeline", "pipeline.hpp pipeline/"),
    ("elf", "elf/"),
    ("layout, memory, symbol, reloc, arch", "layout/ memory/ symbol/ reloc/ arch/ execution/"),
    ("load, module", "load/ load_info.hpp module/ module.hpp"),
    ("stage", "stage/"),
    ("loader", "relo.hpp loader.hpp loader_words.hpp policies.hpp native.hpp small_machine.hpp runtime/"),
    ("linux", "linux/"),
    ("host", "host/"),
)

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


def floor_of(header):
    """The number of a header's floor, or -1: nobody said which."""
    name = header.removeprefix("relo/")
    rooms = [(len(room), number) for number, (_, rooms) in enumerate(FLOORS) for room in rooms.split()
             if name == room or (room.endswith("/") and name.startswith(room))]
    return max(rooms, default=(0, -1))[1]


def climbs(include):
    """Of all headers that are not for plugins: what stands on no floor, climbs, or goes round."""
    headers = sorted(path.relative_to(include).as_posix() for path in include.glob("relo/**/*.hpp"))
    arrows = {}
    for header in headers:
        text = (include / header).read_text()
        arrows[header] = [name for name in INCLUDE.findall(text) if name.startswith("relo/")]
        here = floor_of(header)
        if here < 0:
            yield f"{header}: stands on no floor"
        for name in arrows[header]:
            there = floor_of(name)
            if 0 <= here < there:
                yield f"{header} -> {name}: climbs from {FLOORS[here][0]} to {FLOORS[there][0]}"

    done, path = set(), []

    def visit(header):
        if header in path:
            yield f"{' -> '.join([*path[path.index(header):], header])}: goes round"
        elif header not in done:
            path.append(header)
            for name in arrows.get(header, ()):
                yield from visit(name)
            path.pop()
            done.add(header)

    for header in headers:
        yield from visit(header)


def self_check():
    """That it sees what it is to see: three headers, of which one includes what it may not."""
    def found(text):
        with tempfile.TemporaryDirectory() as directory:
            include = pathlib.Path(directory)
            for name, lines in {"elf/image.hpp": "#include <relo/base/bytes.hpp>\n", "base/bytes.hpp": "",
                                **text}.items():
                header = include / "relo" / name
                header.parent.mkdir(parents=True, exist_ok=True)
                header.write_text(lines)
            return list(climbs(include))

    assert not found({})
    assert found({"base/bytes.hpp": "#include <relo/elf/image.hpp>\n"}) == [
        "relo/base/bytes.hpp -> relo/elf/image.hpp: climbs from base to elf",
        "relo/base/bytes.hpp -> relo/elf/image.hpp -> relo/base/bytes.hpp: goes round"]
    assert found({"elf/crel.hpp": '# include "relo/linux/record/image.hpp"\n'}) == [
        "relo/elf/crel.hpp -> relo/linux/record/image.hpp: climbs from elf to linux"]
    assert found({"elf/a.hpp": "#include <relo/elf/b.hpp>\n", "elf/b.hpp": "#include <relo/elf/a.hpp>\n"}) == [
        "relo/elf/a.hpp -> relo/elf/b.hpp -> relo/elf/a.hpp: goes round"]
    assert found({"attic/a.hpp": ""}) == ["relo/attic/a.hpp: stands on no floor"]


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
        if name == "relo/loader.hpp" and header not in ("relo/relo.hpp", "relo/small_machine.hpp"):
            yield "includes relo/loader.hpp, which only relo/relo.hpp, relo/small_machine.hpp and users may"
    for match in HEAP.finditer(COMMENT_OR_STRING.sub('""', text)):
        yield f"uses the heap: {match.group()}"
    paths = reached(include, compiler, header)
    for path in paths:
        if UNREACHABLE.search(path):
            yield f"reaches {path}"
        if path.endswith("/boost/hana.hpp"):
            yield "reaches the whole of boost/hana.hpp"
    if header.startswith(WITHOUT_HANA) and any("/boost/hana" in path for path in paths):
        yield "reaches Hana, which this room works without"


def main():
    self_check()
    include = pathlib.Path(sys.argv[1])
    compiler = sys.argv[sys.argv.index("--") + 1:]
    headers = list(core_headers(include))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda header: list(breaches(include, compiler, header)), headers)
        lines = [f"{header}: {what}" for header, some in zip(headers, found) for what in some]
    lines += climbs(include)
    print(*lines, f"{len(headers)} headers, {len(lines)} breaches", sep="\n")
    return 1 if lines or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
