#!/usr/bin/env python3
"""record.py RELOCATE [MODULES]: compares what relo makes of modules with what a kernel made of them.

RELOCATE is the program relocate. MODULES is the directory of the modules of the kernel that the
record is of, searched for where ./dev puts it unless given. The record is relocated-amd64.json.xz
in $RELO_TRUTH, or else in shared/truth beside the repository: for each module, where its regions
were, what address each symbol it needs had, and offset and SHA-256 of each section, relocated.

Not compared, by rule:
 - what relo does not load: .symtab and .strtab, which a kernel keeps for kallsyms, and with them
   the sizes of the regions;
 - contents of .gnu.linkonce.this_module: the kernel has filled it in;
 - contents of __ex_table: the kernel has sorted it; relo may not.
Per-CPU data, which relo has no memory type for, is placed by the program relocate.
Exit status: 0 if all else agrees, 1 if not, 77 if record or modules are missing.
"""

import hashlib
import json
import lzma
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
KERNEL = "6.1.0-50-amd64"
NOT_LOADED = {".symtab", ".strtab"}
OFFSET_ONLY = {".gnu.linkonce.this_module", "__ex_table"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def record():
    beside = pathlib.Path(__file__).resolve().parents[2].parent / "shared/truth"
    path = pathlib.Path(os.environ.get("RELO_TRUTH", beside)) / "relocated-amd64.json.xz"
    if not path.is_file():
        skip(f"no record of a kernel: {path} (RELO_TRUTH names its directory)")
    with lzma.open(path) as file:
        return json.load(file)


def modules_directory():
    cache = os.environ.get("RELO_CACHE", pathlib.Path.home() / ".cache/relo")
    for root in pathlib.Path("/"), pathlib.Path(cache) / f"linux-image-{KERNEL}":
        if (found := root / "lib/modules" / KERNEL / "kernel").is_dir():
            return found
    skip(f"no modules of {KERNEL} (./dev kernel amd64 fetches them)")


def relocate(program, path, module):
    """Section index -> (region, offset, size, digest), None for the digest of SHT_NOBITS."""
    where = [f"{name} {region['base']} {region['size']:x}" for name, region in module["mem"].items()]
    _, base, _, size = module["percpu"].split()
    where.append(f"percpu {base} {int(size):x}")
    where += [f"{name} {address}" for name, address in module["undef"].items()]
    nobits = {index for index, *_, digest in module["sections"] if digest is None}
    out = subprocess.run([program, path], input="\n".join(where).encode(), capture_output=True)
    if out.returncode != 0:
        raise RuntimeError(out.stderr.decode().strip())

    sections, rest = {}, out.stdout
    while rest:
        line, rest = rest.split(b"\n", 1)
        index, region, offset, size = line.decode().split()
        index, size = int(index), int(size)
        digest = None
        if index not in nobits:
            digest, rest = hashlib.sha256(rest[:size]).hexdigest(), rest[size:]
        sections[index] = region, int(offset), size, digest
    return sections


def main():
    program = sys.argv[1]
    kernel = record()
    directory = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else modules_directory()
    files = {path.name: path for path in directory.rglob("*.ko")}
    placed = same = differ = modules = 0
    for name, module in kernel.items():
        path = files.get(module["file"])
        if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != module["ko_sha256"]:
            print(f"{name}: not the module of the record, left out")
            continue
        modules += 1
        try:
            mine = relocate(program, path, module)
        except RuntimeError as error:
            print(f"{name}: {error}")
            differ += 1
            continue
        for index, section, region, offset, size, _, _, digest in module["sections"]:
            if section in NOT_LOADED:
                continue
            got = mine.pop(index, None)
            if got is None or got[:3] != (region, offset, size):
                print(f"{name}: {section}: {got and got[:3]}, in the kernel {(region, offset, size)}")
                differ += 1
                continue
            placed += 1
            if section in OFFSET_ONLY or digest is None:
                continue
            if got[3] == digest:
                same += 1
            else:
                print(f"{name}: {section}: other contents than in the kernel")
                differ += 1
        for index in mine:
            print(f"{name}: section {index} is loaded, in the kernel it is not")
            differ += 1
    if modules == 0:
        skip("none of the record's modules is here")
    print(f"{modules} modules: {placed} sections lie where the kernel had them, {same} hold the same; {differ} differ")
    return differ != 0


if __name__ == "__main__":
    sys.exit(main())
