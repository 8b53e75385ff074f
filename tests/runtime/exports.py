#!/usr/bin/env python3
"""exports.py [--check] [FILE...]: writes include/relo/runtime/*.hpp anew, or those named.

Each names the helpers of a target that every one of its libgcc variants has, in families. Which variants
these are is asked of the compiler. --check writes nothing, and fails if a header names what one of them has
not; what they have besides (a newer compiler's) is no fault.
"""

import pathlib
import re
import subprocess
import sys

ROOM = pathlib.Path(__file__).resolve().parents[2] / "include/relo/runtime"

ARM, RISCV = "arm-none-eabi-", "riscv64-unknown-elf-"
TARGETS = {
    "armv6m": ("ARMv6-M and ARMv8-M baseline", ARM, ["-mthumb -mcpu=cortex-m0", "-mthumb -mcpu=cortex-m23"]),
    "armv7m": (
        "ARMv7-M and ARMv8-M mainline", ARM,
        ["-mthumb -mcpu=cortex-m3", "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=softfp",
         "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard", "-mthumb -mcpu=cortex-m33 -mfloat-abi=soft"],
    ),
    "rv32": ("RV32", RISCV, ["-march=rv32i -mabi=ilp32", "-march=rv32imac -mabi=ilp32"]),
    "rv64": ("RV64", RISCV, ["-march=rv64imac -mabi=lp64", "-march=rv64imafdc -mabi=lp64d"]),
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


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def helpers(prefix, variants):
    """The names that all variants define."""
    have = []
    for options in variants:
        library = output(f"{prefix}gcc", *options.split(), "-print-libgcc-file-name").strip()
        lines = output(f"{prefix}nm", "-g", "--defined-only", library).splitlines()
        have.append({line.split()[2] for line in lines if re.match(r"[0-9a-f]+ [TW] ", line)})
    return set.intersection(*have)


def natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def header(target):
    what, prefix, variants = TARGETS[target]
    left = helpers(prefix, variants)
    out = f"""// What compilers for {what} call unasked, in families; see relo/symbol/runtime_exports.hpp.
// Written by tests/runtime/exports.py from the names in libgcc; compiler-rt gives those that clang calls
// the same ones.
#pragma once

#include <relo/symbol/runtime_exports.hpp>

namespace relo::runtime::{target} {{

// clang-format off
"""
    for family, purpose, pattern in FAMILIES:
        names = sorted((n for n in left if re.fullmatch(pattern, n)), key=natural)
        left.difference_update(names)
        if not names:
            continue
        out += f"/// {purpose[0].upper()}{purpose[1:]}.\nstruct {family} {{\n"
        out += "".join(f'  static void {n.strip("_")}() noexcept __asm__("{n}");\n' for n in names)
        out += "  static constexpr helper helpers[] = {\n"
        out += "".join(f'      {{"{n}", &{n.strip("_")}}},\n' for n in names)
        out += "  };\n};\n"
    return out + f"// clang-format on\n\n}}  // namespace relo::runtime::{target}\n"


def main():
    named = [a for a in sys.argv[1:] if a != "--check"] or [str(ROOM / f"{t}.hpp") for t in TARGETS]
    bad = 0
    for file in map(pathlib.Path, named):
        if "--check" not in sys.argv:
            file.write_text(header(file.stem))
            continue
        _, prefix, variants = TARGETS[file.stem]
        missing = set(re.findall(r'\{"(\w+)"', file.read_text())) - helpers(prefix, variants)
        if missing:
            print(f"{file.name}: libgcc has no {', '.join(sorted(missing))}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
