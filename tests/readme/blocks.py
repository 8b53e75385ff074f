"""blocks.py REPOSITORY HANA COMPILER [OPTION]...: what the README.md files and the headers' comments show
compiles, runs and exists.

Every block of C++ in every README.md is compiled: as a program of its own, or, where the line before it is

    <!-- context: NAME.cpp -->

(which nobody sees who reads the page) as the part of tests/readme/context/NAME.cpp where that says
`#include README_BLOCK`. Comments that the context begins with say what becomes of it:

    // board: mps2-an385        it is compiled for that machine, which QEMU has, else for this one
    // object: plugin.c         compiled to plugin.o, as a plugin; a path from the context on
    // options: -rdynamic       more options for the compiler
    // prints: 42               it is run, exits with 0 and prints just this line and the other such lines

What the comments of a header show, indented by five spaces after an empty line, is compiled in the same way, all of a
header together: as the part of tests/readme/context/HEADER.cpp, where HEADER is relo/loader, say.

A program finds plugin.o in the folder where it is run; on a board, where nothing is a file,
`extern "C" const unsigned char plugin_begin[], plugin_end[];`.

Of other blocks, each line "$ COMMAND ..." must name a command: one of this machine, one that an example
understands, or ./EXAMPLE.
"""

import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from readmes import readmes

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMENTED = re.compile(r" *//+(?:     (.*))?$")  # as code, or empty
CONTEXT = re.compile(r"<!-- context: (\S+) -->\n\Z")
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()


class Board:
    """A machine in QEMU without an operating system; its C library speaks through semihosting."""

    START = """
    .section .vectors, "a"
    .global vectors
vectors:
    .word 0x00400000, _start
"""
    OBJECT = """
    .section .rodata.{0}
    .balign 8
    .global {0}_begin, {0}_end
{0}_begin:
    .incbin "{0}.o"
{0}_end:
"""

    def __init__(self, name):
        self.name = name
        self.cc, self.cxx = "arm-none-eabi-gcc", "arm-none-eabi-g++"
        self.options = ["-mthumb", {"mps2-an385": "-mcpu=cortex-m3"}[name]]
        self.cxx_options = ["-fno-exceptions", "-fno-rtti"]
        self.plugin_options = []
        self.link = ["--specs=rdimon.specs", "-Wl,--section-start=.vectors=0,-u,vectors"]
        self.emulator = "qemu-system-arm"

    def lacks(self):
        return [p for p in (self.cxx, self.emulator) if not shutil.which(p)]

    def more_sources(self, folder, objects):
        start = folder / "start.S"
        start.write_text(self.START + "".join(self.OBJECT.format(o) for o in objects))
        return [start]

    def run(self, program):
        return [self.emulator, "-M", self.name, "-kernel", program, "-semihosting", "-nographic", "-monitor", "none",
                "-serial", "null"]


class Here:
    """This machine."""

    def __init__(self, compiler, options):
        self.cc, self.cxx = "cc", compiler
        self.options, self.cxx_options, self.plugin_options = [], options, ["-fPIC"]
        self.link = []

    def lacks(self):
        return []

    def more_sources(self, folder, objects):
        return []

    def run(self, program):
        return [program]


