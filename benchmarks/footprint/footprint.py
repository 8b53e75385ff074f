#!/usr/bin/env python3
"""footprint.py [--json | --symbols] --hana DIRECTORY BUILD: how large loaders for firmware are.

Each composition beside this file is compiled for each target and linked, unused sections dropped. A
loader's flash is what the linker's map says of the loader's own object (code, constants, tables of
relocation types, initialized data); what other objects have is not counted: the table of the names
that the board offers and these names, the board, libc and libgcc. RAM is what the object has in
.data and .bss, but module memory, scratch memory and what a stream is read through, whose sizes a
composition chooses. Stack is
the deepest chain of calls by the compiler's account of frames; calls that leave the object (libc,
the board's reader, a module's own code) count nothing.

`named` is README.md's loader of plugins from flash and from a medium, with the words of errors;
`located` also says where they are.

On the Cortex-M3 the smaller ones load the reference module in QEMU, which counts instructions, and the
module is run and compared with a copy that was linked. Of what is streamed it is told how often the
medium is read, and how many blocks of 512 bytes these reads touch; `cached` keeps one or eight of them.

--json     prints a list of {"target", "build", "flash", "ram", "stack"}
--symbols  prints every section that a loader has in the map
Exit status: 0 if all is within budget, 1 if not.
"""

import argparse
import collections
import glob
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
INCLUDE = HERE.parents[1] / "include"

Target = collections.namedtuple("Target", "name prefix options")
RISCV_LIBRARY = [
    option
    for library in glob.glob("/usr/include/newlib/c++/*")
    for option in ["-nostdinc++", "-isystem", library, "-isystem", f"{library}/arm-none-eabi"]
]
TARGETS = [
    Target("cortex-m3", "arm-none-eabi-", ["-mthumb", "-mcpu=cortex-m3"]),
    Target("cortex-m0plus", "arm-none-eabi-", ["-mthumb", "-mcpu=cortex-m0plus"]),
    Target("cortex-m4f", "arm-none-eabi-", ["-mthumb", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]),
    Target("cortex-m33", "arm-none-eabi-", ["-mthumb", "-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"]),
    Target("rv32imac", "riscv64-unknown-elf-", ["-march=rv32imac", "-mabi=ilp32", "-msave-restore", "--specs=picolibc.specs"]),
]
BUILDS = {  # with the file that it is compiled from, and what that is told
    "contiguous": ("contiguous", ["-DCONTIGUOUS"]),
    "streamed": ("streamed", ["-DSTREAMED"]),
    "cached-1": ("streamed", ["-DSTREAMED", "-DBLOCKS=1"]),
    "cached-8": ("streamed", ["-DSTREAMED", "-DBLOCKS=8"]),
    "named": ("named", ["-DSTREAMED", "-DCONTIGUOUS"]),
    "located": ("named", ["-DSTREAMED", "-DCONTIGUOUS", "-DLOCATED"]),
}
MEASURED = {"contiguous": None, "streamed": None, "cached-1": ["cortex-m3"], "cached-8": ["cortex-m3"]}
MEASURED = {b: MEASURED.get(b, ["cortex-m3", "rv32imac"]) or [t.name for t in TARGETS] for b in BUILDS}
FLASH = {
    ("cortex-m3", "contiguous"): 2120,
    ("cortex-m3", "streamed"): 3760,
    ("cortex-m0plus", "contiguous"): 2340,
    ("rv32imac", "contiguous"): 2760,
    ("cortex-m3", "named"): 11150,
    ("cortex-m3", "located"): 21400,
    ("rv32imac", "named"): 12600,
    ("rv32imac", "located"): 21300,
}
RAM = {"contiguous": 128, "streamed": 128, "cached-1": 128, "cached-8": 128, "named": 400, "located": 1250}
STACK = collections.defaultdict(
    lambda: 400,
    {
        ("cortex-m0plus", "streamed"): 420,
        ("cortex-m3", "cached-1"): 500,
        ("cortex-m3", "cached-8"): 480,
        ("rv32imac", "streamed"): 600,
        ("cortex-m3", "named"): 800,
        ("cortex-m3", "located"): 2900,
        ("rv32imac", "named"): 1000,
        ("rv32imac", "located"): 2900,
    },
)
INSTRUCTIONS = collections.defaultdict(lambda: 120_000, {"cached-1": 200_000, "cached-8": 200_000})
BLOCKS = {"streamed": 8, "cached-1": 4, "cached-8": 2}  # that are read for each that the object has
TICK = 40  # instructions: QEMU's icount has 1 ns each, the processor clock 25 MHz

