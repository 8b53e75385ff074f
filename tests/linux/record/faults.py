#!/usr/bin/env python3
"""faults.py VERSION DIRECTORY: makes the modules that the attempts of a record were about.

They are Debian's crc7, small modules of ours, modules/, and what becomes of those when they are
broken in the way that the record names. Where Debian's is not here, or is another build, what is made
of it is left out, and that is said.

faults.py VERSION --check ORIGINALS DIRECTORY: the same, of the modules in the directory ORIGINALS
instead, with which the record was made: are the files those that the kernel was given? faults.json has
their hashes. (Our modules are written anew, and have other bytes; Debian's are the same, and what is
made of them is always checked.)
"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from record import HERE, RELEASES, Kernel, find, skip

sys.path.insert(0, str(HERE.parent / "kernels"))
from mutations import MARK, SECTION, Module, module_signature  # pylint: disable=wrong-import-position

# --- the small modules ------------------------------------------------------------------------------

VERMAGIC = "{} SMP preempt mod_unload modversions "
# The first sections in 6.1: the record mentions the number that .text has.
FIRST = [".note.gnu.build-id", ".note.Linux", ".text"]


def facts(version):
    """What faults.json says of a kernel and of what it was given."""
    return json.loads((HERE / "faults.json").read_text())[version]


def kernel_inc(version, hello_others):
    """modules/kernel.inc."""
    values = {**facts(version)["struct module"], "hello_others": hello_others}
    values |= {f"crc_{name}": int(crc, 16) for name, crc in facts(version)["crcs"].items()}
    # .L: they are the assembler's own, and no symbols of the module.
    return "".join(f".set .L{name}, {value:#x}\n" for name, value in values.items()) + \
        f'.macro vermagic\n  .asciz "vermagic={VERMAGIC.format(RELEASES[version])}"\n.endm\n'


def tool(name):
    for program in f"x86_64-linux-gnu-{name}", name:
        if shutil.which(program):
            return program
    return skip(f"no {name} (Debian: binutils)")


def assembled(source, version, scratch, hello_others=0):
    made, linked = scratch / "made.o", scratch / "linked.ko"
    (scratch / "kernel.inc").write_text(kernel_inc(version, hello_others))
    order = "".join(f"{name} 0 : {{ *({name}) }}\n" for name in FIRST if version == "6.1")
    (scratch / "order.lds").write_text(f"SECTIONS {{\n{order}}}\n")
    subprocess.run([tool("as"), "--64", "-I", scratch, "-I", source.parent, source, "-o", made],
                   check=True)
    subprocess.run([tool("ld"), "-m", "elf_x86_64", "-r", "-T", scratch / "order.lds", made,
                    "-o", linked], check=True)
    return Module(linked.read_bytes())


def ours(version):
    """The small modules, by name."""
    out = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for source in sorted((HERE / "modules").glob("*.s")):
            out[source.stem] = assembled(source, version, scratch)
        missing = facts(version)["sections of hello"] - out["hello"].count
        out["hello"] = assembled(HERE / "modules/hello.s", version, scratch, missing)
    return out


def described(m):
    """What a module of ours has in common with the one that the kernel was given."""
    symbols = m.section(".symtab")
    strings = m.headers[symbols]["link"]
    versions = m.contents("__versions")
    crcs = {versions[at + 8:at + 64].split(b"\0")[0].decode():
            f"{int.from_bytes(versions[at:at + 8], 'little'):#010x}"
            for at in range(0, len(versions), 64)}
    needs = [m.string(strings, int.from_bytes(m.data[at:at + 4], "little"))
             for at in list(m.records(symbols, 24))[1:] if m.data[at + 6:at + 8] == b"\0\0"]
    return {"modinfo": sorted(m.contents(".modinfo").decode().split("\0")), "needs": needs,
            "crcs": crcs, "this_module": size_of(m, ".gnu.linkonce.this_module")}


# --- the mutations ----------------------------------------------------------------------------------


def field(section, name, value):
    """A field of a section's header gets a value, which may depend on the module."""
    def change(m):
        at = m.shoff + 64 * m.section(section) + SECTION[name].at
        return m.with_value(at, SECTION[name].form, value(m) if callable(value) else value)
    return change


def header(at, form, value):
    return lambda m: m.with_value(at, form, value(m) if callable(value) else value)


def size_of(m, section):
    return m.headers[m.section(section)]["size"]


def place(m, section, text, skip=0):
    """Where a text is in a section, or skip bytes on."""
    at = m.headers[m.section(section)]["offset"]
    return m.data.index(text, at, at + size_of(m, section)) + skip


def put(section, text, new, skip=0):
    """Of a section, what begins at a text, or skip bytes from there, is replaced."""
    def change(m):
        at = place(m, section, text, skip)
        return m.data[:at] + new + m.data[at + len(new):]
    return change


