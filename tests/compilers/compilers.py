#!/usr/bin/env python3
"""compilers.py BUILD COMPILER...: what every current compiler says of the headers, and of what uses them.

Each compiler is asked to check, without making code, every public header in every mode that it has: each
standard from C++20 on, each standard library that is here, with exceptions and without. In the newest
standard in which it can compile that library's threads it also checks the tests named below, which compose
loaders of each kind, as BUILD/compile_commands.json says that they are compiled (by `./dev test`).
"""

import concurrent.futures
import functools
import itertools
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()
STANDARDS = (("c++20",), ("c++23", "c++2b"), ("c++26", "c++2c"))  # the names, final ones first
LIBRARIES = ("libstdc++", "libc++")
ROOMS = ("loader", "memory", "small_machine", "pipeline.cpp", "symbol", "host", "lock")
THREADS = "#include <thread>\nvoid f() { std::thread{[] {}}.join(); }\n"
ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def accepts(compiler, options, source="#include <concepts>\n"):
    command = [compiler, *options, "-Werror", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True).returncode == 0


def modes(compiler):
    """The standards that it knows, and the libraries that go with it, each as an option."""
    standards = [next((f"-std={name}" for name in names if accepts(compiler, (f"-std={name}",))), None)
                 for names in STANDARDS]
    if "clang" not in compiler:
        return [s for s in standards if s], [[]]
    libraries = [[f"-stdlib={name}"] for name in LIBRARIES]
    return [s for s in standards if s], [l for l in libraries if accepts(compiler, ("-std=c++20", *l))]


def tests(build):
    """The compiler's options for each test, as the build has them; its own includes are not said there."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if not source.is_relative_to(ROOT / "tests") or source.suffix != ".cpp":
            continue
        if source.relative_to(ROOT / "tests").parts[0] not in ROOMS:
            continue
        words = shlex.split(entry["command"])
        kept = [w for i, w in enumerate(words) if w.startswith(("-D", "-I")) or words[i - 1] == "-isystem"]
        options = list(itertools.chain.from_iterable(
            ["-isystem", w] if not w.startswith("-") else [w] for w in kept))
        yield source, options, entry["directory"]


def main(build, compilers):
    build = pathlib.Path(build).resolve()
    hana = ["-isystem", str(build / "hana")]
    headers = sorted(str(p.relative_to(ROOT / "include")) for p in (ROOT / "include").rglob("*.hpp"))
    jobs = []
    with tempfile.TemporaryDirectory() as work:
        every = pathlib.Path(work, "every_header.cpp")
        every.write_text("".join(f"#include <{name}>\n" for name in headers))
        for compiler in compilers:
            standards, libraries = modes(compiler)
            print(f"{compiler}: {' '.join(s[5:] for s in standards)}; "
                  f"{' and '.join(l[0][8:] for l in libraries if l) or 'libstdc++'}", flush=True)
            for standard, library, less in itertools.product(standards, libraries, ([], ["-fno-exceptions"])):
                options = [standard, *library, *less, f"-I{ROOT / 'include'}", *hana]
                jobs.append(([compiler, *options, *WARNINGS, "-fsyntax-only", str(every)], work))
            for library, (source, options, where) in itertools.product(libraries, tests(build)):
                newest = next(s for s in reversed(standards) if accepts(compiler, (s, *library), THREADS))
                options = [newest, *library, *options]
                jobs.append(([compiler, *options, *WARNINGS, "-fsyntax-only", str(source)], where))
        return check(jobs)


def check(jobs):
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda job: subprocess.run(job[0], cwd=job[1], capture_output=True, text=True), jobs)
        for number, (job, result) in enumerate(zip(jobs, done), 1):
            print(f"[{number}/{len(jobs)}] {job[0][0]} {job[0][1]} {pathlib.Path(job[0][-1]).name}", flush=True)
            if result.returncode != 0 or result.stderr:
                failed += 1
                print(shlex.join(job[0]), result.stderr, sep="\n", flush=True)
    print(f"{len(jobs) - failed} passed, {failed} failed", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
