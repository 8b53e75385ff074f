"""Kernel modules for x86-64, made byte by byte: as little of one as loads, and names of any bytes."""

import struct

WRITE, ALLOC, EXEC = 1, 2, 4
PROGBITS, SYMTAB, STRTAB, RELA = 1, 2, 3, 4
PLT32, PREL32 = 4, 2  # R_X86_64_PLT32, R_X86_64_PC32
VERMAGIC = b"6.1.0 SMP mod_unload "


class Strings:
    def __init__(self):
        self.bytes, self.at = bytearray(b"\0"), {}

    def add(self, string):
        if string not in self.at:
            self.at[string] = len(self.bytes)
            self.bytes += string + b"\0"
        return self.at[string]


def module(name, exports=(), needs=(), sections=(), info=(), vermagic=VERMAGIC, license=b"GPL"):
    """A .ko of that name, all in bytes. `sections` are (name, contents) of more that are allocated;
    `info` more strings of .modinfo."""
    strings = Strings()
    text = bytearray(b"\xc3" * 16)
    symbols = [(b"", 0, 0, 0)]  # name, info, section, value
    text_relocations, export_relocations = [], []
    symbols.append((b"names", 3, 4, 0))  # the section of exported names
    symbols.append((b"init_module", 0x12, 1, 0))
    symbols.append((b"cleanup_module", 0x12, 1, 1))
    for need in needs:
        text_relocations.append((len(text) + 1, len(symbols), PLT32, -4))
        text += b"\xe8\0\0\0\0"
        symbols.append((need, 0x10, 0, 0))
    names, table = bytearray(b"\0"), b""
    for export in exports:
        at = len(table)
        export_relocations.append((at, len(symbols), PREL32, 0))
        export_relocations.append((at + 4, 1, PREL32, len(names)))
        export_relocations.append((at + 8, 1, PREL32, 0))
        names += export + b"\0"
        table += bytes(12)
        symbols.append((export, 0x12, 1, 2))
    symtab = b"".join(struct.pack("<IBBHQQ", strings.add(s), kind, 0, section, value, 0)
                      for s, kind, section, value in symbols)

    def rela(records):
        return b"".join(struct.pack("<QQq", at, symbol << 32 | kind, addend) for at, symbol, kind, addend in records)

    modinfo = b"".join(s + b"\0" for s in [b"license=" + license, b"intree=Y", b"retpoline=Y", b"vermagic=" + vermagic, *info])
    this_module = bytearray(896)
    this_module[24:24 + min(len(name), 55)] = name[:55]
    all_sections = [
        # name, type, flags, contents, link, info, alignment, entry size
        (b".text", PROGBITS, ALLOC | EXEC, bytes(text), 0, 0, 16, 0),
        (b".modinfo", PROGBITS, ALLOC, modinfo, 0, 0, 1, 0),
        (b".gnu.linkonce.this_module", PROGBITS, ALLOC | WRITE, bytes(this_module), 0, 0, 64, 0),
        (b"__ksymtab_strings", PROGBITS, ALLOC, bytes(names), 0, 0, 1, 0),
        (b"__ksymtab", PROGBITS, ALLOC, table, 0, 0, 4, 0),
        (b".symtab", SYMTAB, 0, symtab, 7, 2, 8, 24),
        (b".strtab", STRTAB, 0, bytes(strings.bytes), 0, 0, 1, 0),
        (b".rela.text", RELA, 0, rela(text_relocations), 6, 1, 8, 24),
        (b".rela__ksymtab", RELA, 0, rela(export_relocations), 6, 5, 8, 24),
        *((called, PROGBITS, ALLOC, contents, 0, 0, 1, 0) for called, contents in sections),
    ]
    section_names = Strings()
    for called, *_ in all_sections:
        section_names.add(called)
    shstrndx = len(all_sections) + 1
    section_names.add(b".shstrtab")
    all_sections.append((b".shstrtab", STRTAB, 0, bytes(section_names.bytes), 0, 0, 1, 0))
    body, headers = bytearray(64), bytearray(64)
    for called, kind, flags, contents, link, extra, alignment, entry in all_sections:
        body += bytes(-len(body) % alignment)
        headers += struct.pack("<IIQQQQIIQQ", section_names.at[called], kind, flags, 0, len(body),
                               len(contents), link, extra, alignment, entry)
        body += contents
    body += bytes(-len(body) % 8)
    body[:64] = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 62, 1, 0, 0, len(body), 0, 64, 0, 0,
                            64, shstrndx + 1, shstrndx)
    return bytes(body + headers)


def kernel(directory, names=()):
    """The options of kmodcheck for a kernel that takes them, and exports those names: (name, owner)."""
    symvers, config = directory / "Module.symvers", directory / "config"
    lines = [(b"module_layout", b"vmlinux"), *names]
    symvers.write_bytes(b"".join(b"0x00000001\t%b\t%b\tEXPORT_SYMBOL\t\n" % line for line in lines))
    config.write_text("CONFIG_MODULES=y\n# CONFIG_MODVERSIONS is not set\n# CONFIG_MODULE_SIG is not set\n")
    return ["--kernel", "6.1", "--symvers", symvers, "--config", config, "--vermagic", VERMAGIC.decode()]
