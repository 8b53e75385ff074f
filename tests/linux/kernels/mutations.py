"""Modules, and the ways in which they are broken here. A mutation is of a kind; of each kind as many
are chosen. The same seed chooses the same mutations."""

import collections
import lzma
import random
import struct

MARK = b"~Module signature appended~\n"
NAME, NAME_SIZE = 24, 56  # of struct module::name

# kind: what is broken; how: what exactly; bytes: the broken module, made when it is needed;
# module: what it is called when it is loaded.
Mutation = collections.namedtuple("Mutation", "kind how bytes module command arguments",
                                  defaults=("ins", ""))


class Module:
    """A module, without its signature."""

    def __init__(self, data):
        self.signed, self.data = data, unsigned(data)
        self.size = len(self.data)
        self.shoff, = struct.unpack_from("<Q", self.data, 40)
        self.count, self.names = struct.unpack_from("<HH", self.data, 60)
        self.headers = [dict(zip(SECTION, struct.unpack_from("<IIQQQQIIQQ", self.data, at)))
                        for at in range(self.shoff, self.shoff + 64 * self.count, 64)]
        self.section_names = [self.string(self.names, header["name"]) for header in self.headers]
        self.name = self.string(self.section(".gnu.linkonce.this_module"), NAME)

    def string(self, section, offset):
        at = self.headers[section]["offset"] + offset
        return self.data[at:self.data.index(b"\0", at)].decode()

    def section(self, name):
        """Its index; 0 if there is none."""
        return self.section_names.index(name) if name in self.section_names else 0

    def records(self, section, size):
        """Where each record of a section is in the file."""
        at = self.headers[section]["offset"]
        return range(at, at + self.headers[section]["size"] // size * size, size)

    def contents(self, name):
        header = self.headers[self.section(name)]
        return self.data[header["offset"]:header["offset"] + header["size"]]

    def with_value(self, at, form, value):
        size = struct.calcsize(form)
        value = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        return self.data[:at] + value + self.data[at + size:]

    def with_contents(self, name, contents):
        """The section's contents are at the end of the file, and a string that it breaks off goes on."""
        header = self.shoff + 64 * self.section(name) + SECTION["offset"].at
        data = bytearray(self.data + bytes(-self.size % 8))
        struct.pack_into("<QQ", data, header, len(data), len(contents))
        return bytes(data) + contents + b"x\0"


def unsigned(data):
    if not data.endswith(MARK):
        return data
    length, = struct.unpack_from(">I", data, len(data) - len(MARK) - 4)
    return data[:len(data) - len(MARK) - 12 - length]


# --- what is broken: where it is, how it is written, what it becomes --------------------------------

Field = collections.namedtuple("Field", "at form values")
MAX = -1  # as much as the field holds

HEADER = {
    "ei_mag0": Field(0, "B", lambda m: [0, 0x7e]),
    "ei_mag1": Field(1, "B", lambda m: [0]),
    "ei_mag3": Field(3, "B", lambda m: [0]),
    "ei_class": Field(4, "B", lambda m: [0, 1, 3]),
    "ei_data": Field(5, "B", lambda m: [0, 2]),
    "ei_version": Field(6, "B", lambda m: [0, 2]),
    "e_type": Field(16, "H", lambda m: [0, 2, 3, 4, 0xff00]),
    "e_machine": Field(18, "H", lambda m: [0, 3, 40, 183, 243, MAX]),
    "e_version": Field(20, "I", lambda m: [0, 2]),
    "e_phoff": Field(32, "Q", lambda m: [64, 1 << 60]),
    "e_shoff": Field(40, "Q", lambda m: [
        0, 1, 64, m.size - 64, m.size - 1, m.size, m.size + 1, m.shoff - 64, m.shoff + 1,
        m.shoff + 64, 1 << 40, -64, MAX]),
    "e_ehsize": Field(52, "H", lambda m: [0, 1]),
    "e_phentsize": Field(54, "H", lambda m: [0, 56]),
    "e_phnum": Field(56, "H", lambda m: [1, MAX]),
    "e_shentsize": Field(58, "H", lambda m: [0, 40, 63, 65, 128]),
    "e_shnum": Field(60, "H", lambda m: [0, 1, 2, m.count - 3, m.count - 1, m.count + 1, 0xff00,
                                         MAX]),
    "e_shstrndx": Field(62, "H", lambda m: [0, 1, m.count - 3, m.count - 2, m.count, 0xff00, 0xfff1,
                                            MAX]),
}
SECTION = {  # of a section header, in its order; the values from the one it has
    "name": Field(0, "I", lambda m, old: [0, 1, old + 1, m.headers[m.names]["size"] - 1,
                                          m.headers[m.names]["size"], MAX]),
    "type": Field(4, "I", lambda m, old: [0, 1, 2, 3, 4, 7, 8, 9, 14, 17, 0x70000001, MAX]),
    "flags": Field(8, "Q", lambda m, old: [0, 1, 2, 3, 4, 5, 6, 7, old ^ 1, old ^ 2, old ^ 4,
                                           old | 1 << 20, old | 1 << 21, old | 1 << 28, MAX]),
    "addr": Field(16, "Q", lambda m, old: [1, MAX]),
    "offset": Field(24, "Q", lambda m, old: [0, 1, old + 1, m.size - 1, m.size, 1 << 40, MAX]),
    # What has more than 32 bits the kernel cuts, and goes on; relo refuses it.
    "size": Field(32, "Q", lambda m, old: [0, 1, old - 1, old + 1, 2 * old, m.size, 1 << 31]),
    "link": Field(40, "I", lambda m, old: [0, 1, old + 1, m.count - 1, m.count, 0xffff, MAX]),
    "info": Field(44, "I", lambda m, old: [0, 1, old + 1, m.count, MAX]),
    "align": Field(48, "Q", lambda m, old: [0, 1, 2, 3, 16, 4096, 65536, 1 << 20]),
    "entsize": Field(56, "Q", lambda m, old: [0, 1, 7, MAX]),
}
SYMBOL = {
    "name": Field(0, "I", lambda m, old: [0, 1, old + 1, MAX]),
    "info": Field(4, "B", lambda m, old: [0, 0x10, 0x11, 0x12, 0x16, 0x1a, 0x20, 0xa0, old ^ 0x10]),
    "shndx": Field(6, "H", lambda m, old: [0, 1, 2, m.count - 1, m.count, 0xfeff, 0xff00, 0xff20,
                                           0xfff1, 0xfff2, MAX]),
    "value": Field(8, "Q", lambda m, old: [0, 1, old + 1, 1 << 40, MAX]),
}
RELOCATION = {
    "offset": Field(0, "Q", lambda m, old: [0, 1, old + 1, 1 << 40, MAX]),
    "type": Field(8, "I", lambda m, old: [*range(45), 99, 255, 256, MAX]),
    "symbol": Field(12, "I", lambda m, old: [0, 1, old + 1, 0xffffff, MAX]),
    "addend": Field(16, "Q", lambda m, old: [0, 1, old + 1, 1 << 31, 1 << 32, 1 << 40, -(1 << 31),
                                             (1 << 63) - 1, MAX]),
}
AT_END = [-8, -7, -4, -3, -1, 0]  # a place, from the end of the section that is relocated

TRUNCATED = [1, 2, 27, 28, 29, 40, 41, 63, 64, 65, 66, 127]
FROM_END = [1, 2, 63, 64, 65, 1000]
PADDED = [1, 8, 4096]
FLAGS = [1, 2, 3, 4, 5, 8, 16, 1 << 31]  # of finit_module


def module_signature(algo=0, digest=0, kind=2, signer=0, key=0, pad=0, size=0):
    """struct module_signature."""
    return struct.pack(">8BI", algo, digest, kind, signer, key, 0, 0, pad, size)


SIGNATURES = {
    "mark": MARK,
    "mark without newline": MARK[:-1],
    "mark twice": MARK * 2,
    "size 0": module_signature() + MARK,
    "size 1": b"x" + module_signature(size=1) + MARK,
    "size MAX": module_signature(size=0xffffffff) + MARK,
    "kind 0": b"xxxx" + module_signature(kind=0, size=4) + MARK,
    "algorithm": b"xxxx" + module_signature(algo=1, size=4) + MARK,
    "digest": b"xxxx" + module_signature(digest=1, size=4) + MARK,
    "signer": b"xxxx" + module_signature(signer=1, size=4) + MARK,
    "key": b"xxxx" + module_signature(key=1, size=4) + MARK,
    "padding": b"xxxx" + module_signature(pad=1, size=4) + MARK,
    "zeros": b"\x30\x82\x01\x00" + bytes(256) + module_signature(size=260) + MARK,
}
SIGNED = {  # of a module with its signature; d: the bytes, n: their number without the signature
    "intact": lambda d, n: d,
    "a byte of the module": lambda d, n: d[:n // 2] + bytes([d[n // 2] ^ 1]) + d[n // 2 + 1:],
    "a byte of the certificate's issuer": lambda d, n: d[:n + 80] + b"\0" + d[n + 81:],
    "the signature's last byte": lambda d, n: d[:-41] + bytes([d[-41] ^ 1]) + d[-40:],
    "the signature's first byte": lambda d, n: d[:n] + b"\0" + d[n + 1:],
    "a byte less": lambda d, n: d[:n - 1] + d[n:],
    "a byte more": lambda d, n: d[:n] + b"\0" + d[n:],
    "the signature twice": lambda d, n: d + d[n:],
    "mark twice": lambda d, n: d + MARK,
    "mark damaged": lambda d, n: d[:-2] + b"\0\n",
}
COMPRESSED = {
    "nothing": lambda d: b"",
    "a zero": lambda d: b"\0",
    "magic of gzip": lambda d: b"\x1f\x8b\x08",
    "magic of xz": lambda d: b"\xfd7zXZ\0",
    "magic of zstd": lambda d: b"\x28\xb5\x2f\xfd",
    "xz": lambda d: lzma.compress(d, check=lzma.CHECK_CRC32),
    "xz, CRC-64": lambda d: lzma.compress(d, check=lzma.CHECK_CRC64),
    "xz, cut": lambda d: lzma.compress(d, check=lzma.CHECK_CRC32)[:-30],
    "xz of the beginning": lambda d: lzma.compress(d[:1000], check=lzma.CHECK_CRC32),
    "xz of nothing": lambda d: lzma.compress(b"", check=lzma.CHECK_CRC32),
}

LICENSES = ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL",
            "Dual MPL/GPL", "Proprietary", "MIT", "", "gpl", "GPL v3", "GPL\n", "BSD", "x" * 300]
VERMAGICS = {
    "a character less": lambda v: v[:-1],
    "a space more": lambda v: v + b" ",
    "a letter more": lambda v: v + b"x",
    "the release only": lambda v: v.split(b" ")[0],
    "a space first": lambda v: b" " + v,
    "a letter first": lambda v: b"y" + v,
    "another release": lambda v: b"x " + v.split(b" ", 1)[1],
    "without SMP": lambda v: v.replace(b"SMP ", b""),
    "without preempt": lambda v: v.replace(b"preempt ", b""),
    "without modversions": lambda v: v.replace(b"modversions ", b""),
    "in capitals": lambda v: v.upper(),
    "long": lambda v: b"x" * 250,
}
TAGS = ["staging=Y", "intree=Y", "livepatch=Y", "test=Y", "retpoline=N", "import_ns=X", "import_ns=",
        "version=1.0", "srcversion=1", "alias=x", "name=", "=x", "x", "parm=a:b", "firmware=x",
        "async_probe=1", "blah" * 100]
ENTRIES = {  # i is which
    "left out": lambda e, i: e[:i] + e[i + 1:],
    "first": lambda e, i: [e[i]] + e[:i] + e[i + 1:],
    "twice": lambda e, i: e + [e[i]],
    "empty": lambda e, i: e[:i] + [e[i].split(b"=")[0] + b"="] + e[i + 1:],
}
MODINFO = {
    "empty": lambda c: b"",
    "a zero": lambda c: b"\0",
    "unterminated": lambda c: c.rstrip(b"\0"),
    "zeros first": lambda c: bytes(3) + c,
    "zeros between": lambda c: c.replace(b"\0", bytes(3)),
}
NAMES = ["", "a", "x" * 55, "x" * 56, "hello-x", "a/b", "..", ".", "sys/x", "ext4"]

# {p} is a parameter that is an int.
PARAMETERS = [
    "{p}=5", "{p}=0x10", "{p}=08", "{p}=1 {p}=2", "{p}=2147483648", "{p}=-2147483649", "{p}=abc",
    "{p}", "{p}=", "{p}=5x", "{p}= 5", "{p} =5", '{p}="5"', '"{p}"=5', "{p}='5'", "{p}=5,6", "{p}=+5",
    "{p}=--5", "{p}=5 nosuch=1", "nosuch", "nosuch=1 {p}=bad", "{p}=bad nosuch=1", "=5", "=", '"',
    '""', " ", "--", "-- {p}=1", "{p}=1 -- x", "--{p}=1", "{p}=1\t", "async_probe", "async_probe=1",
    "async_probe=x", "dyndbg", "dyndbg=+p", "dyndbg=garbage", "{m}.dyndbg=+p", "dyndbg.x=1", "{m}=1",
    'nosuch="a b" {p}=3', '"nosuch=a b"', "nosuch=%s", "nosuch-dash=1",
]
TYPED = {  # by the parameter's type, as .modinfo has it
    "bool": ["", "=", "=0", "=Y", "=on", "=off", "=of", "=x", "=2"],
    "invbool": ["", "=0", "=N", "=x"],
    "charp": ["", "=", "=abc", '=" a', '="a b"', "=%s", '=\\"', '=a"b'],
    "byte": ["=255", "=-1", "=0x100"],
    "ulong": ["=-1", "=0xffffffffffffffff", "=18446744073709551616"],
    "string": ["", "=", "=12345678", "=" + "1234567890" * 3],
    "array of int": ["", "=", "=1", "=1,", "=1,2,3,4", "=,"],
}


# --- all there are ----------------------------------------------------------------------------------


def of_fields(m, kind, fields, at, what, *old):
    """One field after the other; kind is with {} for the field's name."""
    for name, field in fields.items():
        before = [struct.unpack_from("<" + field.form, m.data, at + field.at)[0]] if old else []
        for value in field.values(m, *before):
            yield Mutation(kind.format(name), f"{m.name}: {what} {name} = {value:#x}",
                           lambda a=at + field.at, f=field.form, v=value: m.with_value(a, f, v),
                           m.name)


def of_file(m):
    def loaded(kind, how, data, *more):
        return Mutation(kind, f"{m.name}: {kind} {how}", data, m.name, *more)

    for size in TRUNCATED + [m.size // 3] + [m.size - n for n in FROM_END]:
        for command in "ins", "insmem":
            yield loaded("truncated to", size, lambda n=size: m.data[:n], command)
    for n in PADDED:
        yield loaded("padded", n, lambda n=n: m.data + bytes(n))
    for flags in FLAGS:
        yield loaded("flags", flags, lambda: m.data, f"insf{flags}")
    for how, end in SIGNATURES.items():
        for command in "ins", "insmem", "insf1", "insf2":
            yield loaded("bad signature:", f"{how}, {command}", lambda e=end: m.data + e, command)
    if m.signed != m.data:
        for how, change in SIGNED.items():
            for command in "ins", "insmem", "insf1", "insf2":
                yield loaded("signed:", f"{how}, {command}", lambda c=change: c(m.signed, m.size),
                             command)
    for how, change in COMPRESSED.items():
        for command in "ins", "insf4":
            yield loaded("compressed:", f"{how}, {command}", lambda c=change: c(m.data), command)


def of_tables(m):
    yield from of_fields(m, "header {}", HEADER, 0, "header")
    for i, name in enumerate(m.section_names):
        what = f"section {name}"
        yield from of_fields(m, what, SECTION, m.shoff + 64 * i, what, "old")
    for i, at in enumerate(m.records(m.section(".symtab"), 24)):
        yield from of_fields(m, "symbol {}", SYMBOL, at, f"symbol {i}", "old")
    for section, header in enumerate(m.headers):
        if header["type"] != 4:
            continue
        kind = f"relocation of {m.section_names[header['info']]}"
        end = m.headers[header["info"]]["size"]
        for i, at in enumerate(m.records(section, 24)[:12]):
            yield from of_fields(m, kind, RELOCATION, at, f"{kind} {i}", "old")
            for n in AT_END:
                yield Mutation(kind, f"{m.name}: {kind} {i} offset = {end + n:#x}",
                               lambda a=at, v=end + n: m.with_value(a, "Q", v), m.name)


def of_modinfo(m):
    entries = [entry for entry in m.contents(".modinfo").split(b"\0") if entry]

    def changed(kind, how, change):
        return Mutation(kind, f"{m.name}: {kind} {how}",
                        lambda: m.with_contents(".modinfo", change()), m.name)

    def listed(kind, how, change):
        return changed(kind, how, lambda: b"".join(entry + b"\0" for entry in change()))

    for i, entry in enumerate(entries):
        tag, value = entry.split(b"=", 1)
        values = {}
        if tag == b"license":
            values = {license: license.encode() for license in LICENSES}
        elif tag == b"vermagic":
            values = {how: change(value) for how, change in VERMAGICS.items()}
        for how, new in values.items():
            yield listed(tag.decode(), how, lambda i=i, e=tag + b"=" + new:
                         entries[:i] + [e] + entries[i + 1:])
        for how, change in ENTRIES.items():
            yield listed("modinfo entry", f"{entry[:30].decode()} {how}",
                         lambda i=i, c=change: c(entries, i))
    for tag in TAGS:
        yield listed("modinfo with", tag[:30], lambda t=tag: entries + [t.encode()])
        yield listed("modinfo with", f"{tag[:30]} first", lambda t=tag: [t.encode()] + entries)
    for how, change in MODINFO.items():
        yield changed("modinfo", how, lambda c=change: c(m.contents(".modinfo")))


def of_versions(m):
    section = m.section("__versions")
    for i, at in enumerate(m.records(section, 64)):
        crc, = struct.unpack_from("<Q", m.data, at)
        for what, offset, form, value in (("crc + 1", 0, "Q", crc + 1), ("crc, high half", 4, "I", 1),
                                          ("no crc", 0, "Q", 0), ("name", 8, "B", 0x58),
                                          ("name's end", 63, "B", 0x58)):
            for command in "ins", "insf1", "insf2":
                yield Mutation(f"version: {what}", f"{m.name}: version {i}: {what}, {command}",
                               lambda a=at + offset, f=form, v=value: m.with_value(a, f, v), m.name,
                               command)
    whole = m.headers[section]["size"]
    for size in 0, 1, 32, 63, 64, whole - 64, whole - 1, whole + 64:
        yield Mutation("versions' size", f"{m.name}: __versions has {size} bytes",
                       lambda s=size, a=m.shoff + 64 * section + SECTION["size"].at:
                       m.with_value(a, "Q", s), m.name)


def of_this_module(m):
    section = m.section(".gnu.linkonce.this_module")
    at, size = m.headers[section]["offset"], m.headers[section]["size"]
    for name in NAMES:
        bytes_ = name.encode().ljust(NAME_SIZE, b"\0")
        yield Mutation("module's name", f"{m.name}: called '{name}'",
                       lambda b=bytes_: m.data[:at + NAME] + b + m.data[at + NAME + NAME_SIZE:],
                       name[:NAME_SIZE - 1])
    for offset in range(0, size, 64):
        yield Mutation("this_module", f"{m.name}: this_module, byte {offset}",
                       lambda o=offset: m.with_value(at + o, "B", 1), m.name)


def of_parameters(m):
    types = [entry.removeprefix(b"parmtype=").decode().split(":", 1)
             for entry in m.contents(".modinfo").split(b"\0") if entry.startswith(b"parmtype=")]
    for name, kind in types:
        for arguments in PARAMETERS if kind == "int" else []:
            arguments = arguments.format(p=name, m=m.name)
            yield Mutation("parameters", f"{m.name}: parameters {arguments!r}", lambda: m.data,
                           m.name, "ins", arguments)
        for value in TYPED.get(kind, []):
            yield Mutation(f"parameter, {kind}", f"{m.name}: parameters {name + value!r}",
                           lambda: m.data, m.name, "ins", name + value)


def choose(modules, count, seed):
    """So many mutations of these modules, as many of each kind, in any order."""
    kinds = collections.defaultdict(list)
    for module in modules:
        for of in of_file, of_tables, of_modinfo, of_versions, of_this_module, of_parameters:
            for mutation in of(module):
                kinds[mutation.kind].append(mutation)
    generator = random.Random(seed)
    for mutations in kinds.values():
        generator.shuffle(mutations)
    chosen, rounds = [], list(kinds.values())
    while len(chosen) < count and rounds:
        generator.shuffle(rounds)
        chosen += [mutations.pop() for mutations in rounds]
        rounds = [mutations for mutations in rounds if mutations]
    return chosen[:count]
