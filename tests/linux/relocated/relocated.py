#!/usr/bin/env python3
"""relocated.py PLACE RELEASE: compares where relo puts kernel modules, and what it makes of them,
with what a kernel did; then where it puts every module of that kernel's package, with the rule.

PLACE is the program place; RELEASE is 6.1 or 6.12. The record is relocated-amd64.json.xz or
relocated-trixie-amd64.json.xz of ../record: for each module, where its regions were and how large,
what address each symbol it needs had, where its symbol tables were, and offset and SHA-256 of each
section, relocated. The modules are searched for where ./dev puts them, below $RELO_CACHE or
~/.cache/relo; with modules of a later kernel of that series, those of the record that have changed
are left out.

Not compared are the contents of .gnu.linkonce.this_module: the kernel has filled it in; and of
.symtab and .strtab, which are specific to the run.

Exit status: 0 if all agrees, 1 if not, 77 if record or modules are missing.
"""

import hashlib
import json
import lzma
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "record"))
from record import MACHINES, Kernel, contents, truth  # pylint: disable=wrong-import-position

OFFSET_ONLY = {".gnu.linkonce.this_module", ".symtab", ".strtab"}
PAGE = 4096


# --- what relo says ---------------------------------------------------------------------------------


class Placed:
    """What place says of a module."""

    def __init__(self):
        self.regions, self.limits, self.sections, self.numbers = {}, {}, {}, {}
        self.letters = ""


def parse(out, nobits=None):
    """The modules in the output of place; with bytes where nobits is a set of section indices."""
    module, at = Placed(), 0
    while at < len(out):
        end = out.index(b"\n", at)
        word, *rest = out[at:end].decode().split()
        at = end + 1
        if word == "region":
            name, address, size = rest
            module.regions[name] = int(address), int(size)
        elif word == "limits":
            module.limits[name] = [int(n) for n in rest]
        elif word == "section":
            index, region, offset, size = rest
            index, size, digest = int(index), int(size), None
            if nobits is not None and index not in nobits:
                digest = hashlib.sha256(out[at:at + size]).hexdigest()
                at += size
            module.sections[index] = region, int(offset), size, digest
        elif word == "symbols":
            module.letters = rest[0] if rest else ""
        elif word in ("loaded", "failed"):
            yield word == "loaded", " ".join(rest), module
            module = Placed()
        else:
            module.numbers[word] = [int(n) for n in rest]


def place(program, release, lines, *options):
    return subprocess.run([program, release, *options], input="\n".join(lines).encode() + b"\n",
                          stdout=subprocess.PIPE, check=True).stdout


# --- what a kernel did ------------------------------------------------------------------------------


def words(text):
    """The numbers in "symtab ffffffffc0213000 n 78": n and size are decimal, others addresses."""
    parts = ["mod", *text.split()] if len(text.split()) % 2 else text.split()
    return [int(n, 10 if key in ("n", "size", "sizeof", "gpl", "kp") else 16)
            for key, n in zip(parts[::2], parts[1::2])]


class Score:
    def __init__(self):
        self.same, self.differ = {}, 0

    def compare(self, what, where, mine, theirs):
        if mine == theirs:
            self.same[what] = self.same.get(what, 0) + 1
        else:
            self.differ += 1
            print(f"{where}: {what}: {mine}, in the kernel {theirs}")


def compare_record(program, release, files, scratch):
    score, modules = Score(), 0
    with lzma.open(truth(f"relocated-{MACHINES[release]}.json.xz")) as file:
        record = json.load(file)
    for name, module in record.items():
        found = files.get(module["file"])
        data = contents(found) if found else b""
        if hashlib.sha256(data).hexdigest() != module["ko_sha256"]:
            print(f"{name}: not the module of the record, left out")
            continue
        modules += 1
        path = scratch / module["file"]
        path.write_bytes(data)
        lines = [f"at {region} {mem['base']}" for region, mem in module["mem"].items()]
        lines += [f"at percpu {module['percpu'].split()[1]}"]
        lines += [f"symbol {symbol} {address}" for symbol, address in module["undef"].items()]
        # A module that needs nothing is to find nothing, too.
        lines += ["symbol . 0", f"load {path}"]
        nobits = {index for index, *_, digest in module["sections"] if digest is None}
        (loaded, why, mine), = parse(place(program, release, lines, "--bytes"), nobits)
        path.unlink()
        if not loaded:
            print(why)
            score.differ += 1
            continue
        for region, mem in module["mem"].items():
            size = mine.regions.get(region, (0, 0))
            score.compare("regions", f"{name}: {region}", size, (int(mem["base"], 16), mem["size"]))
            if "text" in mem:
                score.compare("limits", f"{name}: {region}", mine.limits[region],
                              [mem["text"], mem["ro"], mem["roai"]])
        for index, section, region, offset, size, _, _, digest in module["sections"]:
            where = f"{name}: {section}"
            got = mine.sections.pop(index, (None,) * 4)
            score.compare("offsets", where, got[:3], (region, offset, size))
            if section not in OFFSET_ONLY and digest is not None:
                score.compare("contents", where, got[3], digest)
        for index in mine.sections:
            score.compare("sections", f"{name}: {index}", "loaded", "not loaded")
        for key in "mod", "init", "percpu", "exports", "kallsyms", "core_kallsyms":
            score.compare(key, name, mine.numbers[key], words(module[key]))
    print(f"{release}: {modules} of {len(record)} modules as the kernel had them: " +
          ", ".join(f"{n} {what}" for what, n in score.same.items()) + f"; {score.differ} differ")
    return score.differ


# --- the rule ---------------------------------------------------------------------------------------