def info(text, new, skip=0):
    return put(".modinfo", text, new, skip)


def version(symbol, at, form, change):
    """Of the entry of a symbol in __versions, a field."""
    def changed(m):
        entry = place(m, "__versions", symbol + b"\0", -8) + at
        old = int.from_bytes(m.data[entry:entry + 1], "little")
        return m.with_value(entry, form, change(old))
    return changed


def renamed(section):
    """The last letter of a section's name is an X."""
    def change(m):
        at = m.headers[m.names]["offset"] + m.headers[m.section(section)]["name"] + len(section) - 1
        return m.with_value(at, "B", ord("X"))
    return change


def symbol(name, **fields):
    """shndx and value of a symbol."""
    def change(m):
        table = m.section(".symtab")
        for at in m.records(table, 24):
            offset = int.from_bytes(m.data[at:at + 4], "little")
            if m.string(m.headers[table]["link"], offset) == name:
                data = m.with_value(at + 6, "H", fields["shndx"])
                value = (fields.get("value", 0)).to_bytes(8, "little")
                return data[:at + 8] + value + data[at + 16:]
        raise KeyError(name)
    return change


def relocation(section, types, at, form, value):
    """The first relocation of these types in a section."""
    def change(m):
        for record in m.records(m.section(section), 24):
            if int.from_bytes(m.data[record + 8:record + 12], "little") in types:
                return m.with_value(record + at, form, value)
        raise KeyError(section)
    return change


def both(first, second):
    return lambda m: second(Module(first(m)))


def first_call(at, form, value):
    return relocation(".rela.init.text", (2, 4), at, form, value)


def signed(at, change):
    """A byte of a module with its signature, from its start or its end."""
    return lambda m: m.signed[:at % len(m.signed)] + bytes([change(m.signed[at])]) + \
        m.signed[at % len(m.signed) + 1:]


def as_it_is(m):
    return m.signed


WRONG_CRC = version(b"_printk", 0, "B", lambda old: old ^ 0xff)
NOT_SMP = info(b"SMP", b"SMQ")
KERNEL_ID = len(MARK) + 10  # of struct module_signature, from the end of the file