COMPILE = ["-std=c++20", "-Os", "-ffunction-sections", "-fdata-sections", "-fno-exceptions", "-fno-rtti"]


def run(*command, cwd=None, timeout=600):
    command = [str(word) for word in command]
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


# --- building ----------------------------------------------------------------------------------------


class Built:
    """A composition for a target, linked."""

    def __init__(self, target, build, out, hana):
        self.target, self.build, self.out = target, build, out / target.name / build
        self.out.mkdir(parents=True, exist_ok=True)
        self.options = [*target.options, *COMPILE, f"-I{out}", f"-I{INCLUDE}", "-isystem", hana]
        if target.prefix.startswith("riscv"):
            self.options += RISCV_LIBRARY
        source, told = BUILDS[build]
        self.options += told
        self.compile(HERE / f"{source}.cpp", "loader.o", "-fcallgraph-info=su")
        self.compile(HERE / "board.cpp", "board.o")
        self.link("loader", ["loader.o", "board.o", out / target.name / "host.o"], "-Wl,-e,main")
        self.sections = list(loader_sections((self.out / "loader.map").read_text()))

    def compile(self, source, to, *more):
        run(f"{self.target.prefix}g++", *self.options, *more, "-c", source, "-o", self.out / to)

    def link(self, name, objects, *more):
        options = [*self.target.options, "-nostartfiles", "-Wl,--gc-sections", f"-Wl,-Map={name}.map"]
        run(f"{self.target.prefix}gcc", *options, *more, *objects, "-o", f"{name}.elf", cwd=self.out)

    def flash(self):
        return sum(size for name, size in self.sections if not name.startswith((".bss", ".sbss")))

    def ram(self):
        """Objects in memory that is written, but `memory`, `words`, `windows` and `blocks`, which the composition sizes."""
        written = re.compile(r"\.s?(bss|data)\.(.*)")
        found = [(written.match(name), size) for name, size in self.sections]
        return sum(size for match, size in found if match and not re.search("6memoryE|5wordsE|7windowsE|6blocksE", match[2]))

    def stack(self):
        return deepest((self.out / "loader.ci").read_text())


def loader_sections(text):
    """(section, bytes) of loader.o in a linker map, what was dropped left out."""
    text = text[text.index("Linker script and memory map") :]
    pattern = r"^ (\.\S+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+loader\.o$"
    for section, size in re.findall(pattern, text, re.MULTILINE):
        if int(size, 16) and section.startswith((".text", ".rodata", ".srodata", ".data", ".sdata", ".bss", ".sbss")):
            yield section, int(size, 16)


def deepest(graph):
    """The most stack that a function of a call graph takes, with those that it calls."""
    frames = {}
    for title, label in re.findall(r'node: { title: "([^"]*)" label: "([^"]*)"', graph):
        size = re.search(r"(\d+) bytes \((\w+)", label)
        frames[title] = int(size[1]) if size else 0
        assert not size or size[2] == "static", f"unbounded frame: {title}"
    calls = collections.defaultdict(set)
    for caller, callee in re.findall(r'edge: { sourcename: "([^"]*)" targetname: "([^"]*)"', graph):
        calls[caller].add(callee)

    def depth(function, callers=()):
        assert function not in callers, f"recursion: {function}"
        return frames.get(function, 0) + max((depth(f, (*callers, function)) for f in calls[function]), default=0)

    return max(depth(function) for function in list(frames))


# --- the reference module ----------------------------------------------------------------------------


def make_reference(out):
    """The module's file and the host, for the Cortex-M3; the host for all the others."""
    run(sys.executable, REFERENCE / "make_host.py", out)
    (out / "mod.c").write_text(run(sys.executable, REFERENCE / "make_module.py"))
    for target in TARGETS:
        (out / target.name).mkdir(parents=True, exist_ok=True)
        cc = [f"{target.prefix}gcc", *target.options, "-Os", "-ffunction-sections", "-fdata-sections"]
        run(*cc, "-c", out / "host.c", "-o", out / target.name / "host.o")
    run("arm-none-eabi-gcc", "-Os", "-mcpu=cortex-m3", "-mthumb", "-c", out / "mod.c", "-o", out / "mod0.o")
    run("arm-none-eabi-ld", "-r", "-T", REFERENCE / "merge.ld", out / "mod0.o", "-o", out / "mod.o")
    run("arm-none-eabi-strip", "--strip-unneeded", out / "mod.o")


Loaded = collections.namedtuple("Loaded", "instructions stack size agrees reads blocks")