WRITE, ALLOC, EXEC, RO_AFTER_INIT = 1, 2, 4, 0x200000
SYMTAB, NOBITS = 2, 8
MASKS = [(EXEC | ALLOC, 0), (ALLOC, WRITE), (RO_AFTER_INIT | ALLOC, 0), (WRITE | ALLOC, 0)]
TYPES = {False: ("text", "rodata", "ro_after_init", "data"),
         True: ("init_text", "init_rodata", "init_data", "init_data")}


def up(n, align):
    return -(-n // align) * align if align > 1 else n


def letter(info, shndx, headers, name, percpu):
    """What nm(1) calls a symbol, in lower case."""
    if info >> 4 == 2:
        return "v" if info & 15 == 1 else "w"
    if shndx in (0, 0xfff1) or shndx == percpu:
        return "a" if shndx else "U"
    if shndx >= len(headers):
        return "?"
    kind, flags = headers[shndx][1:3]
    if flags & EXEC:
        return "t"
    if kind == NOBITS:
        return "b"
    if flags & ALLOC:
        return "d" if flags & WRITE else "r"
    return "n" if name[shndx].startswith(".debug") else "?"


def by_rule(data, release):
    """({region: size}, {section: (region, offset, size)}, letters of core symbols) of a module."""
    (shoff,), (count, names) = struct.unpack_from("<Q", data, 40), struct.unpack_from("<HH", data, 60)
    headers = [list(struct.unpack_from("<IIQQQQIIQQ", data, shoff + 64 * i)) for i in range(count)]
    strings = headers[names][4]

    def string(at):
        return data[at:data.index(b"\0", at)]

    name = [string(strings + h[0]).decode() for h in headers]
    for h, n in zip(headers, name):
        if n in (".modinfo", "__versions", ".data..percpu"):
            h[2] &= ~ALLOC
        if n in (".data..ro_after_init", "__jump_table"):
            h[2] |= RO_AFTER_INIT
    one_region = release == "6.1"
    sizes, placed = {}, {}

    def put(region, i, size, align):
        offset = up(sizes.get(region, 0), align)
        sizes[region] = offset + size
        if i:
            placed[i] = region, offset, size
        return offset

    for init in False, True:
        for mask, (all_of, none_of) in enumerate(MASKS):
            region = ("core", "init")[init] if one_region else TYPES[init][mask]
            for i, h in enumerate(headers):
                if h[2] & all_of == all_of and not h[2] & none_of and i not in placed and \
                        name[i].startswith(".init") == init:
                    put(region, i, h[5], h[8])
            if one_region:
                sizes[region] = up(sizes.get(region, 0), PAGE)

    symtab = next(i for i, h in enumerate(headers) if h[1] == SYMTAB)
    strtab, size = headers[symtab][6], headers[symtab][5]
    core, init = ("core", "init") if one_region else ("data", "init_data")
    kept, text = "", 0
    percpu = name.index(".data..percpu") if ".data..percpu" in name else 0
    stay = [i in placed and not placed[i][0].startswith("init") or i == percpu != 0
            for i in range(count)]
    begin, names_at = headers[symtab][4], headers[strtab][4]
    for i, (st_name, info, _, shndx, _, _) in enumerate(
            struct.iter_unpack("<IBBHQQ", data[begin:begin + size])):
        if i == 0 or shndx != 0 and shndx < count and st_name != 0 and stay[shndx]:
            kept += letter(info, shndx, headers, name, percpu)
            text += data.index(b"\0", names_at + st_name) - names_at - st_name + 1
    put(init, symtab, size, headers[symtab][8])
    put(core, 0, 24 * len(kept), headers[symtab][8])
    put(core, 0, text + len(kept), 1)
    put(init, strtab, headers[strtab][5], headers[strtab][8])
    put(init, 0, 32, 8)
    put(init, 0, size // 24, 1)
    return {region: up(n, PAGE) for region, n in sizes.items() if n}, placed, kept


def compare_rule(program, release, files, scratch):
    started, score = time.monotonic(), Score()
    spent = 0.0
    paths = list(files.values())
    for begin in range(0, len(paths), 256):
        batch = {}
        for path in paths[begin:begin + 256]:
            data = contents(path)
            if path.suffix != ".ko":
                path = scratch / path.stem
                path.write_bytes(data)
            batch[str(path)] = data
        before = time.monotonic()
        out = place(program, release, [f"load {path}" for path in batch])
        spent += time.monotonic() - before
        answers = list(parse(out))
        score.compare("answers", f"modules from {begin}", len(answers), len(batch))
        for (path, data), (loaded, said, mine) in zip(batch.items(), answers):
            name = pathlib.Path(path).name
            if not loaded:
                score.compare("loaded", name, said, path)
                continue
            regions, sections, kept = by_rule(data, release)
            score.compare("regions", name, {r: n for r, (_, n) in mine.regions.items() if n}, regions)
            score.compare("modules", name, {i: s[:3] for i, s in mine.sections.items()}, sections)
            score.compare("kallsyms", name, (mine.numbers["core_kallsyms"][1], mine.letters),
                          (len(kept), kept))
            if scratch in pathlib.Path(path).parents:
                os.unlink(path)
    print(f"{release}: {len(paths)} modules of the package, by the rule: " +
          ", ".join(f"{n} {what}" for what, n in score.same.items()) +
          f"; {score.differ} differ ({spent:.1f} s of {time.monotonic() - started:.1f} s)")
    return score.differ


def main():
    program, release = sys.argv[1:]
    files = Kernel(release).files()
    with tempfile.TemporaryDirectory() as scratch:
        differ = compare_record(program, release, files, pathlib.Path(scratch))
        differ += compare_rule(program, release, files, pathlib.Path(scratch))
    return differ != 0


if __name__ == "__main__":
    sys.exit(main())
