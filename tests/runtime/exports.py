#!/usr/bin/env python3
"""exports.py [--check | --calls COMPILER] [FILE...]: writes include/relo/runtime/*.hpp anew, or those named.

Each names the helpers of a target that its libgcc variants have, in families; which variants these are is
asked of the compiler. What only some have, as the others' processors do it themselves, is for those alone.

--check  writes nothing, and fails if a header names what one of them has not; what they have besides (a newer
         compiler's) is no fault.
--calls  compiles calls.c by that compiler, clang or "gcc", and fails if it calls what a header does not name.
"""

import collections
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOM = HERE.parents[1] / "include/relo/runtime"

ARM, RISCV = "arm-none-eabi-", "riscv64-unknown-elf-"
# Each with its kinds of processors, which a program's compiler tells apart, and their variants.
TARGETS = {
    "arm": (
        "Cortex-M", ARM,
        {"__ARM_ARCH_ISA_THUMB == 1": ["-mthumb -mcpu=cortex-m0", "-mthumb -mcpu=cortex-m23"],
         "__ARM_ARCH_ISA_THUMB == 2": [
             "-mthumb -mcpu=cortex-m3", "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=softfp",
             "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard", "-mthumb -mcpu=cortex-m33 -mfloat-abi=soft"]},
    ),
    "riscv": (
        "RISC-V", RISCV,
        {"__riscv_xlen == 32": ["-march=rv32i -mabi=ilp32", "-march=rv32imac -mabi=ilp32",
                                "-march=rv32imafc -mabi=ilp32f", "-march=rv32imafdc -mabi=ilp32d"],
         "__riscv_xlen == 64": ["-march=rv64i -mabi=lp64", "-march=rv64imac -mabi=lp64",
                                "-march=rv64imafc -mabi=lp64f", "-march=rv64imafdc -mabi=lp64d"]},
    ),
}  # fmt: skip

# A name belongs to the first family that has it. Run-time ABI for the Arm Architecture, 4; GCC
# Internals, "The GCC low-level runtime library".
FAMILIES = [
    ("switches", "of the cases of a switch, in Thumb-1 code at -Os", r"__gnu_thumb1_case_\w+"),
    ("save_restore", "prologues and epilogues, by -msave-restore", r"__riscv_(save|restore)_\d+"),
    ("division", "of integers, and what multiplies them",
     r"__aeabi_u?[il]div(mod)?|__u?(div|mod)[sdt]i3|__u?divmod[dt]i4|__mul[sdt]i3|__aeabi_lmul"),
    ("integers", "shifts, comparisons, bits; words that are not aligned",
     r"__aeabi_(llsl|llsr|lasr|u?lcmp|u(read|write)[48])|__(ashl|ashr|lshr)[dt]i3|__u?cmp[dt]i2|__neg[dt]i2"
     r"|__(bswap|clrsb|clz|ctz|ffs|parity|popcount)[sdt]i2"),
    ("overflow", "arithmetic that ends the program if it overflows, by -ftrapv", r"__(abs|add|sub|mul|neg)v[sd]i[23]"),
    ("single_precision", "floating point",
     r"__aeabi_(f(add|r?sub|mul|div|neg|cmp\w\w)|cfr?cmp\w\w|u?[il]2f|f2u?[il]z)|__(add|sub|mul|div|neg|powi)sf[23]"
     r"|__(eq|ne|lt|le|gt|ge|unord)sf2|__fix(uns)?sf[sdt]i|__float(un)?[sdt]isf"),
    ("double_precision", "floating point, and to and from single precision",
     r"__aeabi_(d(add|r?sub|mul|div|neg|cmp\w\w)|cdr?cmp\w\w|u?[il]2d|d2u?[il]z|d2f|f2d)|__(add|sub|mul|div|neg|powi)df[23]"
     r"|__(eq|ne|lt|le|gt|ge|unord)df2|__fix(uns)?df[sdt]i|__float(un)?[sdt]idf|__extendsfdf2|__truncdfsf2"),
    ("quadruple_precision", "floating point: long double; to and from the others",
     r"__(add|sub|mul|div|neg|powi)tf[23]|__(eq|ne|lt|le|gt|ge|unord)tf2|__fix(uns)?tf[sdt]i|__float(un)?[sdt]itf"
     r"|__extend[sd]ftf2|__trunctf[sd]f2"),
    ("half_precision", "to and from the others", r"__gnu_(h2f|[fd]2h)_(ieee|alternative)"),
    ("complex_numbers", "their product and quotient", r"__(mul|div)[sdt]c3"),
    ("atomics", "of bytes and halves of words", r"__sync_\w+_[12]"),
]  # fmt: skip


# Which variants of a kind have a name, by their RISC-V extensions.
GUARDS = [
    ("", lambda extensions: True),
    ("defined(__riscv_atomic)", lambda extensions: "a" in extensions),
    ("!defined(__riscv_flen)", lambda extensions: "f" not in extensions),
    ("(!defined(__riscv_flen) || __riscv_flen < 64)", lambda extensions: "d" not in extensions),
]

# What clang calls, and only compiler-rt has: libgcc has the same function under a name of its own.
ALSO = {f"__aeabi_{what}": f"__gnu_{what}_ieee" for what in ("h2f", "f2h", "d2h")}

# The C library's.
LIBC = r"ffs|mem(cpy|move|set)|__aeabi_mem(cpy|move|set|clr)[48]?"

# What is called at other levels is called at one of these, too.
LEVELS = {ARM: ["-Os", "-O2 -ftrapv"], RISCV: ["-Os -msave-restore", "-O2 -ftrapv"]}