def load_reference(built, out):
    entry = re.search(r"^(\w+) . module_entry$", run("arm-none-eabi-nm", out / "mod.o"), re.MULTILINE)[1]
    built.compile(REFERENCE / "program.cpp", "program.o", f"-Wa,-I,{out}", f"-DMODULE_ENTRY=0x{entry}")
    built.compile(HERE / "board.cpp", "offered.o", "-DREFERENCE")
    objects = ["loader.o", "program.o", "offered.o", out / built.target.name / "host.o", out / "mod0.o"]
    built.link("reference", objects, "-T", REFERENCE / "mps2.ld")
    said = run(
        "qemu-system-arm", "-M", "mps2-an385", "-icount", "shift=0", "-display", "none", "-monitor", "none",
        "-serial", "none", "-chardev", "stdio,id=out", "-semihosting-config", "enable=on,chardev=out", "-kernel", built.out / "reference.elf", timeout=60,
    )  # fmt: skip
    numbers = [int(word) for word in said.split()]
    if len(numbers) != 12 or numbers[0] != 0 or numbers[8] != 0:
        sys.exit(f"{built.build}: the reference module was not loaded and unloaded: {said}")
    _, ticks, stack, size, result, calls, result_of_copy, calls_of_copy, _, reads, blocks, _ = numbers
    return Loaded(ticks * TICK, stack, size, (result, calls) == (result_of_copy, calls_of_copy) and calls > 0, reads, blocks / numbers[11])


# --- telling -----------------------------------------------------------------------------------------


def short(mangled):
    """A section's function or object by its name, without the arguments of templates."""
    name = run("c++filt", re.sub(r"^\.(text|s?rodata|s?data|s?bss)\.(?=.)", "", mangled)).strip()
    while (less := re.sub(r"(?<!operator)<[^<>]*>|\((?!anonymous)[^()]*\)", "", name)) != name:
        name = less
    return name[-100:]


def verdict(value, budget):
    return f"{value:8}{budget or '-':>9}" + ("  TOO MUCH" if budget and value >= budget else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--symbols", action="store_true")
    parser.add_argument("--hana", type=pathlib.Path, required=True)
    parser.add_argument("--only", help="a target")
    parser.add_argument("build", type=pathlib.Path)
    arguments = parser.parse_args()
    out = arguments.build.resolve()
    out.mkdir(parents=True, exist_ok=True)

    make_reference(out)
    targets = [t for t in TARGETS if arguments.only in (None, t.name)]
    every = [Built(t, b, out, arguments.hana.resolve()) for t in targets for b in BUILDS if t.name in MEASURED[b]]
    numbers = [
        {"target": b.target.name, "build": b.build, "flash": b.flash(), "ram": b.ram(), "stack": b.stack()} for b in every
    ]
    loads = "contiguous", "streamed", "cached-1", "cached-8"
    loaded = {b.build: load_reference(b, out) for b in every if b.target.name == "cortex-m3" and b.build in loads}

    if arguments.json:
        print(json.dumps(numbers, indent=1))
    else:
        print(f"{'':28}{'flash':>8}{'budget':>9}{'ram':>8}{'budget':>9}{'stack':>8}{'budget':>9}")
        for n in numbers:
            budgets = (n["flash"], FLASH.get((n["target"], n["build"]))), (n["ram"], RAM[n["build"]]), (n["stack"], STACK[n["target"], n["build"]])
            print(f"{n['target']:16}{n['build']:12}" + "".join(verdict(*b) for b in budgets))
        print(f"\n{'the reference module':28}{'instructions':>14}{'budget':>9}{'stack':>8}{'memory':>8}{'reads':>8}{'blocks':>8}{'budget':>9}  as the linked copy")
        for build, l in loaded.items():
            read = f"{l.reads:8}{l.blocks:7.1f}x{BLOCKS[build]:8}x" if l.reads else " " * 25
            print(f"{'cortex-m3':16}{build:12}{l.instructions:14}{INSTRUCTIONS[build]:9}{l.stack:8}{l.size:8}{read}  {'yes' if l.agrees else 'NO'}")
    if arguments.symbols:
        for b in every:
            print(f"\n{b.target.name} {b.build}")
            for section, size in sorted(b.sections, key=lambda s: -s[1]):
                print(f"{size:8} {section.split('.')[1]:8}{short(section)}")

    good = all(
        n["flash"] < FLASH.get((n["target"], n["build"]), n["flash"] + 1)
        and n["ram"] < RAM[n["build"]]
        and n["stack"] < STACK[n["target"], n["build"]]
        for n in numbers
    ) and all(
        l.agrees and l.instructions < INSTRUCTIONS[b] and l.blocks <= BLOCKS.get(b, 0) for b, l in loaded.items()
    )
    return 0 if good else 1


sys.exit(main())