class Block:
    def __init__(self, file, line, language, text, context):
        self.file, self.line, self.language, self.text, self.context = file, line, language, text, context

    @classmethod
    def of_readme(cls, file):
        text = file.read_text()
        for match in BLOCK.finditer(text):
            before = text[: match.start()]
            context = CONTEXT.search(before)
            yield cls(file, before.count("\n") + 2, *match.groups(), context and context[1])

    @classmethod
    def of_header(cls, file, include):
        """A line of what is shown for each of the header's, so that errors tell the line."""
        lines, shown = [], False
        for match in map(COMMENTED.match, file.read_text().split("\n")):
            code = match and match[1]
            shown = bool(match) and (shown or not code)  # from an empty line of a comment on
            lines.append(f"  {code}" if code and shown else "")
        if any(lines):
            text = "\n".join(lines) + "\n"
            yield cls(file, 1, "cpp", text, f"{file.relative_to(include).with_suffix('.cpp')}")

    def __str__(self):
        return f"{self.file}:{self.line}"

    def checked(self, here, repository, hana):
        """"" if it is right, else what is wrong, and whether it could not be tried."""
        source, folder, said = None, None, []
        if self.context:
            folder = pathlib.Path(__file__).parent / "context"
            source = folder / self.context
            if not source.is_file():
                return f"no such context: {source}", False
            said = re.findall(r"^// (\w+): (.*)$", source.read_text(), re.MULTILINE)
        of = lambda key: [value for k, value in said if k == key]
        machine = Board(of("board")[0]) if of("board") else here
        if machine.lacks():
            return f"no {' and no '.join(machine.lacks())}", True
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            (work / "block.inc").write_text(f'#line {self.line} "{self.file}"\n{self.text}')
            if not source:
                source = work / "block.cpp"
                source.write_text('#include "block.inc"\n')
            try:
                return self.made(machine, work, source, folder, of, repository, hana), False
            except subprocess.CalledProcessError as e:
                return e.stdout.decode(errors="replace"), False

    @staticmethod
    def made(machine, work, source, folder, of, repository, hana):
        run = lambda command: subprocess.run(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                             timeout=120, check=True).stdout.decode()
        include = repository / "include"
        options = " ".join(of("options")).split()
        objects = []
        for plugin in of("object"):
            objects.append(pathlib.Path(plugin).stem)
            run([machine.cxx if plugin.endswith(".cpp") else machine.cc, *machine.options, *machine.plugin_options,
                 "-Os", "-I", include / "relo/plugin", "-c", folder / plugin, "-o", f"{objects[-1]}.o"])
        run([machine.cxx, *machine.options, "-std=c++20", "-Os", *WARNINGS, *machine.cxx_options, *options,
             '-DREADME_BLOCK="block.inc"', "-I", work, "-I", include, "-isystem", hana, "-c", source, "-o", "block.o"])
        if not of("prints"):
            return ""
        run([machine.cxx, *machine.options, *machine.cxx_options, *options, "block.o",
             *machine.more_sources(work, objects), *machine.link, "-o", "program"])
        shown = run(machine.run(work / "program"))
        wanted = "".join(line + "\n" for line in of("prints"))
        return "" if shown == wanted else f"printed\n{shown}instead of\n{wanted}"


def unknown_commands(block, repository):
    sources = "".join(p.read_text() for p in (repository / "examples").rglob("*.[ch]*") if p.is_file())
    for command in re.findall(r"^\$ (\S+)", block.text, re.MULTILINE):
        if command.startswith("./"):
            if not (repository / command).exists() and not (repository / "examples" / command[2:]).is_dir():
                yield command
        elif not shutil.which(command) and f'"{command}' not in sources:
            yield command


def main():
    repository, hana, compiler, *options = sys.argv[1:]
    repository = pathlib.Path(repository).resolve()
    here = Here(compiler, options)
    blocks = []
    for readme in readmes(repository):
        blocks += Block.of_readme(readme)
    for header in sorted((repository / "include").rglob("*.hpp")):
        blocks += Block.of_header(header, repository / "include")
    code = [b for b in blocks if b.language == "cpp"]
    wrong = [f"{b}: no such command: {c}" for b in blocks if b.language != "cpp" for c in unknown_commands(b, repository)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for block, (why, skipped) in zip(code, pool.map(lambda b: b.checked(here, repository, hana), code)):
            print(f"{block}: {'skipped: ' + why if skipped else 'wrong' if why else 'right'}")
            if why and not skipped:
                wrong.append(f"{block}: {why}")
    if not code:
        wrong.append("there is no block of C++ in any README.md")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