def output(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def helpers(prefix, options):
    """The names that a variant defines."""
    library = output(f"{prefix}gcc", *options.split(), "-print-libgcc-file-name").strip()
    lines = output(f"{prefix}nm", "-g", "--defined-only", library, stderr=subprocess.DEVNULL).splitlines()
    return {line.split()[2] for line in lines if re.match(r"[0-9a-f]+ [TW] ", line)}


def guards(prefix, variants):
    """Under which guard these variants have a name, for each that is in one."""
    have = [helpers(prefix, options) for options in variants]
    extensions = [re.sub(r"-march=rv\d\d|\s.*", "", options) for options in variants]
    out = {}
    for name in set.union(*have):
        for guard, holds in GUARDS:
            if [name in h for h in have] == [holds(e) for e in extensions]:
                out.setdefault(name, guard)
    return out


def by_guard(target):
    """Under which guard there are which names."""
    _, prefix, kinds = TARGETS[target]
    of_kind = {kind: guards(prefix, variants) for kind, variants in kinds.items()}
    out = collections.defaultdict(set)
    for name in set().union(*of_kind.values()):
        found = {kind: names[name] for kind, names in of_kind.items() if name in names}
        same = len(found) == len(kinds) and len(set(found.values())) == 1
        for kind, guard in found.items():
            out[guard if same else f"{kind} && {guard}" if guard else kind].add(name)
    return dict(sorted(out.items()))


def compiler(name, target, options):
    """The command of a compiler for a variant."""
    _, prefix, _ = TARGETS[target]
    if name == "gcc":
        return [f"{prefix}gcc", *options.split(), *(["-mfp16-format=ieee"] if prefix == ARM else [])]
    machine = f"riscv{options[9:11]}-unknown-elf" if prefix == RISCV else "arm-none-eabi"
    return [name, f"--target={machine}", *options.split()]


def families(header, command):
    """By families, the names that a header offers in a program which that command compiles, and their functions."""
    text = re.sub(r"^#(include|pragma).*", "", header.read_text(), flags=re.MULTILINE)
    text = output(*command, "-E", "-P", "-x", "c++", "-", input=text)
    out = {}
    for family, names in re.findall(r"^struct (\w+) \{$(.*?)^\};$", text, re.MULTILINE | re.DOTALL):
        same = re.findall(r"RELO_HELPER\((\w+)\)", names)
        others = re.findall(r'\{"(\w+)", RELO_HELPER_FUNCTION\((\w+)\)\}', names)
        out[family] = {**{f"__{n}": f"__{n}" for n in same}, **{n: f"__{of}" for n, of in others}}
    return out


def called(prefix, command):
    """The names that calls.c is left with."""
    out = set()
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/calls.o"
        for level in LEVELS[prefix]:
            output(*command, *level.split(), "-ffreestanding", "-w", "-c", HERE / "calls.c", "-o", made)
            out |= set(re.findall(r" U (\w+)", output(f"{prefix}nm", "-u", made)))
    return {n for n in out if not re.fullmatch(LIBC, n)}


def natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def guarded(guard, text):
    return f"#if {guard}\n{text}#endif\n" if guard else text


def entries(names):
    """As they are written, as many to a line as go."""
    written = [f"RELO_HELPER({n[2:]})," for n in names]
    written += [f'{{"{n}",~RELO_HELPER_FUNCTION({of[2:]})}},' for n, of in ALSO.items() if of in names]
    indent = " " * 6
    text = textwrap.fill(" ".join(written), 100, initial_indent=indent, subsequent_indent=indent)
    return text.replace("~", " ") + "\n"


def header(target):
    what, _, _ = TARGETS[target]
    left = by_guard(target)
    out = f"""// What compilers for {what} call unasked, in families.
// See relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; what clang calls is among them.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::{target} {{

// clang-format off
"""
    for family, purpose, pattern in FAMILIES:
        mine = {}
        for guard, names in left.items():
            if found := sorted((n for n in names if re.fullmatch(pattern, n)), key=natural):
                mine[guard] = found
        if not mine:
            continue
        # A table cannot be empty: a family that some variants have nothing of is for the others alone.
        whole, *others = [""] if "" in mine else mine
        assert not others
        listed = ""
        for guard, names in mine.items():
            left[guard].difference_update(names)
            listed += guarded(guard if guard != whole else "", entries(names))
        text = f"/// {purpose[0].upper()}{purpose[1:]}.\nstruct {family} {{\n"
        text += f"  static constexpr helper helpers[] = {{\n{listed}  }};\n}};\n"
        out += guarded(whole, text)
    return out + f"// clang-format on\n\n}}  // namespace relo::runtime::{target}\n"


def main():
    mode, words = "", sys.argv[1:]
    if words and words[0].startswith("--"):
        mode = words.pop(0)
    by = words.pop(0) if mode == "--calls" else "gcc"
    bad = 0
    for file in map(pathlib.Path, words or [ROOM / f"{t}.hpp" for t in TARGETS]):
        target = file.stem
        _, prefix, kinds = TARGETS[target]
        if not mode:
            file.write_text(header(target))
            continue
        for options in itertools.chain(*kinds.values()):
            command = compiler(by, target, options)
            names = {}
            for of_family in families(file, command).values():
                names |= of_family
            if mode == "--check":
                missing, whose = set(names.values()) - helpers(prefix, options), "libgcc has no"
            else:
                missing, whose = called(prefix, command) - names.keys(), f"{by} calls"
            if missing:
                print(f"{file.name}, {options}: {whose} {', '.join(sorted(missing))}")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