# name of a file: of which module, and what is done to it.
HELLO = {
    "h_magic": header(1, "B", ord("F")),
    "h_data_be": header(5, "B", 2),
    "h_osabi": header(7, "B", 255),
    "h_mach_arm64": header(18, "H", 183),
    "h_version9": header(20, "I", 9),
    "h_entry": header(24, "Q", 0x1234),
    "h_flags": header(48, "I", 0xdeadbeef),
    "h_shnum_big": header(60, "H", 0xffff),
    "h_shstrndx_text": header(62, "H", lambda m: m.section(".text")),
    "h_shstrndx_xindex": header(62, "H", 0xffff),
    "t_trunc0": lambda m: b"",
    "t_trunc100": lambda m: m.data[:100],
    "t_trunc_half": lambda m: m.data[:m.size // 2],
    "t_trunc_m1": lambda m: m.data[:-1],
    "t_sigmark": lambda m: m.data + MARK,
    "t_sigid1": lambda m: m.data + module_signature(kind=1) + MARK,
    "t_siggarbage": lambda m: m.data + b"0\x82" + b"A" * 254 + module_signature(size=256) + MARK,
    "s_sec0_type": field("", "type", 1),
    "s_name_oob": field(".text", "name", 0x7fffffff),
    "s_name_end": field(".text", "name", lambda m: m.headers[m.names]["size"]),
    "s_off_oob": field(".text", "offset", 1 << 40),
    "s_off_wrap": field(".text", "offset", -16),
    "s_nobits_16m": field(".bss", "size", 1 << 24),
    "s_nobits_offoob": field(".bss", "offset", 1 << 40),
    "s_align3": field(".init.text", "align", 3),
    "s_align64k": field(".bss", "align", 1 << 16),
    "s_shstr_empty": field(".shstrtab", "size", 0),
    "s_str_noterm": lambda m: m.with_value(
        m.headers[m.section(".strtab")]["offset"] + size_of(m, ".strtab") - 1, "B", ord("A")),
    "s_str_empty": field(".strtab", "size", 0),
    "s_symlink_bad": field(".symtab", "link", 0xffff),
    "s_twosymtab": field(".comment", "type", 2),
    "s_sym_entsize": field(".symtab", "entsize", 7),
    "s_sym_size1": field(".symtab", "size", lambda m: size_of(m, ".symtab") - 1),
    "s_modinfo_alloc": as_it_is,
    "s_modinfo_nobits": field(".modinfo", "type", 8),
    "s_modinfo_empty": field(".modinfo", "size", 0),
    "s_nothis": renamed(".gnu.linkonce.this_module"),
    "s_this_nobits": field(".gnu.linkonce.this_module", "type", 8),
    "s_ver_badsize": field("__versions", "size", 65),
    "s_ver_renamed": renamed("__versions"),
    "m_lic_none": info(b"license=", b"X", 6),
    "m_staging": info(b"description=ktruth", b"staging=Y\0alias=xy"),
    "m_livepatch": info(b"description=ktruth", b"livepatch=Y\0alias="),
    "m_namelong": info(b"name=hello", b"xxxxx", 5),
    "m_vermagic_none": info(b"vermagic=", b"X", 7),
    "m_vermagic_trunc": info(b"vermagic=", bytes(8), 9),
    "m_vermagic_smp": NOT_SMP,
    "m_vermagic_nocrc": both(info(b"vermagic=", b"7", 13), renamed("__versions")),
    "v_printk": WRONG_CRC,
    "v_missing": version(b"_printk", 13, "B", lambda old: ord("z")),
    "v_layoutmissing": version(b"module_layout", 20, "B", lambda old: ord("X")),
    "f_flags1": as_it_is,
    "f_flags2": as_it_is,
    "f_flags3": as_it_is,
    "f_flags4": as_it_is,
    "f_smp_flags2": NOT_SMP,
    "f_crc_flags1": WRONG_CRC,
    "r_type5": first_call(8, "I", 5),
    "r_type8": first_call(8, "I", 8),
    "r_type9": first_call(8, "I", 9),
    "r_type42": first_call(8, "I", 42),
    "r_type99": first_call(8, "I", 99),
    "r_pc32_overflow": first_call(16, "Q", 1 << 40),
    "r_32_overflow": relocation(".rela.gnu.linkonce.this_module", (1,), 8, "I", 10),
}
PROPRIETARY = info(b"license=GPL", b"PRP", 8)
FAULTS = {name: ("hello", change) for name, change in HELLO.items()} | {
    "y_livepatch": ("kt_unksym", symbol("kt_nowhere2", shndx=0xff20)),
    "y_abs": ("kt_unksym", symbol("kt_nowhere_function", shndx=0xfff1, value=0xffffffff81000000)),
    "kt_user_early": ("kt_user", as_it_is),
    "i_user": ("kt_user", as_it_is),
    "n_nons": ("kt_user", info(b"import_ns=KTNS", b"X", 13)),
    "p_user": ("kt_user", PROPRIETARY),
    "p_exp": ("kt_exp", PROPRIETARY),
    "i_user_order": ("kt_user_order", as_it_is),
    "g_crc7": ("crc7", as_it_is),
    "g_crc7_stripped": ("crc7", lambda m: m.data),
    "g_crc7_tampered": ("crc7", signed(0x40, lambda old: old ^ 1)),
    "g_crc7_badsig": ("crc7", signed(-90, lambda old: old ^ 0xff)),
    "g_crc7_sigid": ("crc7", signed(-KERNEL_ID, lambda old: 1)),
} | {name: (name, as_it_is) for name in (
    "hello", "kt_exp", "kt_exp2", "kt_user", "kt_weak", "kt_unksym", "kt_noinit", "kt_noexit",
    "kt_param")}


def make(modules):
    """{name: bytes} of what can be made of these modules."""
    return {name: change(modules[source]) for name, (source, change) in FAULTS.items()
            if source in modules}


# --- the files --------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def crc7(version):
    """Debian's, if it is the one of the record."""
    data = Kernel(version).module("lib/crc7") if find(version) else None
    if data and sha256(data) == facts(version)["sha256"]["g_crc7"]:
        return {"crc7": Module(data)}
    print(f"not made: what is made of lib/crc7.ko of {RELEASES[version]}, which is not here")
    return {}


def originals(directory):
    """The modules with which the record was made. One of them goes by the name of its attempt."""
    names = {source: source for source, _ in FAULTS.values()}
    names |= {"kt_user_order": "i_user_order", "crc7": "g_crc7"}
    return {name: Module((pathlib.Path(directory) / f"{file}.ko").read_bytes())
            for name, file in names.items()}


def main():
    version, *given, directory = sys.argv[1:]
    if given:
        modules, checked = originals(given[1]), set(FAULTS)
    else:
        modules = ours(version) | crc7(version)
        checked = {name for name, (source, _) in FAULTS.items() if source == "crc7"}
    differ = 0
    for name, what in facts(version)["modules"].items():
        if (made := described(modules[name])) != what:
            differ += 1
            print(f"{name}: {made}, and the kernel was given {what}")
    for name, data in make(modules).items():
        (pathlib.Path(directory) / f"{name}.ko").write_bytes(data)
        if name in checked and sha256(data) != facts(version)["sha256"][name]:
            differ += 1
            print(f"{name}.ko: not the file that the kernel was given")
    return differ != 0


if __name__ == "__main__":
    sys.exit(main())
